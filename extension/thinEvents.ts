import type { TrainingEvent } from '../protocol/sidecar';

/**
 * At most about `limit` events: of the batches every second, fourth, … is left out, evenly, until they fit; the latest
 * batch and everything that is not a batch stay.
 */
export function thinEvents(events: readonly TrainingEvent[], limit: number): TrainingEvent[] {
  if (events.length <= limit) return [...events];
  const latest = events.at(-1);
  let kept = [...events];
  while (kept.length > limit) {
    let batch = 0;
    const thinner = kept.filter((event) => event.kind !== 'batch' || event === latest || batch++ % 2 === 0);
    if (thinner.length === kept.length) break;
    kept = thinner;
  }
  return kept;
}
