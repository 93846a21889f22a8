/** What a training came to, for people and for programs. */
import path from 'node:path';
import type { TrainResult } from '../../protocol/sidecar';
import { number, percent } from './progress';

/** The last line of `--format json`: the run's folder and its final metrics. */
export function finalLine({ cancelled, runFolder, epochs, restoredEpoch, test }: TrainResult): object {
  const last = epochs.at(-1);
  return {
    version: 1,
    kind: cancelled ? 'cancelled' : 'finished',
    runFolder,
    epochs: epochs.length,
    ...(last ? { metrics: last } : {}),
    ...(restoredEpoch === undefined ? {} : { restoredEpoch }),
    ...(test ? { test } : {}),
  };
}

/**
 * @param mixedUp what the model took for something else most often, a sentence each
 * @param forPictures what is trained can be asked about pictures
 */
export function outcomeText(
  { cancelled, runFolder, epochs, restoredEpoch, test }: TrainResult,
  mixedUp: readonly string[],
  forPictures: boolean,
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
    ...(restoredEpoch === undefined
      ? []
      : [`The weights kept are those of epoch ${restoredEpoch}, the best.`]),
    ...(mixedUp.length > 0 ? [`Most often mixed up: ${mixedUp.join('; ')}.`] : []),
    `Run: ${folder}`,
    ...(cancelled ? [`Go on: layerwise train --resume ${quoted(folder)}`] : []),
    ...(forPictures ? [`Next: layerwise classify IMAGE --model ${quoted(folder)}`] : []),
  ];
}

/** As a shell takes it. */
export function quoted(file: string): string {
  return /\s/.test(file) ? `"${file}"` : file;
}
