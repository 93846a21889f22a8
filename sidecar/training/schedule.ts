/** What the epochs' figures decide: the learning rate, which epoch was best, and when to stop. */
import type { EpochMetrics, Monitor, TrainingOptions } from '../../protocol/sidecar';
import { SidecarError } from '../errors';

/** Written with each checkpoint, so that a resumed run decides as if it had never been interrupted. */
export interface ScheduleState {
  learningRate: number;
  /** Of what the plateau watches. */
  plateau: Watched;
  /** Of what early stopping watches. */
  stopping: Watched;
  stopped: boolean;
}

interface Watched {
  best: number | null;
  /** 0 before the first. */
  bestEpoch: number;
  epochsSince: number;
}

export interface Decision {
  /** This epoch's weights are the best so far. Without early stopping every epoch's are. */
  best: boolean;
  /** The next epoch's, where it changes. */
  learningRate?: number;
  /** Plain words, where the plateau or early stopping did something. */
  message?: string;
}

type Options = Pick<
  TrainingOptions,
  'epochs' | 'earlyStopping' | 'reduceOnPlateau' | 'learningRateDecay' | 'validationSplit'
>;

/** Less than this is rounding, not improvement (Keras' ReduceLROnPlateau has the same default). */
const plateauMinimumChange = 1e-4;

export class Schedule {
  readonly state: ScheduleState;

  constructor(
    private readonly options: Options,
    state: ScheduleState | { learningRate: number },
  ) {
    const nothing = (): Watched => ({ best: null, bestEpoch: 0, epochsSince: 0 });
    this.state =
      'plateau' in state
        ? structuredClone(state)
        : { learningRate: state.learningRate, plateau: nothing(), stopping: nothing(), stopped: false };
  }

  afterEpoch(metrics: EpochMetrics): Decision {
    const { earlyStopping, reduceOnPlateau, learningRateDecay } = this.options;
    const messages: string[] = [];
    let best = true;
    if (earlyStopping) {
      best = watch(this.state.stopping, earlyStopping.monitor, earlyStopping.minimumChange, metrics);
      if (this.state.stopping.epochsSince >= earlyStopping.patience && metrics.epoch < this.options.epochs) {
        this.state.stopped = true;
        messages.push(
          `Stopped early: the ${inWords(earlyStopping.monitor)} has not become better for ${epochs(earlyStopping.patience)}.`,
        );
      }
    }
    let { learningRate } = this.state;
    if (learningRateDecay !== undefined) learningRate *= learningRateDecay;
    if (reduceOnPlateau) {
      const { monitor, factor, patience, minimumLearningRate } = reduceOnPlateau;
      const { plateau } = this.state;
      watch(plateau, monitor, plateauMinimumChange, metrics);
      const reduced = Math.max(learningRate * factor, minimumLearningRate);
      if (plateau.epochsSince >= patience && reduced < learningRate) {
        plateau.epochsSince = 0;
        learningRate = reduced;
        messages.push(
          `The ${inWords(monitor)} has not become better for ${epochs(patience)}: the learning rate is now ${Number(learningRate.toPrecision(3))}.`,
        );
      }
    }
    const changed = learningRate !== this.state.learningRate;
    this.state.learningRate = learningRate;
    return {
      best,
      ...(changed ? { learningRate } : {}),
      ...(messages.length > 0 ? { message: messages.join(' ') } : {}),
    };
  }

  /** For a run that is to go on although it had stopped. */
  goOn(): void {
    this.state.stopped = false;
    this.state.stopping.epochsSince = 0;
  }
}

/**
 * @param hasValidation Whether there are validation examples.
 * @throws SidecarError when something is to be watched that this training does not measure.
 */
export function checkMonitors(options: Options, hasValidation: boolean, hasAccuracy: boolean): void {
  const watched: [string, Monitor | undefined][] = [
    ['Early stopping', options.earlyStopping?.monitor],
    ['The reduction of the learning rate', options.reduceOnPlateau?.monitor],
  ];
  for (const [who, monitor] of watched) {
    if (monitor?.startsWith('validation') && !hasValidation) {
      throw new SidecarError(
        `${who} watches the ${inWords(monitor)}, but no examples are kept for validation.`,
        {
          next: 'Set a validation split above 0, or watch the training loss.',
        },
      );
    }
    if (monitor && /accuracy$/i.test(monitor) && !hasAccuracy) {
      throw new SidecarError(
        `${who} watches the ${inWords(monitor)}, but numbers are predicted here, not classes.`,
        {
          next: 'Watch a loss.',
        },
      );
    }
  }
}

/** True when this epoch is the best so far. A value that is no number is never better. */
function watch(watched: Watched, monitor: Monitor, minimumChange: number, metrics: EpochMetrics): boolean {
  const value = metrics[monitor] ?? Number.NaN;
  const gain = /accuracy$/i.test(monitor)
    ? value - (watched.best ?? Number.NEGATIVE_INFINITY)
    : (watched.best ?? Number.POSITIVE_INFINITY) - value;
  if (gain > minimumChange) {
    watched.best = value;
    watched.bestEpoch = metrics.epoch;
    watched.epochsSince = 0;
    return true;
  }
  watched.epochsSince++;
  return false;
}

export function inWords(monitor: Monitor): string {
  return monitor.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function epochs(count: number): string {
  return count === 1 ? 'one epoch' : `${count} epochs`;
}
