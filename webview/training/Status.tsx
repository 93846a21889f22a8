/** How far a run is, how fast, and how long it will take. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { TrainingPhase } from '../../protocol/webview';
import { ProgressRing } from '../shared/controls';
import { formatCount, formatDuration } from '../shared/format';
import { Icon } from '../shared/icons';
import { fractionDone, isFinal, type Progress } from './progress';

const phaseNames: Record<TrainingPhase, string> = {
  starting: 'Preparing the data',
  running: 'Training',
  paused: 'Paused',
  cancelling: 'Stopping after this batch',
  finished: 'Finished',
  cancelled: 'Stopped: what was learned until then is kept',
  failed: 'Failed',
  interrupted: 'Interrupted',
};

export function Status({ progress, received }: { progress: Progress; received: number }): VNode {
  const { state, latest, batchesPerEpoch } = progress;
  const { phase, options } = state;
  const stands = isFinal(phase) || phase === 'paused';
  const [, tick] = useState(0);
  useEffect(() => {
    if (stands) return;
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [stands]);
  const elapsed = state.elapsedSeconds + (stands ? 0 : (performance.now() - received) / 1000);
  const epoch = Math.max(latest?.epoch ?? 0, progress.epochs.at(-1)?.epoch ?? 0);
  const final = isFinal(phase);
  return (
    <section class="status" aria-label="Progress">
      <div class="status-line">
        <p class="phase" role="status">
          {(phase === 'starting' || phase === 'cancelling') && <ProgressRing label={phaseNames[phase]} />}
          {phase === 'finished' && <Icon name="check" />}
          {phaseNames[phase]}
        </p>
        <p class="number">
          {epoch > 0 && `epoch ${epoch} of ${options.epochs}`}
          {latest &&
            batchesPerEpoch &&
            !final &&
            `, batch ${formatCount(latest.batch)} of ${formatCount(batchesPerEpoch)}`}
        </p>
      </div>
      <Bar fraction={fractionDone(progress)} />
      <dl class="figures number">
        {/* Of a run on disk whose first epoch was not finished it is not known. */}
        {!(final && elapsed === 0) && (
          <Figure name={final ? 'took' : 'elapsed'}>{formatDuration(elapsed)}</Figure>
        )}
        {!final && latest && <Figure name="left">{formatDuration(latest.secondsLeft)}</Figure>}
        {latest && latest.examplesPerSecond > 0 && (
          <Figure name="examples/s">{formatCount(Math.round(latest.examplesPerSecond))}</Figure>
        )}
        {progress.params !== null && <Figure name="parameters">{formatCount(progress.params)}</Figure>}
        <Figure name="batch size">{formatCount(options.batchSize)}</Figure>
        {options.optimizer !== undefined && <Figure name="optimizer">{options.optimizer}</Figure>}
        {options.learningRate !== undefined && (
          <Figure name="learning rate">{`${options.learningRate}`}</Figure>
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
