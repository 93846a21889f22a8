/** From a network's outputs to classes with names and probabilities, the most probable first. */
import type { ClassifyParams } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { classLabels } from './labels';
import type { Network } from './network';

export interface RankedClasses {
  /** `top` at most. */
  classes: { label: string; index: number; probability: number }[];
  /** Of all classes, in the model's order. */
  probabilities: number[];
  labelOf: (index: number) => string;
  /** Where the names come from, in plain words; empty: there are none. */
  from: string;
  /** How the probabilities come from the outputs, where they are not simply these. */
  note?: string;
}

/** @throws SidecarError when the outputs are not numbers or the labels cannot be read. */
export async function rankClasses(
  network: Network,
  output: Float32Array,
  { labelsPath, top }: Pick<ClassifyParams, 'labelsPath' | 'top'>,
): Promise<RankedClasses> {
  const { probabilities, note } = toProbabilities(output, network.lastActivation, network.name);
  const { names, from } = await classLabels(labelsPath, network.classNames, output.length);
  const labelOf = (index: number) => names[index] ?? `class ${index}`;
  const classes = largest(probabilities, top).map((index) => ({
    label: labelOf(index),
    index,
    probability: probabilities[index]!,
  }));
  return { classes, probabilities, labelOf, from, ...(note === undefined ? {} : { note }) };
}

/** Indices of the largest, the largest first, of equals the first; no thousand classes are sorted for five. */
function largest(values: readonly number[], count: number): number[] {
  const found: number[] = [];
  values.forEach((value, index) => {
    if (found.length === count && value <= values[found.at(-1)!]!) return;
    const place = found.findIndex((other) => value > values[other]!);
    found.splice(place < 0 ? found.length : place, 0, index);
    if (found.length > count) found.pop();
  });
  return found;
}

/** Their outputs are probabilities as they are. */
const givesProbabilities = new Set(['softmax', 'sigmoid', 'hardSigmoid']);

function areProbabilities(scores: readonly number[]): boolean {
  const sum = scores.reduce((total, score) => total + score, 0);
  return Math.abs(sum - 1) < 1e-3 && scores.every((score) => score >= 0 && score <= 1 + 1e-5);
}

/** Other scores than probabilities go through a softmax, a single one through a sigmoid, and that is said. */
function toProbabilities(
  output: Float32Array,
  activation: string,
  modelName: string,
): { probabilities: number[]; note?: string } {
  const scores = Array.from(output);
  if (!scores.every(Number.isFinite)) {
    throw new SidecarError(
      `The model \`${modelName}\` puts out NaN or infinite values: its weights are broken.`,
      { next: 'Train it again with a lower learning rate.' },
    );
  }
  if (givesProbabilities.has(activation) || areProbabilities(scores)) return { probabilities: scores };
  const [only] = scores;
  // A softmax of one score is 1, whatever the score.
  if (scores.length === 1) {
    return {
      probabilities: [1 / (1 + Math.exp(-only!))],
      note: 'The model puts out a single number and has no sigmoid at its end; one was applied to it.',
    };
  }
  const highest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const exponentials = scores.map((score) => Math.exp(score - highest));
  const total = exponentials.reduce((subtotal, value) => subtotal + value, 0);
  return {
    probabilities: exponentials.map((value) => value / total),
    note: 'The model has no softmax at its end; one was applied to its outputs.',
  };
}
