/** What a training came to, for people and for programs. */
import path from 'node:path';
import type { TrainResult } from '../../protocol/sidecar';
import { number, percent } from './progress';

/** The last line of `--format json`: the run's folder and its final metrics. */
export function finalLine({ cancelled, runFolder, epochs, test }: TrainResult): object {
  const last = epochs.at(-1);
  return {
    version: 1,
    kind: cancelled ? 'cancelled' : 'finished',
    runFolder,
    epochs: epochs.length,
    ...(last ? { metrics: last } : {}),
    ...(test ? { test } : {}),
  };
}

/** @param mixedUp what the model took for something else most often, a sentence each */
export function outcomeText(
  { cancelled, runFolder, epochs, test }: TrainResult,
  mixedUp: readonly string[],
): string[] {
  const shown = path.relative(process.cwd(), runFolder) || '.';
  const folder = shown.startsWith('..') ? runFolder : shown;
  const how = cancelled
    ? `Stopped after ${epochs.length} ${epochs.length === 1 ? 'epoch' : 'epochs'}; what was learned is kept.`
    : 'Trained.';
  const accuracy = test?.accuracy === undefined ? '' : `, accuracy ${percent(test.accuracy)}`;
  return [
    '',
    test ? `${how} On the test set: loss ${number(test.loss)}${accuracy}.` : how,
    ...(mixedUp.length > 0 ? [`Most often mixed up: ${mixedUp.join('; ')}.`] : []),
    `Run: ${folder}`,
    `Next: layerwise classify IMAGE --model ${/\s/.test(folder) ? `"${folder}"` : folder}`,
  ];
}
