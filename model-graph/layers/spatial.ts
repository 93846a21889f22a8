/** Sizes along spatial axes: what convolutions and poolings do to a length, and how that is told to a person. */
import {
  add,
  ceilDivide,
  type Dim,
  floorDivide,
  formatDim,
  isSymbolic,
  maximum,
  multiply,
  type Quantity,
  type Shape,
  subtract,
} from '../dims';
import { known, Lost, LostSignal } from './config';
import type { Call } from './define';
import type { Window } from './rule';

export type DataFormat = 'channelsFirst' | 'channelsLast';

/** One spatial axis of a convolution or a pooling. */
export interface SpatialAxis {
  size: Quantity;
  stride: Quantity;
  dilation: Quantity;
}

/** The cells a dilated kernel spans. */
export function effectiveSize({ size, dilation }: SpatialAxis): Quantity {
  return add(size, multiply(subtract(size, 1), subtract(dilation, 1)));
}

/** Mirrors tfjs-layers utils/conv_utils.ts convOutputLength; tfjs lets sizes <= 0 pass, Layerwise warns. */
export function convOutputLength(length: Dim, axis: SpatialAxis, padding: string): Dim {
  if (length === null) return null;
  const { stride } = axis;
  if (stride === 0) throw new LostSignal(new Lost('a stride of 0 leads nowhere'));
  if (padding === 'same') return ceilLike(length, stride);
  const span = subtract(length, effectiveSize(axis));
  if (typeof span === 'number' && typeof stride === 'number') {
    return Math.floor((span + 1 + stride - 1) / stride);
  }
  return add(floorDivide(span, stride), 1);
}

/** ⌊(length + stride − 1)/stride⌋, as tfjs writes it. */
function ceilLike(length: Quantity, stride: Quantity): Dim {
  if (typeof length === 'number' && typeof stride === 'number') {
    return Math.floor((length + stride - 1) / stride);
  }
  return ceilDivide(length, stride);
}

/** Mirrors tfjs-layers utils/conv_utils.ts deconvLength. */
export function deconvLength(length: Dim, stride: Quantity, size: Quantity, padding: string): Dim {
  if (length === null) return null;
  const stretched = multiply(length, stride);
  return padding === 'same' ? stretched : add(stretched, maximum(subtract(size, stride), 0));
}

export function spatialAxes(rank: number, dataFormat: DataFormat): number[] {
  const first = dataFormat === 'channelsFirst' ? 2 : 1;
  return Array.from({ length: rank }, (_, index) => first + index);
}

export function channelAxis(rank: number, dataFormat: DataFormat): number {
  return dataFormat === 'channelsFirst' ? 1 : rank + 1;
}

/** Zeros put before the first cell: half of what 'same' adds, rounded down; none for 'valid'. Mirrors tfjs-core ops/conv_util.ts getPadAndOutInfo. */
export function paddingBefore(length: Dim, axis: SpatialAxis, padding: string): Dim {
  if (padding !== 'same') return 0;
  // At stride 1 the padding does not depend on the length, which may be open then.
  if (axis.stride === 1) return floorDivide(subtract(effectiveSize(axis), 1), 2);
  const output = convOutputLength(length, axis, padding);
  if (length === null || output === null) return null;
  const total = subtract(add(multiply(subtract(output, 1), axis.stride), effectiveSize(axis)), length);
  return floorDivide(maximum(total, 0), 2);
}

export function spatialWindow(
  dataFormat: DataFormat | Lost,
  lengths: readonly Dim[],
  axes: readonly SpatialAxis[],
  padding: string,
): Window {
  return {
    kind: 'window',
    channelsFirst: known(dataFormat) === 'channelsFirst',
    size: axes.map(({ size }) => size),
    stride: axes.map(({ stride }) => stride),
    dilation: axes.map(({ dilation }) => dilation),
    padding: axes.map((axis, index) => paddingBefore(lengths[index] as Dim, axis, padding)),
  };
}

