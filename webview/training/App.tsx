import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { z } from 'zod';
import { epochMetrics } from '../../protocol/sidecar';
import { type FromTraining, type ToTraining, trainingState } from '../../protocol/webview';
import { Button, ProgressRing } from '../shared/controls';
import { formatCount, formatDuration, formatPercent, formatValue, plural } from '../shared/format';
import type { Host } from '../shared/host';
import { Icon, type IconName } from '../shared/icons';
import { Chart } from './Chart';
import { advance, fractionDone, isFinal, type Progress, progressFrom } from './progress';

export type TrainingHost = Host<ToTraining, FromTraining>;

/** All that is on screen, so that a panel that was hidden is whole before the extension answers. */
export const savedProgress = z.object({
  state: trainingState,
  batches: z.array(z.object({ x: z.number(), loss: z.number(), accuracy: z.number().nullable() })),
  epochs: z.array(epochMetrics),
  warnings: z.array(z.string()),
  batchesPerEpoch: z.number().nullable(),
  latest: z
    .object({ epoch: z.number(), batch: z.number(), examplesPerSecond: z.number(), secondsLeft: z.number() })
    .nullable(),
  params: z.number().nullable(),
});

const phaseNames: Record<Progress['state']['phase'], string> = {
  starting: 'Preparing the data',
  running: 'Training',
  cancelling: 'Stopping after this batch',
  finished: 'Finished',
  cancelled: 'Stopped: what was learned until then is kept',
  failed: 'Failed',
  interrupted: 'Interrupted',
};

export function App({ host, saved }: { host: TrainingHost; saved: Progress | undefined }): VNode {
  const [progress, setProgress] = useState<Progress | null>(saved ?? null);
  const received = useRef(performance.now());

  useEffect(() => {
    host.listen((message) => {
      if (message.type === 'state') {
        received.current = performance.now();
        setProgress(progressFrom(message.state, message.events));
      } else {
        setProgress((current) => current && advance(current, message.event));
      }
    });
  }, [host]);

  // Not at every batch: there may be hundreds a second.
  const latest = useRef(progress);
  latest.current = progress;
  useEffect(() => {
    const save = () => latest.current && host.saveState(latest.current);
    const timer = setInterval(save, 1000);
    addEventListener('pagehide', save);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', save);
    };
  }, [host]);
  const phase = progress?.state.phase;
  useEffect(() => {
    if (latest.current) host.saveState(latest.current);
  }, [host, phase]);

  if (!progress) {
    return (
      <main class="empty">
        <h1>No training yet</h1>
        <p class="muted">
          Choose <b>Train Model</b> above a model in the editor; its curves appear here.
        </p>
      </main>
    );
  }
  const { state } = progress;
  return (
    <main class="training-panel">
      <header class="run-header">
        <div>
          <h1>{state.modelName}</h1>
          <p class="muted">{state.dataDescription}</p>
        </div>
        <Actions progress={progress} host={host} />
      </header>
      <Status progress={progress} received={received.current} />
      <Outcome progress={progress} />
      {progress.warnings.map((message) => (
        <p class="notice warning" key={message}>
          <Icon name="warning" />
          <span>{message}</span>
        </p>
      ))}
      <Charts progress={progress} />
      <section class="epochs" aria-label="Epochs">
        <h2>Epochs</h2>
        {progress.epochs.length > 0 ? (
          <EpochTable progress={progress} />
        ) : (
          <p class="muted">The first one is not over yet.</p>
        )}
      </section>
    </main>
  );
}

function Actions({ progress, host }: { progress: Progress; host: TrainingHost }): VNode {
  const { phase, runFolder, epochs } = progress.state;
  if (!isFinal(phase)) {
    return (
      <Button disabled={phase === 'cancelling'} onClick={() => host.post({ type: 'cancel' })}>
        {phase === 'cancelling' ? 'Stopping…' : 'Stop training'}
      </Button>
    );
  }
  // Without a finished epoch there is no checkpoint to classify with.
  const usable =
    runFolder !== undefined && (phase === 'finished' || epochs.length > 0 || progress.epochs.length > 0);
  return (
    <div class="actions">
      {usable && (
        <Button appearance="primary" onClick={() => host.post({ type: 'classifyWithRun' })}>
          Classify with this run
        </Button>
      )}
      <Button onClick={() => host.post({ type: 'trainAgain' })}>Train again</Button>
      {runFolder !== undefined && (
        <Button onClick={() => host.post({ type: 'revealRun' })}>Show run folder</Button>
      )}
    </div>
  );
}

