/** What the training panel shows, folded from the run's state and its events. Pure. */
import type { EpochMetrics, LayerHealth, TrainingEvent } from '../../protocol/sidecar';
import type { TrainingPhase, TrainingState } from '../../protocol/webview';

export interface BatchPoint {
  /** In epochs: 1.5 is half way through the second. */
  x: number;
  /** Of this batch alone where that is known, else the mean over its epoch so far. */
  loss: number;
  accuracy: number | null;
  learningRate: number | null;
}

export type Evaluation = Extract<TrainingEvent, { kind: 'evaluation' }>;

export interface Warning {
  message: string;
  layer?: string | undefined;
}

export interface Progress {
  state: TrainingState;
  batches: BatchPoint[];
  epochs: EpochMetrics[];
  warnings: Warning[];
  batchesPerEpoch: number | null;
  latest: { epoch: number; batch: number; examplesPerSecond: number; secondsLeft: number } | null;
  params: number | null;
  /** The last one of each part. */
  evaluations: Partial<Record<Evaluation['part'], Evaluation>>;
  /** After which batch, and how the layers did. */
  health: { epoch: number; batch: number; layers: LayerHealth[] } | null;
}

/** More points than a chart has pixels say nothing more, and would be kept in the panel's state. */
const mostPoints = 2400;

export function progressFrom(state: TrainingState, events: TrainingEvent[]): Progress {
  const start: Progress = {
    state,
    batches: [],
    epochs: state.epochs,
    warnings: [],
    batchesPerEpoch: null,
    latest: null,
    params: null,
    evaluations: {},
    health: null,
  };
  let progress = events.filter(({ kind }) => kind !== 'batch').reduce(advance, start);
  const batches = events.filter((event) => event.kind === 'batch');
  const last = batches.at(-1);
  if (!last) return progress;
  // A long run has tens of thousands of batches: folding them one by one would copy the points as often.
  let points = batches.map(pointOf);
  while (points.length > mostPoints) points = thinned(points);
  progress = advance({ ...progress, batches: points.slice(0, -1) }, last);
  return progress;
}

export function advance(progress: Progress, event: TrainingEvent): Progress {
  switch (event.kind) {
    case 'started':
      return {
        ...progress,
        batchesPerEpoch: event.batchesPerEpoch,
        params: event.params,
        ...(event.resumed ? resumedAt(progress, event.resumed, event.batchesPerEpoch) : {}),
        state: {
          ...progress.state,
          phase: progress.state.phase === 'starting' ? 'running' : progress.state.phase,
          runFolder: event.runFolder,
          backend: event.backend,
          dataDescription: event.dataDescription,
          classNames: event.classNames ?? progress.state.classNames,
        },
      };
    case 'batch': {
      const { epoch, batch, batchesPerEpoch, examplesPerSecond, secondsLeft } = event;
      return {
        ...progress,
        batchesPerEpoch,
        batches: thinned([...progress.batches, pointOf(event)]),
        latest: { epoch, batch, examplesPerSecond, secondsLeft },
      };
    }
    case 'epoch': {
      const others = progress.epochs.filter(({ epoch }) => epoch !== event.metrics.epoch);
      return { ...progress, epochs: [...others, event.metrics].sort((a, b) => a.epoch - b.epoch) };
    }
    case 'evaluation':
      return { ...progress, evaluations: { ...progress.evaluations, [event.part]: event } };
    case 'health': {
      const { epoch, batch, layers } = event;
      return { ...progress, health: { epoch, batch, layers } };
    }
    case 'warning': {
      const { message, layer } = event;
      return progress.warnings.some((one) => one.message === message)
        ? progress
        : { ...progress, warnings: [...progress.warnings, { message, layer }] };
    }
    default:
      return progress;
  }
}

/** What came after the checkpoint is trained again: its points are drawn again, too. */
function resumedAt(
  { batches }: Progress,
  { epochs, batch }: { epochs: EpochMetrics[]; batch: number },
  batchesPerEpoch: number,
): Pick<Progress, 'epochs' | 'batches' | 'latest'> {
  const x = epochs.length + batch / batchesPerEpoch;
  return { epochs, batches: batches.filter((point) => point.x <= x + 1e-9), latest: null };
}

function pointOf(event: Extract<TrainingEvent, { kind: 'batch' }>): BatchPoint {
  const { epoch, batch, batchesPerEpoch, loss, batchLoss, accuracy, batchAccuracy, learningRate } = event;
  return {
    x: epoch - 1 + batch / batchesPerEpoch,
    loss: batchLoss ?? loss,
    accuracy: batchAccuracy ?? accuracy ?? null,
    learningRate: learningRate ?? null,
  };
}

/** Drops every second point of the older half, so that the newest stay at full resolution. */
function thinned(points: BatchPoint[]): BatchPoint[] {
  if (points.length <= mostPoints) return points;
  const middle = points.length >> 1;
  return points.filter((_, index) => index >= middle || index % 2 === 0);
}

/** Share of all batches that are done, 0 … 1. */
export function fractionDone(progress: Progress): number {
  const { state, latest, batchesPerEpoch } = progress;
  if (state.phase === 'finished') return 1;
  if (latest && batchesPerEpoch) {
    return Math.min(1, (latest.epoch - 1 + latest.batch / batchesPerEpoch) / state.options.epochs);
  }
  return Math.min(1, progress.epochs.length / state.options.epochs);
}

export function isFinal(phase: TrainingPhase): boolean {
  return phase === 'finished' || phase === 'cancelled' || phase === 'failed' || phase === 'interrupted';
}
