/** Cells made of few values: activations, normalization, sums, and what is only passed on. */
import { ofChannel } from '../../images/encode';
import { weightsOf } from '../tfjsNetwork';
import { activate, activationName } from './activate';
import { at, type Cell, type CellArithmetic, shortNumber } from './cell';

interface Term {
  label: string;
  value: number;
  /** The cell of another layer's output that the value is. */
  from?: { layer: string; index: number[] };
}
type Elementwise = { terms: Term[]; computed: number; formula: string };

const byClass: Record<string, (cell: Cell) => Promise<Elementwise | undefined>> = {
  InputLayer: async (cell) =>
    cell.layer.value === cell.network.plan.input ? fromPicture(cell) : passedOn(cell, cell.index),
  Activation: activation,
  ReLU: async (cell) => {
    const most = cell.layer.layer.getConfig()['maxValue'] as number | null | undefined;
    return ofOne(cell, (value) => {
      const computed = Math.min(Math.max(value, 0), most ?? Number.POSITIVE_INFINITY);
      const limit = most == null ? '' : `, at most ${most}`;
      return { computed, formula: `max(${shortNumber(value)}, 0)${limit} = ${shortNumber(computed)}` };
    });
  },
  LeakyReLU: async (cell) => {
    const alpha = Number(cell.layer.layer.getConfig()['alpha'] ?? 0.3);
    return ofOne(cell, (value) => {
      const computed = value >= 0 ? value : alpha * value;
      const formula =
        value >= 0 ? shortNumber(value) : `${alpha} · ${shortNumber(value)} = ${shortNumber(computed)}`;
      return { computed, formula };
    });
  },
  Rescaling: async (cell) => {
    const { scale, offset } = cell.layer.layer.getConfig();
    return ofOne(cell, (value) => {
      const computed = value * Number(scale) + Number(offset);
      return {
        computed,
        formula: `${shortNumber(value)} · ${shortNumber(Number(scale))} + ${shortNumber(Number(offset))} = ${shortNumber(computed)}`,
      };
    });
  },
  BatchNormalization: batchNormalization,
  Add: async (cell) => merge(cell, ' + ', (values) => values.reduce((sum, value) => sum + value, 0)),
  Multiply: async (cell) =>
    merge(cell, ' · ', (values) => values.reduce((product, value) => product * value, 1)),
  Average: async (cell) =>
    merge(cell, ', ', (values) => values.reduce((sum, value) => sum + value, 0) / values.length, 'mean'),
  Maximum: async (cell) => merge(cell, ', ', (values) => Math.max(...values), 'max'),
  Minimum: async (cell) => merge(cell, ', ', (values) => Math.min(...values), 'min'),
  Concatenate: async (cell) => concatenated(cell),
  Flatten: async (cell) => reshaped(cell),
  Reshape: async (cell) => reshaped(cell),
  // Nothing is dropped and no noise added in inference.
  Dropout: async (cell) => passedOn(cell, cell.index),
  SpatialDropout1D: async (cell) => passedOn(cell, cell.index),
  GaussianDropout: async (cell) => passedOn(cell, cell.index),
  GaussianNoise: async (cell) => passedOn(cell, cell.index),
  AlphaDropout: async (cell) => passedOn(cell, cell.index),
  ZeroPadding2D: async (cell) => shifted(cell, 'padding', -1),
  Cropping2D: async (cell) => shifted(cell, 'cropping', 1),
  UpSampling2D: async (cell) => {
    const { size, interpolation, dataFormat } = cell.layer.layer.getConfig();
    if (dataFormat === 'channelsFirst' || (interpolation ?? 'nearest') !== 'nearest') return undefined;
    const [rows, columns] = size as [number, number];
    const [row = 0, column = 0, channel = 0] = cell.index;
    return passedOn(cell, [Math.floor(row / rows), Math.floor(column / columns), channel]);
  },
};

export async function explainElementwise(cell: Cell): Promise<CellArithmetic | undefined> {
  const explained = await byClass[cell.layer.className]?.(cell);
  return explained && { kind: 'elementwise', ...explained };
}

async function activation(cell: Cell): Promise<Elementwise | undefined> {
  const name = activationName(cell.layer.layer);
  if (name === 'softmax') return undefined;
  const computed = await activate(name, at(cell.inputs[0]!, cell.index));
  return ofOne(cell, (value) => ({
    computed,
    formula: `${name}(${shortNumber(value)}) = ${shortNumber(computed)}`,
  }));
}

