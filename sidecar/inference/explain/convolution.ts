/** Σ patch ⊙ kernel + bias → activation. */
import type { CellWindow } from '../../../protocol/sidecar';
import { weightsOf } from '../tfjsNetwork';
import { numericWindow, windowAt } from '../windows';
import { activate, activationName } from './activate';
import { at, type Cell, type CellArithmetic, shortNumber } from './cell';

/** What one cell reads, and with which weights. */
export interface Reading {
  /** In cells of the input; may stick out. */
  window: CellWindow;
  dilation: [number, number];
  /** Which of the input's channels. */
  channels: number[];
  /** Of the input; 0 where it sticks out. */
  valueAt(row: number, column: number, channel: number): number;
  /** `y`, `x`: which of the window's cells. `channel` counts through `channels`. */
  weightAt(y: number, x: number, channel: number): number;
  bias: number;
  activation: string;
}

/** The arithmetic of a cell that is a weighted sum of a window. */
export async function weightedSum(reading: Reading): Promise<CellArithmetic> {
  const { window, dilation, channels, bias, activation } = reading;
  const patch: number[] = [];
  const kernel: number[] = [];
  const channelSums = new Array<number>(channels.length).fill(0);
  for (let row = 0, y = 0; row < window.height; row += dilation[0], y++) {
    for (let column = 0, x = 0; column < window.width; column += dilation[1], x++) {
      for (const [i, channel] of channels.entries()) {
        const value = reading.valueAt(window.top + row, window.left + column, channel);
        const weight = reading.weightAt(y, x, i);
        patch.push(value);
        kernel.push(weight);
        channelSums[i]! += value * weight;
      }
    }
  }
  const products = channelSums.reduce((total, value) => total + value, 0);
  const sum = products + bias;
  const computed = await activate(activation, sum);
  const added = `${shortNumber(products)} ${bias < 0 ? '−' : '+'} ${shortNumber(Math.abs(bias))}`;
  return {
    kind: 'convolution',
    window,
    dilation,
    channels: channels.length,
    firstChannel: channels[0] ?? 0,
    patch,
    kernel,
    channelSums,
    bias,
    sum,
    activation,
    computed,
    formula:
      activation === 'linear'
        ? `${added} = ${shortNumber(computed)}`
        : `${activation}(${added}) = ${activation}(${shortNumber(sum)}) = ${shortNumber(computed)}`,
  };
}

type Weights = Awaited<ReturnType<typeof weightsOf>>;

const readings: Record<
  string,
  (cell: Cell, weights: Weights) => Omit<Reading, 'bias' | 'activation'> | undefined
> = {
  Conv1D: (cell, weights) => plain(cell, weights.get('kernel')),
  Conv2D: (cell, weights) => plain(cell, weights.get('kernel')),
  DepthwiseConv2D: (cell, weights) => depthwise(cell, weights.get('depthwise_kernel')),
  SeparableConv2D: (cell, weights) =>
    separable(cell, weights.get('depthwise_kernel'), weights.get('pointwise_kernel')),
  Conv2DTranspose: (cell, weights) => transposed(cell, weights.get('kernel')),
};

export async function explainConvolution(cell: Cell): Promise<CellArithmetic | undefined> {
  const { layer } = cell.layer;
  const reading = readings[cell.layer.className];
  if (!reading || layer.getConfig()['dataFormat'] === 'channelsFirst') return undefined;
  const activation = activationName(layer);
  // It needs the other channels' sums, too.
  if (activation === 'softmax') return undefined;
  const weights = await weightsOf(layer);
  const read = reading(cell, weights);
  const bias = weights.get('bias')?.[cell.index.at(-1)!] ?? 0;
  return read && weightedSum({ ...read, bias, activation });
}

/** Where the cell looks; a sequence is a picture of one row. */
function look(cell: Cell) {
  const { layer, inputs, index } = cell;
  const input = inputs[0]!;
  const size = numericWindow(layer.layer, [[1, ...input.shape]]);
  if (!size) return undefined;
  const isSequence = input.shape.length === 2;
  const of = (axes: number[], row: number) => (isSequence ? [row, ...axes] : axes);
  const window = windowAt(
    {
      size: of(size.size, 1),
      stride: of(size.stride, 1),
      dilation: of(size.dilation, 1),
      padding: of(size.padding, 0),
    },
    of(index.slice(0, -1), 0),
  );
  const [height, width] = of(size.dilation, 1) as [number, number];
  return {
    window,
    dilation: [height, width] as [number, number],
    columns: size.size.at(-1)!,
    ...readerOf(cell),
  };
}