function Status({ progress, received }: { progress: Progress; received: number }): VNode {
  const { state, latest, batchesPerEpoch } = progress;
  const final = isFinal(state.phase);
  const [, tick] = useState(0);
  useEffect(() => {
    if (final) return;
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [final]);
  const elapsed = state.elapsedSeconds + (final ? 0 : (performance.now() - received) / 1000);
  const done = fractionDone(progress);
  const epoch = Math.max(latest?.epoch ?? 0, progress.epochs.at(-1)?.epoch ?? 0);
  return (
    <section class="status" aria-label="Progress">
      <div class="status-line">
        <p class="phase" role="status">
          {!final && state.phase !== 'running' && <ProgressRing label={phaseNames[state.phase]} />}
          {state.phase === 'finished' && <Icon name="check" />}
          {phaseNames[state.phase]}
        </p>
        <p class="number">
          {epoch > 0 && `epoch ${epoch} of ${state.options.epochs}`}
          {latest &&
            batchesPerEpoch &&
            !final &&
            `, batch ${formatCount(latest.batch)} of ${formatCount(batchesPerEpoch)}`}
        </p>
      </div>
      <Bar fraction={done} />
      <dl class="figures number">
        <Figure name={final ? 'took' : 'elapsed'}>{formatDuration(elapsed)}</Figure>
        {!final && latest && <Figure name="left">{formatDuration(latest.secondsLeft)}</Figure>}
        {latest && <Figure name="examples/s">{formatCount(Math.round(latest.examplesPerSecond))}</Figure>}
        {progress.params !== null && <Figure name="parameters">{formatCount(progress.params)}</Figure>}
        <Figure name="batch size">{formatCount(state.options.batchSize)}</Figure>
        {state.options.learningRate !== undefined && (
          <Figure name="learning rate">{`${state.options.learningRate}`}</Figure>
        )}
        {state.backend !== undefined && <Figure name="computed by">{state.backend}</Figure>}
      </dl>
    </section>
  );
}

function Bar({ fraction }: { fraction: number }): VNode {
  const percent = Math.floor(fraction * 100);
  return (
    <div
      class="bar"
      role="progressbar"
      aria-label="Training"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div style={{ width: `${fraction * 100}%` }} />
    </div>
  );
}

function Figure({ name, children }: { name: string; children: string }): VNode {
  return (
    <div>
      <dt class="muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Outcome({ progress }: { progress: Progress }): VNode | null {
  const { phase, message, runFolder, test } = progress.state;
  if (!isFinal(phase)) return null;
  const [icon, level]: [IconName, string] =
    phase === 'finished'
      ? ['check', 'success']
      : phase === 'failed'
        ? ['error', 'error']
        : ['warning', 'warning'];
  const last = progress.epochs.at(-1);
  return (
    <div class={`notice ${level}`} role={phase === 'failed' ? 'alert' : undefined}>
      <Icon name={icon} />
      <div>
        {message !== undefined && <p>{message}</p>}
        {test ? (
          <p>
            On the test set: loss {formatValue(test.loss)}
            {test.accuracy !== undefined && (
              <>
                , accuracy <b>{formatPercent(test.accuracy, 2)}</b>
              </>
            )}
          </p>
        ) : (
          phase !== 'failed' &&
          last && (
            <p>
              After {plural(last.epoch, 'epoch')}: loss {formatValue(last.validationLoss ?? last.loss)}
              {(last.validationAccuracy ?? last.accuracy) !== undefined && (
                <>
                  , accuracy <b>{formatPercent((last.validationAccuracy ?? last.accuracy)!, 2)}</b>
                </>
              )}
              {last.validationLoss !== undefined && ' on validation data'}
            </p>
          )
        )}
        {runFolder !== undefined && <p class="code folder">{runFolder}</p>}
      </div>
    </div>
  );
}

function Charts({ progress }: { progress: Progress }): VNode {
  const { batches, epochs, state } = progress;
  const series = useMemo(() => {
    const points = (pick: (metrics: (typeof epochs)[number]) => number | undefined) =>
      epochs.flatMap((metrics) => {
        const value = pick(metrics);
        return value === undefined ? [] : [{ x: metrics.epoch, value }];
      });
    return {
      loss: {
        batches: batches.map(({ x, loss }) => ({ x, value: loss })),
        training: points(({ loss }) => loss),
        validation: points(({ validationLoss }) => validationLoss),
      },
      accuracy: {
        batches: batches.flatMap(({ x, accuracy }) => (accuracy === null ? [] : [{ x, value: accuracy }])),
        training: points(({ accuracy }) => accuracy),
        validation: points(({ validationAccuracy }) => validationAccuracy),
      },
    };
  }, [batches, epochs]);
  const hasAccuracy = series.accuracy.batches.length > 0 || series.accuracy.training.length > 0;
  const total = state.options.epochs;
  return (
    <div class="charts">
      <Chart title="Loss" {...series.loss} epochs={total} format={formatValue} formatTick={formatValue} />
      {(hasAccuracy || batches.length === 0) && (
        <Chart
          title="Accuracy"
          {...series.accuracy}
          epochs={total}
          range={[0, 1]}
          format={(value) => formatPercent(value)}
          formatTick={(value) => formatPercent(value, 0)}
        />
      )}
    </div>
  );
}

function EpochTable({ progress }: { progress: Progress }): VNode {
  const percent = (value: number | undefined) => (value === undefined ? '–' : formatPercent(value, 2));
  const number = (value: number | undefined) => (value === undefined ? '–' : formatValue(value));
  return (
    // Scrolls sideways in a narrow panel, so it must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as said.
    <section class="scrolling" aria-label="Table of epochs" tabIndex={0}>
      <table class="data">
        <caption class="visually-hidden">Loss and accuracy after every epoch</caption>
        <thead>
          <tr>
            <th scope="col">Epoch</th>
            <th scope="col" class="right">
              Loss
            </th>
            <th scope="col" class="right">
              Validation loss
            </th>
            <th scope="col" class="right">
              Accuracy
            </th>
            <th scope="col" class="right">
              Validation accuracy
            </th>
            <th scope="col" class="right">
              Seconds
            </th>
          </tr>
        </thead>
        <tbody>
          {progress.epochs.map((metrics) => (
            <tr key={metrics.epoch}>
              <th scope="row">{metrics.epoch}</th>
              <td class="right">{number(metrics.loss)}</td>
              <td class="right">{number(metrics.validationLoss)}</td>
              <td class="right">{percent(metrics.accuracy)}</td>
              <td class="right">{percent(metrics.validationAccuracy)}</td>
              <td class="right">{metrics.seconds.toFixed(1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
