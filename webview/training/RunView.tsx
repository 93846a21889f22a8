/** One run: how far it is, its curves, its mistakes, its layers' health, its epochs; and what can be done with it. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { JudgedExample } from '../../protocol/sidecar';
import type { ComparedRun } from '../../protocol/webview';
import { Button } from '../shared/controls';
import { formatPercent, formatValue, plural } from '../shared/format';
import { Icon, type IconName } from '../shared/icons';
import { Charts, type ChartView } from './Charts';
import { Compared } from './Compared';
import { Confusion, type ConfusionCell, type OpenedCell } from './Confusion';
import { EpochTable } from './EpochTable';
import { Health } from './Health';
import type { TrainingHost } from './host';
import { isFinal, type Progress, progressFrom } from './progress';
import { Status } from './Status';

export function RunView(props: {
  host: TrainingHost;
  progress: Progress;
  compared: ComparedRun[];
  chart: ChartView;
  opened: OpenedCell | null;
  /** When the state was received, by `performance.now()`. */
  received: number;
  onChart: (view: ChartView) => void;
  onOpenCell: (cell: ConfusionCell) => void;
}): VNode {
  const { host, progress, compared, chart, opened, received, onChart, onOpenCell } = props;
  const { state } = progress;
  const others = useMemo(
    () =>
      compared.map(({ id, name, state: of, events }) => ({ id, name, progress: progressFrom(of, events) })),
    [compared],
  );
  const name = runName(state);
  return (
    <main class="training-panel">
      <header class="run-header">
        <div>
          <h1>
            {state.modelName}
            {state.runName !== undefined && <span class="run-name"> {state.runName}</span>}
          </h1>
          <p class="muted">{state.dataDescription}</p>
        </div>
        <Actions progress={progress} host={host} />
      </header>
      <Status progress={progress} received={received} />
      <Outcome progress={progress} />
      {progress.warnings.map(({ message }) => (
        <p class="notice warning" key={message}>
          <Icon name="warning" />
          <span>{message}</span>
        </p>
      ))}
      {others.length > 0 && (
        <Compared
          name={name}
          progress={progress}
          others={others}
          onRemove={(id) => host.post({ type: 'stopComparing', id })}
        />
      )}
      <Charts name={name} progress={progress} compared={others} view={chart} onView={onChart} />
      <Confusion
        progress={progress}
        opened={opened}
        onOpenCell={onOpenCell}
        onOpenExample={(example) => host.post({ type: 'openExample', example: described(example) })}
      />
      <Health health={progress.health} />
      <section class="epochs" aria-label="Epochs">
        <h2>Epochs</h2>
        {progress.epochs.length > 0 ? (
          <EpochTable progress={progress} />
        ) : (
          <p class="muted">
            {isFinal(state.phase) ? 'None was finished.' : 'The first one is not over yet.'}
          </p>
        )}
      </section>
    </main>
  );
}

/** Without what the model made of it, which the extension need not know. */
function described(example: JudgedExample) {
  const { labelIndex: _, predictedIndex: __, probability: ___, loss: ____, ...description } = example;
  return description;
}

function runName({ runName: name, startedAt, modelName }: Progress['state']): string {
  if (name !== undefined) return name;
  if (startedAt === undefined) return modelName;
  return new Date(startedAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

function Actions({ progress, host }: { progress: Progress; host: TrainingHost }): VNode {
  const { phase, runFolder, epochs, resumable, options } = progress.state;
  const button = (
    type: 'resume' | 'pause' | 'continue' | 'cancel' | 'compareWith' | 'revealRun',
    text: string,
  ) => (
    <Button key={type} onClick={() => host.post({ type })}>
      {text}
    </Button>
  );
  if (!isFinal(phase)) {
    return (
      <div class="actions">
        {phase === 'running' && button('pause', 'Pause')}
        {phase === 'paused' && button('continue', 'Continue')}
        <Button disabled={phase === 'cancelling'} onClick={() => host.post({ type: 'cancel' })}>
          {phase === 'cancelling' ? 'Stopping…' : 'Stop training'}
        </Button>
      </div>
    );
  }
  // Without a finished epoch there is no checkpoint to classify with.
  const usable =
    runFolder !== undefined && (phase === 'finished' || epochs.length > 0 || progress.epochs.length > 0);
  const isDone = epochs.length >= options.epochs || phase === 'finished';
  // What failed fails again, unless its reason was outside.
  const leads = resumable === true && !isDone && phase !== 'failed';
  return (
    <div class="actions">
      {resumable && !isDone && (
        <Button appearance={leads ? 'primary' : 'secondary'} onClick={() => host.post({ type: 'resume' })}>
          Resume
        </Button>
      )}
      {usable && (
        <Button
          appearance={leads ? 'secondary' : 'primary'}
          onClick={() => host.post({ type: 'classifyWithRun' })}
        >
          Classify with this run
        </Button>
      )}
      {resumable && isDone && button('resume', 'Train further')}
      <Button
        appearance={leads || usable ? 'secondary' : 'primary'}
        onClick={() => host.post({ type: 'trainAgain' })}
      >
        Train again
      </Button>
      {runFolder !== undefined && button('compareWith', 'Compare')}
      {runFolder !== undefined && button('revealRun', 'Show run folder')}
    </div>
  );
}

function Outcome({ progress }: { progress: Progress }): VNode | null {
  const { phase, message, runFolder, test, restoredEpoch } = progress.state;
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
        {restoredEpoch !== undefined && (
          <p>The weights of epoch {restoredEpoch}, the best one, are kept: later ones were no better.</p>
        )}
        {test ? (
          <p>
            On the test set: loss {formatValue(test.loss)}
            {test.accuracy !== undefined && (
              <>
                , accuracy <b>{formatPercent(test.accuracy, 2)}</b>
              </>
            )}
            {test.meanAbsoluteError !== undefined && (
              <>
                , mean absolute error <b>{formatValue(test.meanAbsoluteError)}</b>
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
        {runFolder !== undefined && (
          <p class="code folder" title={runFolder}>
            {withinWorkspace(runFolder)}
          </p>
        )}
      </div>
    </div>
  );
}

/** A run of this workspace from its `.layerwise` on; any other whole. */
function withinWorkspace(runFolder: string): string {
  return runFolder.replace(/^.*[\\/](?=\.layerwise[\\/])/, '');
}