/** `(32 − 5 + 0)/1 + 1 = 28`, or `⌈28/2⌉ = 14` for 'same'; null for an open size. */
function deriveLength(length: Dim, axis: SpatialAxis, padding: string): string | null {
  const output = convOutputLength(length, axis, padding);
  if (length === null || output === null) return null;
  if (padding === 'same') return equation(`⌈${operand(length)}/${operand(axis.stride)}⌉`, output);
  const span = subtract(length, effectiveSize(axis));
  const text = `(${formatDim(length)} − ${operand(effectiveSize(axis))} + 0)/${operand(axis.stride)}`;
  const exact =
    axis.stride === 1 ||
    (typeof span === 'number' && typeof axis.stride === 'number' && span % axis.stride === 0);
  return equation(`${exact ? text : `⌊${text}⌋`} + 1`, output);
}

/** `14·2 = 28`, or one side alone where both read the same. */
export function equation(left: string, result: Dim): string {
  const right = formatDim(result);
  return left === right ? left : `${left} = ${right}`;
}

export function deriveLengths(
  lengths: readonly Dim[],
  axes: readonly SpatialAxis[],
  padding: string,
): string[] {
  return axisLines(axes.map((axis, index) => deriveLength(lengths[index] as Dim, axis, padding)));
}

const axisNames: Record<number, readonly string[]> = {
  1: ['length'],
  2: ['height', 'width'],
  3: ['depth', 'height', 'width'],
};

/** One line where all axes come about alike, otherwise one each, named. */
export function axisLines(lines: readonly (string | null)[]): string[] {
  const [first] = lines;
  if (first != null && lines.every((line) => line === first)) return [first];
  const names = axisNames[lines.length] ?? [];
  return lines.flatMap((line, index) => (line === null ? [] : [`${names[index]}: ${line}`]));
}

/** In parentheses where it would otherwise be read wrongly beside an operator. */
export function operand(dim: Dim): string {
  const text = formatDim(dim);
  const bracketed = /^[⌊⌈][^⌊⌈]*[⌋⌉]$/.test(text);
  return (isSymbolic(dim) && !bracketed && / [+−] /.test(text)) || text.startsWith('−') ? `(${text})` : text;
}

/** `kernel-larger-than-input` for 'valid' windows that do not fit: tfjs lets it pass, Layerwise warns. */
export function warnOfLargeKernel(
  call: Call,
  what: string,
  lengths: readonly Dim[],
  axes: readonly SpatialAxis[],
  padding: string,
): void {
  if (padding === 'same') return;
  for (const [index, axis] of axes.entries()) {
    const length = lengths[index] as Dim;
    const size = effectiveSize(axis);
    if (typeof length !== 'number' || typeof size !== 'number' || size <= length) continue;
    const dilated = size === axis.size ? '' : ' (dilated)';
    const output = convOutputLength(length, axis, padding);
    call.warn(
      'kernel-larger-than-input',
      `The ${what} spans ${size} cells${dilated}, but the input has only ${length}: the output size becomes ${formatDim(output)}. ` +
        `Use padding: 'same', a smaller ${what}, or fewer downsampling layers before it.`,
    );
    return;
  }
}

/** The spatial sizes of `shape`. */
export function lengthsOf(shape: Shape, rank: number, dataFormat: DataFormat): Dim[] {
  return spatialAxes(rank, dataFormat).map((axis) => shape[axis] as Dim);
}

/** Puts channels and spatial sizes in the order the data format wants. */
export function spatialShape(batch: Dim, lengths: Dim[], channels: Dim, dataFormat: DataFormat): Shape {
  return dataFormat === 'channelsFirst' ? [batch, channels, ...lengths] : [batch, ...lengths, channels];
}

/** The axes of a tuple-valued configuration, each known. */
export function axesOf(
  sizes: Quantity[] | Lost,
  strides: Quantity[] | Lost,
  dilations: Quantity[] | Lost,
): SpatialAxis[] {
  const [size, stride, dilation] = [known(sizes), known(strides), known(dilations)];
  return size.map((value, index) => ({
    size: value,
    stride: stride[index] as Quantity,
    dilation: dilation[index] as Quantity,
  }));
}
