/** Σ input · weight + bias → activation, where a softmax needs all units' sums. */
import { type TensorValues, weightsOf } from '../tfjsNetwork';
import { activate, activationName } from './activate';
import { at, type Cell, type CellArithmetic, shortNumber } from './cell';

/** More contributions than that nobody reads. */
const listed = 24;

interface SoftmaxTerms {
  largestScore: number;
  total: number;
  terms: { index: number; score: number; exponential: number }[];
}

/** Σ input · weight + bias, the strongest products first. */
export function contributionsOf(
  read: readonly number[],
  weightAt: (input: number) => number,
  bias: number,
): {
  contributions: DenseArithmetic['contributions'];
  rest: number;
  restCount: number;
  bias: number;
  sum: number;
} {
  const contributions = read
    .map((value, index) => {
      const weight = weightAt(index);
      return { index, input: value, weight, product: value * weight };
    })
    .sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  const sum = contributions.reduce((total, { product }) => total + product, bias);
  const rest = contributions.splice(listed);
  return {
    contributions,
    rest: rest.reduce((total, { product }) => total + product, 0),
    restCount: rest.length,
    bias,
    sum,
  };
}

type DenseArithmetic = Extract<CellArithmetic, { kind: 'dense' }>;

/** `3.2 + 0.1`, of a sum that has the bias in it. */
export function addedText(sum: number, bias: number): string {
  return `${shortNumber(sum - bias)} ${bias < 0 ? '−' : '+'} ${shortNumber(Math.abs(bias))}`;
}

export async function explainDense({
  layer,
  index,
  inputs,
  output,
}: Cell): Promise<CellArithmetic | undefined> {
  if (layer.className !== 'Dense') return undefined;
  const input = inputs[0]!;
  const weights = await weightsOf(layer.layer);
  const kernel = weights.get('kernel');
  if (!kernel) return undefined;
  const units = output.shape.at(-1)!;
  const size = input.shape.at(-1)!;
  const biases = weights.get('bias');
  const row = index.slice(0, -1);
  const read = Array.from({ length: size }, (_, i) => at(input, [...row, i]));
  const sumOf = (unit: number) =>
    read.reduce((sum, value, i) => sum + value * (kernel[i * units + unit] ?? 0), biases?.[unit] ?? 0);
  const unit = index.at(-1)!;
  const bias = biases?.[unit] ?? 0;
  const added = contributionsOf(read, (i) => kernel[i * units + unit] ?? 0, bias);
  const { sum } = added;
  const activation = activationName(layer.layer);
  const softmax =
    activation === 'softmax'
      ? softmaxOf(
          Array.from({ length: units }, (_, i) => sumOf(i)),
          unit,
        )
      : undefined;
  const computed = softmax ? softmaxValue(softmax, sum) : await activate(activation, sum);
  const sumText = addedText(sum, bias);
  const formulas: Record<string, string> = {
    linear: `${sumText} = ${shortNumber(computed)}`,
    softmax: softmax ? softmaxFormula(softmax, sum, computed) : '',
  };
  return {
    kind: 'dense',
    ...added,
    activation,
    ...(softmax ? { softmax } : {}),
    computed,
    formula: formulas[activation] ?? `${activation}(${sumText}) = ${shortNumber(computed)}`,
  };
}

/** A softmax that is a layer of its own. */
export async function explainSoftmax({ layer, index, inputs }: Cell): Promise<CellArithmetic | undefined> {
  const input = inputs[0];
  const axis = input && softmaxAxis(layer, input.shape.length);
  return input && axis !== undefined ? softmaxAlong(input, index, axis) : undefined;
}

/** `axis`: without the batch. */
export function softmaxAlong(input: TensorValues, index: readonly number[], axis: number): CellArithmetic {
  const scores = Array.from({ length: input.shape[axis]! }, (_, i) => at(input, index.with(axis, i)));
  const asked = index[axis]!;
  const softmax = softmaxOf(scores, asked);
  const computed = softmaxValue(softmax, scores[asked]!);
  return { kind: 'softmax', softmax, computed, formula: softmaxFormula(softmax, scores[asked]!, computed) };
}

/** Without the batch; undefined where the layer is no softmax along one axis. */
function softmaxAxis({ className, layer }: Cell['layer'], rank: number): number | undefined {
  if (className === 'Activation') return activationName(layer) === 'softmax' ? rank - 1 : undefined;
  const axis = layer.getConfig()['axis'];
  if (className !== 'Softmax' || typeof axis !== 'number') return undefined;
  return axis < 0 ? rank + axis : axis - 1;
}

function softmaxOf(scores: number[], asked: number): SoftmaxTerms {
  const largestScore = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const all = scores.map((score, index) => ({ index, score, exponential: Math.exp(score - largestScore) }));
  const total = all.reduce((sum, { exponential }) => sum + exponential, 0);
  const terms = all.toSorted((a, b) => b.exponential - a.exponential).slice(0, listed);
  if (!terms.some(({ index }) => index === asked)) terms.push(all[asked]!);
  return { largestScore, total, terms };
}

function softmaxValue({ largestScore, total }: SoftmaxTerms, score: number): number {
  return Math.exp(score - largestScore) / total;
}

function softmaxFormula({ largestScore, total }: SoftmaxTerms, score: number, result: number): string {
  const exponential = Math.exp(score - largestScore);
  return `e^(${shortNumber(score)} − ${shortNumber(largestScore)}) / ${shortNumber(total)} = ${shortNumber(exponential)} / ${shortNumber(total)} = ${shortNumber(result)}`;
}
