/** Which examples are kept for validation, where the data does not say so itself: the same ones in every run. */
import { mulberry32, shuffledIndices } from '../training/seededRandom';

/** Not the run's seed: runs with different seeds are judged by the same examples. */
const splitSeed = 0x1a7e;

/**
 * Chosen at random, of each class its share, so that rare classes stand on both sides. A class of one example stays in
 * training.
 * @param labels Class of each example; all alike where there are no classes.
 * @returns Numbers of the examples of each side, ascending.
 */
export function stratifiedSplit(
  labels: ArrayLike<number>,
  validationSplit: number,
): { train: Uint32Array; validation: Uint32Array } {
  const byClass = new Map<number, number[]>();
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index] ?? 0;
    const members = byClass.get(label);
    if (members) members.push(index);
    else byClass.set(label, [index]);
  }
  const random = mulberry32(splitSeed);
  const isValidation = new Uint8Array(labels.length);
  for (const label of [...byClass.keys()].sort((a, b) => a - b)) {
    const members = byClass.get(label) ?? [];
    const wanted = Math.round(members.length * validationSplit);
    const least = validationSplit > 0 && members.length > 1 ? 1 : 0;
    const count = Math.min(Math.max(wanted, least), members.length - 1);
    for (const place of shuffledIndices(members.length, random).subarray(0, count))
      isValidation[members[place] ?? 0] = 1;
  }
  const all = Uint32Array.from({ length: labels.length }, (_, i) => i);
  return {
    train: all.filter((index) => isValidation[index] === 0),
    validation: all.filter((index) => isValidation[index] === 1),
  };
}
