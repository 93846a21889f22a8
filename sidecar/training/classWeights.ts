/** What an example of each class counts in the loss. */
import type { TrainingOptions } from '../../protocol/sidecar';
import { classNamesOf, type Dataset } from '../datasets/dataset';
import { SidecarError } from '../errors';

/**
 * @returns One number a class; undefined where every example counts 1.
 * @throws SidecarError when there are not as many weights as classes.
 */
export function classWeightsFor(
  { classWeights }: Pick<TrainingOptions, 'classWeights'>,
  dataset: Dataset,
): number[] | undefined {
  if (classWeights === undefined) return undefined;
  const classes = classNamesOf(dataset).length;
  if (classes === 0) {
    throw new SidecarError('Classes cannot be weighted where a number is predicted.', {
      next: 'Leave the class weights out.',
    });
  }
  if (classWeights === 'balanced') return balanced(dataset, classes);
  if (classWeights.length === classes) return classWeights;
  throw new SidecarError(
    `There are ${classWeights.length} class weights, but the data has ${classes} classes.`,
    {
      next: 'Give one weight for each class, in the order of the classes.',
    },
  );
}

/** As scikit-learn's compute_class_weight: examples / (classes · examples of the class). */
function balanced(dataset: Dataset, classes: number): number[] {
  const total = dataset.count('train');
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < total; i++) {
    const label = dataset.label('train', i);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? total / (present * count) : 1));
}
