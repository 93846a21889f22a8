/** Cells made of few values: activations, normalization, sums, and what is only passed on. */
import { ofChannel } from '../../images/encode';
import type { Cell, CellArithmetic } from '../explainCell';
import { at, shortNumber } from '../explainCell';
import { weightsOf } from '../tfjsNetwork';
import { activate, activationName } from './activate';

type Elementwise = { terms: { label: string; value: number }[]; computed: number; formula: string };

const byClass: Record<string, (cell: Cell) => Promise<Elementwise | undefined>> = {
  InputLayer: async (cell) => fromPicture(cell),
  Activation: activation,
  ReLU: async ({ layer, index, inputs }) => {
    const value = at(inputs[0]!, index);
    const most = layer.layer.getConfig()['maxValue'] as number | null | undefined;
    const computed = Math.min(Math.max(value, 0), most ?? Number.POSITIVE_INFINITY);
    const limit = most == null ? '' : `, at most ${most}`;
    return {
      terms: [{ label: 'input', value }],
      computed,
      formula: `max(${shortNumber(value)}, 0)${limit} = ${shortNumber(computed)}`,
    };
  },
  LeakyReLU: async ({ layer, index, inputs }) => {
    const value = at(inputs[0]!, index);
    const alpha = Number(layer.layer.getConfig()['alpha'] ?? 0.3);
    const computed = value >= 0 ? value : alpha * value;
    const formula =
      value >= 0 ? shortNumber(value) : `${alpha} · ${shortNumber(value)} = ${shortNumber(computed)}`;
    return { terms: [{ label: 'input', value }], computed, formula };
  },
  BatchNormalization: batchNormalization,
  Add: async (cell) => merge(cell, ' + ', (values) => values.reduce((sum, value) => sum + value, 0)),
  Multiply: async (cell) =>
    merge(cell, ' · ', (values) => values.reduce((product, value) => product * value, 1)),
  Average: async (cell) =>
    merge(cell, ', ', (values) => values.reduce((sum, value) => sum + value, 0) / values.length, 'mean'),
  Maximum: async (cell) => merge(cell, ', ', (values) => Math.max(...values), 'max'),
  Minimum: async (cell) => merge(cell, ', ', (values) => Math.min(...values), 'min'),
  Flatten: async (cell) => passedOn(cell),
  Reshape: async (cell) => passedOn(cell),
  Dropout: async (cell) => passedOn(cell),
  ZeroPadding2D: async ({ layer, index, inputs }) => {
    const padding = layer.layer.getConfig()['padding'] as [[number, number], [number, number]];
    const place = [index[0]! - padding[0][0], index[1]! - padding[1][0], index[2]!];
    const value = at(inputs[0]!, place);
    return {
      terms: [{ label: `input [${place.join(', ')}]`, value }],
      computed: value,
      formula: shortNumber(value),
    };
  },
};

export async function explainElementwise(cell: Cell): Promise<CellArithmetic | undefined> {
  const explained = await byClass[cell.layer.className]?.(cell);
  return explained && { kind: 'elementwise', ...explained };
}

async function activation({ layer, index, inputs }: Cell): Promise<Elementwise | undefined> {
  const name = activationName(layer.layer);
  if (name === 'softmax') return undefined;
  const value = at(inputs[0]!, index);
  const computed = await activate(name, value);
  return {
    terms: [{ label: 'input', value }],
    computed,
    formula: `${name}(${shortNumber(value)}) = ${shortNumber(computed)}`,
  };
}

async function batchNormalization({ layer, index, inputs }: Cell): Promise<Elementwise | undefined> {
  const config = layer.layer.getConfig();
  const input = inputs[0]!;
  // The axis counts with the batch, or from the end.
  const given = Number(config['axis'] ?? -1);
  const channel = index[given < 0 ? index.length + given : given - 1]!;
  const weights = await weightsOf(layer.layer);
  const mean = weights.get('moving_mean')?.[channel] ?? 0;
  const variance = weights.get('moving_variance')?.[channel] ?? 1;
  const gamma = weights.get('gamma')?.[channel] ?? 1;
  const beta = weights.get('beta')?.[channel] ?? 0;
  const epsilon = Number(config['epsilon'] ?? 1e-3);
  const value = at(input, index);
  const computed = ((value - mean) / Math.sqrt(variance + epsilon)) * gamma + beta;
  return {
    terms: [
      { label: 'input', value },
      { label: 'moving mean', value: mean },
      { label: 'moving variance', value: variance },
      { label: 'epsilon', value: epsilon },
      { label: 'gamma', value: gamma },
      { label: 'beta', value: beta },
    ],
    computed,
    formula: `(${shortNumber(value)} − ${shortNumber(mean)}) / √(${shortNumber(variance)} + ${epsilon}) · ${shortNumber(gamma)} + ${shortNumber(beta)} = ${shortNumber(computed)}`,
  };
}

function merge(
  { index, inputs, layer, network, output }: Cell,
  sign: string,
  combine: (values: number[]) => number,
  name = '',
): Elementwise | undefined {
  // tfjs broadcasts inputs of other shapes; that is not taken apart.
  if (inputs.some(({ shape }) => shape.join() !== output.shape.join())) return undefined;
  const values = inputs.map((input) => at(input, index));
  const computed = combine(values);
  const joined = values.map(shortNumber).join(sign);
  return {
    terms: values.map((value, i) => ({ label: network.plan.nameOf(layer.inputs[i]!) || 'input', value })),
    computed,
    formula: `${name ? `${name}(${joined})` : joined} = ${shortNumber(computed)}`,
  };
}

/** The same value under another index. */
function passedOn({ index, inputs, output }: Cell): Elementwise {
  let flat = 0;
  for (const [axis, size] of output.shape.entries()) flat = flat * size + index[axis]!;
  const place: number[] = [];
  let left = flat;
  for (const size of inputs[0]!.shape.toReversed()) {
    place.unshift(left % size);
    left = Math.floor(left / size);
  }
  const value = inputs[0]!.values[flat] ?? Number.NaN;
  return {
    terms: [{ label: `input [${place.join(', ')}]`, value }],
    computed: value,
    formula: shortNumber(value),
  };
}

/** The model's input: a pixel, scaled. Flat inputs have no rows and columns; their index counts through the pixels. */
function fromPicture({ session, index }: Cell): Elementwise {
  const { pixels, encoding } = session;
  const [row, column, channel] =
    index.length === 1
      ? [Math.floor(index[0]! / pixels.width), index[0]! % pixels.width, 0]
      : [index[0]!, index[1]!, index[2] ?? 0];
  const color = encoding.channelOrder === 'bgr' ? pixels.channels - 1 - channel : channel;
  const value = pixels.data[(row * pixels.width + column) * pixels.channels + color] ?? 0;
  const [scale, offset] = [ofChannel(encoding.scale, color), ofChannel(encoding.offset, color)];
  const computed = value * scale + offset;
  return {
    terms: [
      { label: 'pixel', value },
      { label: 'scale', value: scale },
      { label: 'offset', value: offset },
    ],
    computed,
    formula: `${value} · ${shortNumber(scale)} + ${shortNumber(offset)} = ${shortNumber(computed)}`,
  };
}