/** A value of one input that stands at the same place. */
function ofOne(cell: Cell, compute: (value: number) => { computed: number; formula: string }): Elementwise {
  const value = at(cell.inputs[0]!, cell.index);
  return { terms: [{ label: 'input', value, from: cellOf(cell, 0, cell.index) }], ...compute(value) };
}

/** The address of a cell of one of the layer's inputs. */
function cellOf(
  { network, layer }: Cell,
  input: number,
  index: number[],
): { layer: string; index: number[] } {
  return { layer: network.plan.nameOf(layer.inputs[input]!), index };
}

async function batchNormalization(cell: Cell): Promise<Elementwise | undefined> {
  const { layer, index, inputs } = cell;
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
      { label: 'input', value, from: cellOf(cell, 0, index) },
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
  cell: Cell,
  sign: string,
  combine: (values: number[]) => number,
  name = '',
): Elementwise | undefined {
  const { index, inputs, output } = cell;
  // tfjs broadcasts inputs of other shapes; that is not taken apart.
  if (inputs.some(({ shape }) => shape.join() !== output.shape.join())) return undefined;
  const values = inputs.map((input) => at(input, index));
  const computed = combine(values);
  const joined = values.map(shortNumber).join(sign);
  return {
    terms: values.map((value, i) => {
      const from = cellOf(cell, i, index);
      return { label: from.layer || 'input', value, from };
    }),
    computed,
    formula: `${name ? `${name}(${joined})` : joined} = ${shortNumber(computed)}`,
  };
}

/** One of the inputs, at the place that is left when those before it are taken off. */
function concatenated(cell: Cell): Elementwise | undefined {
  const given = Number(cell.layer.layer.getConfig()['axis'] ?? -1);
  // The axis counts with the batch, or from the end.
  const axis = given < 0 ? cell.index.length + given : given - 1;
  let along = cell.index[axis];
  if (along === undefined) return undefined;
  for (const [input, { shape }] of cell.inputs.entries()) {
    if (along < shape[axis]!) return passedOn(cell, cell.index.with(axis, along), input);
    along -= shape[axis]!;
  }
  return undefined;
}

/** The same value under the index that it has in the input's shape. */
function reshaped(cell: Cell): Elementwise {
  let left = 0;
  for (const [axis, size] of cell.output.shape.entries()) left = left * size + cell.index[axis]!;
  const place: number[] = [];
  for (const size of cell.inputs[0]!.shape.toReversed()) {
    place.unshift(left % size);
    left = Math.floor(left / size);
  }
  return passedOn(cell, place);
}

/** Rows and columns are added around the input, or taken off. */
function shifted(cell: Cell, amounts: 'padding' | 'cropping', sign: 1 | -1): Elementwise | undefined {
  const config = cell.layer.layer.getConfig();
  if (config['dataFormat'] === 'channelsFirst') return undefined;
  const [[top], [left]] = config[amounts] as [[number, number], [number, number]];
  const [row = 0, column = 0, channel = 0] = cell.index;
  return passedOn(cell, [row + sign * top, column + sign * left, channel]);
}

/** A value of an input as it is; outside of the input it is zero. */
function passedOn(cell: Cell, place: number[], input = 0): Elementwise {
  const { shape } = cell.inputs[input]!;
  const value = at(cell.inputs[input]!, place);
  const inside = place.every((i, axis) => i >= 0 && i < shape[axis]!);
  const term: Term = inside
    ? { label: `input [${place.join(', ')}]`, value, from: cellOf(cell, input, place) }
    : { label: 'padding', value };
  return { terms: [term], computed: value, formula: shortNumber(value) };
}

/** The model's input: a pixel, scaled. Flat inputs have no rows and columns; their index counts through the pixels. */
export function fromPicture({ session, index }: Pick<Cell, 'session' | 'index'>): Elementwise {
  const { pixels, encoding } = session;
  const [row, column, channel] =
    index.length === 1
      ? [Math.floor(index[0]! / pixels.width), index[0]! % pixels.width, 0]
      : encoding.layout === 'channelsFirst'
        ? [index[1]!, index[2]!, index[0]!]
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