function readerOf({ inputs }: Cell) {
  const input = inputs[0]!;
  const inputChannels = input.shape.at(-1)!;
  return {
    inputChannels,
    valueAt: (row: number, column: number, channel: number) => {
      if (input.shape.length > 2) return at(input, [row, column, channel]);
      return row === 0 ? at(input, [column, channel]) : 0;
    },
  };
}

/** `kernel`: [height, width, channels in, filters]. */
function plain(cell: Cell, kernel: ArrayLike<number> | undefined) {
  const looking = look(cell);
  if (!looking || !kernel) return undefined;
  const { columns, inputChannels } = looking;
  const [filter, filters] = [cell.index.at(-1)!, cell.output.shape.at(-1)!];
  return {
    ...looking,
    channels: range(inputChannels),
    weightAt: (y: number, x: number, channel: number) =>
      kernel[((y * columns + x) * inputChannels + channel) * filters + filter] ?? 0,
  };
}

/** `kernel`: [height, width, channels in, multiplier]; filter = channel · multiplier + which of its filters. */
function depthwise(cell: Cell, kernel: ArrayLike<number> | undefined) {
  const looking = look(cell);
  if (!looking || !kernel) return undefined;
  const { columns, inputChannels } = looking;
  const filter = cell.index.at(-1)!;
  const multiplier = cell.output.shape.at(-1)! / inputChannels;
  const channel = Math.floor(filter / multiplier);
  return {
    ...looking,
    channels: [channel],
    weightAt: (y: number, x: number) =>
      kernel[((y * columns + x) * inputChannels + channel) * multiplier + (filter % multiplier)] ?? 0,
  };
}

/** Nothing is between the two convolutions, so that they are one, with this kernel: Σ depthwise · pointwise. */
function separable(
  cell: Cell,
  depthwiseKernel: ArrayLike<number> | undefined,
  pointwiseKernel: ArrayLike<number> | undefined,
) {
  const looking = look(cell);
  if (!looking || !depthwiseKernel || !pointwiseKernel) return undefined;
  const { columns, inputChannels } = looking;
  const [filter, filters] = [cell.index.at(-1)!, cell.output.shape.at(-1)!];
  const multiplier = pointwiseKernel.length / filters / inputChannels;
  return {
    ...looking,
    channels: range(inputChannels),
    weightAt: (y: number, x: number, channel: number) =>
      range(multiplier).reduce((sum, i) => {
        const between = channel * multiplier + i;
        const first = depthwiseKernel[(y * columns + x) * inputChannels * multiplier + between] ?? 0;
        return sum + first * (pointwiseKernel[between * filters + filter] ?? 0);
      }, 0),
  };
}

/**
 * `kernel`: [height, width, filters, channels in]. Mirrors tfjs-core conv2d_transpose, the gradient of a convolution that
 * leads from the output's size to the input's.
 */
function transposed(cell: Cell, kernel: ArrayLike<number> | undefined) {
  const { kernelSize, strides, padding } = cell.layer.layer.getConfig();
  if (!kernel || !Array.isArray(kernelSize) || !Array.isArray(strides)) return undefined;
  const axes = [0, 1].map((axis) =>
    reaching({
      cell: cell.index[axis]!,
      kernel: kernelSize[axis] as number,
      stride: strides[axis] as number,
      padding:
        padding === 'same'
          ? Math.floor(Math.max((kernelSize[axis] as number) - (strides[axis] as number), 0) / 2)
          : 0,
    }),
  );
  const [rows, columns] = axes as [Reaching, Reaching];
  const reader = readerOf(cell);
  const { inputChannels } = reader;
  const [filter, filters] = [cell.index.at(-1)!, cell.output.shape.at(-1)!];
  return {
    ...reader,
    window: { top: rows.first, left: columns.first, height: rows.count, width: columns.count },
    dilation: [1, 1] as [number, number],
    channels: range(inputChannels),
    weightAt: (y: number, x: number, channel: number) => {
      const place = rows.kernelAt(y) * (kernelSize[1] as number) + columns.kernelAt(x);
      return kernel[(place * filters + filter) * inputChannels + channel] ?? 0;
    },
  };
}

/** Which input cells reach a cell of a transposed convolution, along one axis, and with which cell of the kernel. */
export interface Reaching {
  first: number;
  /** 0 where the stride is larger than the kernel and none reaches it. */
  count: number;
  kernelAt(index: number): number;
}

export function reaching(axis: { cell: number; kernel: number; stride: number; padding: number }): Reaching {
  const { kernel, stride } = axis;
  const place = axis.cell + axis.padding;
  const first = Math.ceil((place - kernel + 1) / stride);
  return {
    first,
    count: Math.max(Math.floor(place / stride) - first + 1, 0),
    kernelAt: (index) => place - (first + index) * stride,
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
