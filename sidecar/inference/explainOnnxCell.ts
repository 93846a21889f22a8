/**
 * One cell of an ONNX node's output taken apart. onnxruntime tells what nodes put out; the weights are in the file, and
 * the arithmetic is what the operators' specification says.
 */
import type { OperatorCall } from '../../model-graph/onnx/operators/operator';
import {
  paddingBefore,
  samePadding,
  type Windows,
  windowsOf,
} from '../../model-graph/onnx/operators/windows';
import { startOfField } from '../../model-graph/receptiveField';
import type { CellWindow, ExplainCellParams, ExplainCellResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { at, type CellArithmetic, checkIndex, onlyIfTrue, shortNumber } from './explain/cell';
import { weightedSum } from './explain/convolution';
import { addedText, contributionsOf, softmaxAlong } from './explain/dense';
import { fromPicture } from './explain/elementwise';
import { pooled } from './explain/pooling';
import type { LayerDescription } from './network';
import type { OnnxNetwork, OnnxNode } from './onnxNetwork';
import type { WeightTensor } from './onnxWeights';
import { layerOutput, type Session } from './sessions';
import type { TensorValues } from './tfjsNetwork';

interface OnnxCell {
  network: OnnxNetwork;
  call: OperatorCall;
  /** Without the batch. */
  index: number[];
  output: TensorValues;
  /** What depends on the picture; undefined for weights and what is left out. */
  inputs: (TensorValues | undefined)[];
  /** Names of layers, `''` for the picture. */
  inputLayers: (string | undefined)[];
  weight(input: number): WeightTensor | undefined;
}

/** It is not taken apart: the reason is a full sentence. */
class NotTakenApart extends Error {
  override readonly name = 'NotTakenApart';
}

/** @throws SidecarError for a layer or cell that is not there. */
export async function explainOnnxCell(
  network: OnnxNetwork,
  session: Session,
  { layer, index }: ExplainCellParams,
): Promise<ExplainCellResult> {
  if (layer === '') return explainPicture(network, session, index);
  const node = network.node(layer);
  if (!node) throw new SidecarError(`The model \`${network.name}\` has no layer \`${layer}\`.`);
  const output = await layerOutput(session, layer);
  checkIndex(index, output.shape, layer);
  const inputLayers = node.inputs.map((tensor) => network.layerOf(tensor));
  const inputs = await Promise.all(
    inputLayers.map((name) => (name === undefined ? undefined : valuesOf(network, session, name))),
  );
  const cell: OnnxCell = {
    network,
    call: node.call,
    index,
    output,
    inputs,
    inputLayers,
    weight: (input) => network.weight(node.inputs[input] ?? ''),
  };
  const value = at(output, index);
  const first = Math.max(
    inputs.findIndex((input) => input !== undefined),
    0,
  );
  const layout = network.layoutOf(node.inputs[first] ?? '');
  const field = receptiveFieldOf(network, node, output, index);
  return {
    ...(await explain(cell, value, node.output)),
    className: node.className,
    value,
    inputLayer: inputLayers[first] ?? '',
    inputShape: inputs[first]?.shape ?? output.shape,
    ...(layout ? { layout } : {}),
    ...(field ? { receptiveField: field } : {}),
  };
}

function explainPicture(network: OnnxNetwork, session: Session, index: number[]): ExplainCellResult {
  const picture = pictureOf(network, session);
  checkIndex(index, picture.shape, 'The picture');
  const { layout } = network.encoding;
  return {
    kind: 'elementwise',
    ...fromPicture({ session, index }),
    className: 'Input',
    value: at(picture, index),
    inputLayer: '',
    inputShape: picture.shape,
    ...(layout === 'channelsFirst' ? { layout } : {}),
  };
}

function pictureOf(network: OnnxNetwork, session: Session): TensorValues {
  return { shape: network.inputShape().slice(1), values: session.values };
}

function valuesOf(network: OnnxNetwork, session: Session, layer: string): Promise<TensorValues> {
  return layer === '' ? Promise.resolve(pictureOf(network, session)) : layerOutput(session, layer);
}

function receptiveFieldOf(
  network: OnnxNetwork,
  node: OnnxNode,
  { shape, layout }: Pick<LayerDescription, 'shape' | 'layout'>,
  index: readonly number[],
): CellWindow | undefined {
  const field = network.receptiveField(node);
  if (field?.size.length !== 2) return undefined;
  // A flattened cell's index tells no row and column; it need not where every cell sees the same.
  if (shape.length !== 3 && field.stride.some((stride) => stride !== 0)) return undefined;
  const first = layout === 'channelsFirst' ? 1 : 0;
  const along = (axis: number) => {
    const [start, size] = [startOfField(field, axis, index[first + axis] ?? 0), field.size[axis]];
    return start === null || typeof size !== 'number' ? undefined : { start, size };
  };
  const [rows, columns] = [along(0), along(1)];
  return rows && columns && { top: rows.start, left: columns.start, height: rows.size, width: columns.size };
}

async function explain(cell: OnnxCell, value: number, number: number): Promise<CellArithmetic> {
  const { opType } = cell.call;
  const explainer = explainers[opType];
  try {
    if (!explainer || number > 0) throw new NotTakenApart(`Layerwise does not take ${opType} apart.`);
    return onlyIfTrue(await explainer(cell), value);
  } catch (error) {
    if (!(error instanceof NotTakenApart)) throw error;
    return { kind: 'other', computed: value, formula: shortNumber(value), reason: error.message };
  }
}

const explainers: Record<string, (cell: OnnxCell) => CellArithmetic | Promise<CellArithmetic>> = {
  Conv: convolution,
  MaxPool: (cell) => pooling(cell, 'max'),
  AveragePool: (cell) => pooling(cell, 'average'),
  GlobalMaxPool: (cell) => globalPooling(cell, 'max'),
  GlobalAveragePool: (cell) => globalPooling(cell, 'average'),
  Gemm: gemm,
  MatMul: matMul,
  Relu: (cell) => ofOne(cell, (value) => [Math.max(value, 0), `max(${shortNumber(value)}, 0)`]),
  Clip: clip,
  BatchNormalization: batchNormalization,
  Add: sum,
  Softmax: softmax,
  Flatten: passedOn,
  Reshape: passedOn,
  Identity: passedOn,
  // Nothing is dropped in inference.
  Dropout: passedOn,
};

/** @throws NotTakenApart unless the first input depends on the picture and is of this many axes, without the batch. */
function readInput({ inputs, call }: OnnxCell, ranks: readonly number[]): TensorValues {
  const [input] = inputs;
  if (input && ranks.includes(input.shape.length)) return input;
  throw new NotTakenApart(`Layerwise takes ${call.opType} apart for pictures and sequences only.`);
}

/** @throws NotTakenApart */
function constantOf(cell: OnnxCell, index: number): WeightTensor {
  const weight = cell.weight(index);
  if (weight) return weight;
  throw new NotTakenApart(
    `The weights of this ${cell.call.opType} are computed while the model runs, or are no fractions, and are not read.`,
  );
}

/** Along rows and columns; a sequence is a picture of one row. Sizes are those of the input. */
function windowAt(cell: OnnxCell, input: TensorValues, windows: Windows): CellWindow {
  const [, ...sizes] = input.shape;
  const axes = sizes.map((size, axis) => {
    const kernel = windows.kernel[axis];
    if (typeof kernel !== 'number') throw new NotTakenApart('Its kernel has an open size.');
    const padding = paddingBefore(windows, axis, size) ?? 0;
    return {
      start: cell.index[axis + 1]! * windows.strides[axis]! - padding,
      length: (kernel - 1) * windows.dilations[axis]! + 1,
    };
  });
  const [rows, columns] = axes.length === 1 ? [{ start: 0, length: 1 }, axes[0]!] : [axes[0]!, axes[1]!];
  return { top: rows.start, left: columns.start, height: rows.length, width: columns.length };
}

/** One channel of an input with its channels first. */
function channelReader(input: TensorValues) {
  const isSequence = input.shape.length === 2;
  return (row: number, column: number, channel: number) =>
    isSequence ? (row === 0 ? at(input, [channel, column]) : 0) : at(input, [channel, row, column]);
}

function convolution(cell: OnnxCell): Promise<CellArithmetic> {
  const input = readInput(cell, [2, 3]);
  const kernel = constantOf(cell, 1);
  const biases = cell.call.inputs[2] ? constantOf(cell, 2) : undefined;
  const [filters = 1, inGroup = 1, ...sizes] = kernel.dims;
  const windows = windowsOf(cell.call, input.shape.length + 1, [...sizes]);
  const filter = cell.index[0]!;
  const group = Math.floor(filter / (filters / cell.call.attributes.integer('group', 1)));
  const [rows, columns] = sizes.length === 1 ? [1, sizes[0]!] : [sizes[0]!, sizes[1]!];
  const dilations = windows.dilations.length === 1 ? [1, ...windows.dilations] : windows.dilations;
  return weightedSum({
    window: windowAt(cell, input, windows),
    dilation: [dilations[0]!, dilations[1]!],
    channels: Array.from({ length: inGroup }, (_, i) => group * inGroup + i),
    valueAt: channelReader(input),
    weightAt: (y, x, channel) => kernel.at(((filter * inGroup + channel) * rows + y) * columns + x),
    bias: biases?.at(filter) ?? 0,
    activation: 'linear',
  });
}

function pooling(cell: OnnxCell, operation: 'max' | 'average'): CellArithmetic {
  const input = readInput(cell, [2, 3]);
  const windows = windowsOf(cell.call, input.shape.length + 1, undefined);
  if (windows.dilations.some((step) => step !== 1)) {
    throw new NotTakenApart('Layerwise does not take poolings with gaps apart.');
  }
  const window = windowAt(cell, input, windows);
  const [rows, columns] =
    input.shape.length === 2 ? [1, input.shape[1]!] : [input.shape[1]!, input.shape[2]!];
  const read = channelReader(input);
  const channel = cell.index[0]!;
  const countsPadding = operation === 'average' && cell.call.attributes.integer('count_include_pad', 0) === 1;
  return pooled({
    operation,
    window,
    rows,
    columns,
    valueAt: (row, column) => read(row, column, channel),
    ...(countsPadding ? { counted: cellsWithPadding(input, window, windows) } : {}),
  });
}

/** Cells of the window in the input or its padding; what `ceil_mode` lets stick out beyond does not count. */
function cellsWithPadding(input: TensorValues, window: CellWindow, windows: Windows): number {
  const [, ...sizes] = input.shape;
  const starts = sizes.length === 1 ? [window.left] : [window.top, window.left];
  const lengths = sizes.length === 1 ? [window.width] : [window.height, window.width];
  return sizes.reduce((count, size, axis) => {
    const before = paddingBefore(windows, axis, size) ?? 0;
    const after = windows.pads?.[axis]?.[1] ?? (samePadding(windows, axis, size) ?? 0) - before;
    return count * (Math.min(starts[axis]! + lengths[axis]!, size + after) - starts[axis]!);
  }, 1);
}

function globalPooling(cell: OnnxCell, operation: 'max' | 'average'): CellArithmetic {
  const input = readInput(cell, [2, 3]);
  const [rows, columns] =
    input.shape.length === 2 ? [1, input.shape[1]!] : [input.shape[1]!, input.shape[2]!];
  const read = channelReader(input);
  return pooled({
    operation,
    window: { top: 0, left: 0, height: rows, width: columns },
    rows,
    columns,
    valueAt: (row, column) => read(row, column, cell.index[0]!),
  });
}

// --- matrices --------------------------------------------------------------------------------------------------------

function dense(
  cell: OnnxCell,
  size: number,
  weightAt: (input: number, unit: number) => number,
  bias: number,
): CellArithmetic {
  const input = cell.inputs[0]!;
  const [row, unit] = [cell.index.slice(0, -1), cell.index.at(-1)!];
  const read = Array.from({ length: size }, (_, i) => at(input, [...row, i]));
  const added = contributionsOf(read, (i) => weightAt(i, unit), bias);
  const { sum: computed } = added;
  const formula = `${addedText(computed, bias)} = ${shortNumber(computed)}`;
  return { kind: 'dense', ...added, activation: 'linear', computed, formula };
}

/** alpha · A · B + beta · C; alpha counts with the weights and beta with the bias. */
function gemm(cell: OnnxCell): CellArithmetic {
  const { attributes, inputs } = cell.call;
  const input = readInput(cell, [1, 2]);
  if (attributes.integer('transA', 0) === 1) {
    throw new NotTakenApart('Layerwise does not take products of a transposed input apart.');
  }
  const weights = constantOf(cell, 1);
  const isTransposed = attributes.integer('transB', 0) === 1;
  const [alpha, beta] = [attributes.number('alpha', 1), attributes.number('beta', 1)];
  const size = input.shape.at(-1)!;
  const units = weights.dims[isTransposed ? 0 : 1]!;
  const biases = inputs[2] ? constantOf(cell, 2) : undefined;
  return dense(
    cell,
    size,
    (i, unit) => alpha * weights.at(isTransposed ? unit * size + i : i * units + unit),
    biases ? beta * broadcastAt(biases, cell.index) : 0,
  );
}

function matMul(cell: OnnxCell): CellArithmetic {
  const input = readInput(cell, [1, 2, 3]);
  const weights = constantOf(cell, 1);
  const [size, units] = weights.dims;
  if (weights.dims.length !== 2 || size !== input.shape.at(-1)) {
    throw new NotTakenApart('Layerwise takes products with a matrix of weights apart, and no others.');
  }
  return dense(cell, size!, (i, unit) => weights.at(i * units! + unit), 0);
}

/** A weight at the place of a cell, as Numpy broadcasts; its axes are counted from the end. */
function broadcastAt({ dims, at: valueAt }: WeightTensor, index: readonly number[]): number {
  return valueAt(
    dims.reduce((place, size, axis) => {
      const along = index[axis - dims.length + index.length] ?? 0;
      return place * size + (size === 1 ? 0 : along);
    }, 0),
  );
}

// --- cell by cell ----------------------------------------------------------------------------------------------------

function ofOne(
  cell: OnnxCell,
  compute: (value: number) => [computed: number, formula: string],
): CellArithmetic {
  const value = at(cell.inputs[0]!, cell.index);
  const [computed, formula] = compute(value);
  const from = { layer: cell.inputLayers[0]!, index: cell.index };
  return {
    kind: 'elementwise',
    terms: [{ label: 'input', value, from }],
    computed,
    formula: `${formula} = ${shortNumber(computed)}`,
  };
}

/** Between two numbers: inputs since version 11, attributes before; either may be left out. */
function clip(cell: OnnxCell): CellArithmetic {
  const { inputs, attributes, version } = cell.call;
  const limit = (input: number, name: string, absent: number) => {
    if (version < 11) return attributes.number(name, absent);
    return inputs[input] ? constantOf(cell, input).at(0) : absent;
  };
  const least = limit(1, 'min', Number.NEGATIVE_INFINITY);
  const most = limit(2, 'max', Number.POSITIVE_INFINITY);
  const limits = [
    Number.isFinite(least) ? `, at least ${shortNumber(least)}` : '',
    Number.isFinite(most) ? `, at most ${shortNumber(most)}` : '',
  ].join('');
  return ofOne(cell, (value) => [Math.min(Math.max(value, least), most), `${shortNumber(value)}${limits}`]);
}

/** (input − mean) / √(variance + epsilon) · scale + B, all of the channel. */
function batchNormalization(cell: OnnxCell): CellArithmetic {
  const { attributes } = cell.call;
  const weightsOf = [1, 2, 3, 4].map((input) => constantOf(cell, input));
  if (attributes.integer('training_mode', 0) === 1 || weightsOf.some(({ dims }) => dims.length !== 1)) {
    throw new NotTakenApart(
      'Layerwise takes a BatchNormalization with a mean of each channel apart, and no others.',
    );
  }
  const [scale, shift, mean, variance] = weightsOf.map((weight) => weight.at(cell.index[0]!)) as [
    number,
    number,
    number,
    number,
  ];
  const epsilon = attributes.number('epsilon', 1e-5);
  const value = at(cell.inputs[0]!, cell.index);
  const computed = ((value - mean) / Math.sqrt(variance + epsilon)) * scale + shift;
  return {
    kind: 'elementwise',
    terms: [
      { label: 'input', value, from: { layer: cell.inputLayers[0]!, index: cell.index } },
      { label: 'mean', value: mean },
      { label: 'variance', value: variance },
      { label: 'epsilon', value: epsilon },
      { label: 'scale', value: scale },
      { label: 'B', value: shift },
    ],
    computed,
    formula: `(${shortNumber(value)} − ${shortNumber(mean)}) / √(${shortNumber(variance)} + ${shortNumber(epsilon)}) · ${shortNumber(scale)} + ${shortNumber(shift)} = ${shortNumber(computed)}`,
  };
}

function sum(cell: OnnxCell): CellArithmetic {
  const terms = cell.call.inputs.map((_, i) => {
    const [input, layer] = [cell.inputs[i], cell.inputLayers[i]];
    if (!input) return { label: 'weight', value: broadcastAt(constantOf(cell, i), cell.index) };
    if (input.shape.join() !== cell.output.shape.join()) {
      throw new NotTakenApart('Layerwise does not take sums of inputs of different sizes apart.');
    }
    const from = { layer: layer!, index: cell.index };
    return { label: layer || 'input', value: at(input, cell.index), from };
  });
  const computed = terms.reduce((total, { value }) => total + value, 0);
  const formula = `${terms.map(({ value }) => shortNumber(value)).join(' + ')} = ${shortNumber(computed)}`;
  return { kind: 'elementwise', terms, computed, formula };
}

function softmax(cell: OnnxCell): CellArithmetic {
  const input = cell.inputs[0]!;
  const rank = input.shape.length + 1;
  const given = cell.call.attributes.integer('axis', cell.call.version < 13 ? 1 : -1);
  const axis = (given < 0 ? given + rank : given) - 1;
  // Before version 13 all axes from this one on are summed up together.
  if (axis < 0 || (cell.call.version < 13 && axis !== input.shape.length - 1)) {
    throw new NotTakenApart('Layerwise takes a softmax along one axis apart, and no others.');
  }
  // The terms are listed as units, which they are along the last axis.
  if (axis !== input.shape.length - 1) {
    throw new NotTakenApart('Layerwise takes a softmax along the last axis apart, and no others.');
  }
  return softmaxAlong(input, cell.index, axis);
}

/** The same values in the same order, in whatever shape. */
function passedOn(cell: OnnxCell): CellArithmetic {
  const input = cell.inputs[0];
  if (!input || input.values.length !== cell.output.values.length) {
    throw new NotTakenApart(`Layerwise does not take this ${cell.call.opType} apart.`);
  }
  let place = cell.output.shape.reduce((flat, size, axis) => flat * size + cell.index[axis]!, 0);
  const index: number[] = [];
  for (const size of input.shape.toReversed()) {
    index.unshift(place % size);
    place = Math.floor(place / size);
  }
  const value = at(input, index);
  const from = { layer: cell.inputLayers[0]!, index };
  return {
    kind: 'elementwise',
    terms: [{ label: `input [${index.join(', ')}]`, value, from }],
    computed: value,
    formula: shortNumber(value),
  };
}
