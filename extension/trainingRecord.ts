/** What is known of one training: its state, and the events that its panel is drawn from. */
import type { ModelCommandArguments } from '../protocol/languageServer';
import type { TrainingEvent } from '../protocol/sidecar';
import type { TrainingPhase, TrainingState } from '../protocol/webview';
import { thinEvents } from './thinEvents';

export interface TrainingRecord {
  /** Where the model comes from, to train it again; absent for a run whose source is not known. */
  source?: ModelCommandArguments;
  state: TrainingState;
  events: TrainingEvent[];
}

export function isFinal(phase: TrainingPhase): boolean {
  return phase === 'finished' || phase === 'cancelled' || phase === 'failed' || phase === 'interrupted';
}

/** What an event says, added to what was known. */
export function withEvent(state: TrainingState, event: TrainingEvent): TrainingState {
  switch (event.kind) {
    case 'started':
      return {
        ...state,
        phase: state.phase === 'starting' ? 'running' : state.phase,
        dataDescription: event.dataDescription,
        backend: event.backend,
        runFolder: event.runFolder,
        epochs: event.resumed?.epochs ?? state.epochs,
        ...(event.classNames ? { classNames: event.classNames } : {}),
      };
    case 'epoch': {
      const others = state.epochs.filter(({ epoch }) => epoch !== event.metrics.epoch);
      return { ...state, epochs: [...others, event.metrics].sort((a, b) => a.epoch - b.epoch) };
    }
    case 'checkpoint':
      return { ...state, resumable: true };
    case 'paused':
      if (isFinal(state.phase) || state.phase === 'cancelling') return state;
      return { ...state, phase: event.paused ? 'paused' : 'running' };
    default:
      return state;
  }
}

/**
 * At most about `limit` events that draw the same picture: batches are thinned, and what a newer event of its kind
 * replaces (an evaluation of the same part, the layers' health, a checkpoint) is left out.
 */
export function keepEvents(events: readonly TrainingEvent[], limit: number): TrainingEvent[] {
  const newest = new Map<string, TrainingEvent>();
  for (const event of events) {
    const key = replaceableBy(event);
    if (key) newest.set(key, event);
  }
  const kept = events.filter((event) => {
    const key = replaceableBy(event);
    return !key || newest.get(key) === event;
  });
  return thinEvents(kept, limit);
}

/** Events with one key say the same thing anew. */
function replaceableBy(event: TrainingEvent): string | undefined {
  if (event.kind === 'evaluation') return `evaluation of ${event.part}`;
  return event.kind === 'health' || event.kind === 'checkpoint' || event.kind === 'paused'
    ? event.kind
    : undefined;
}
