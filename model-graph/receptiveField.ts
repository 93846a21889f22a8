/**
 * Receptive fields: which cells of the model's input one cell of an output can see. Composed layer by layer from the
 * `Window` each rule gives, with the recurrence of Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional
 * Neural Networks" (Distill, 2019): size += (effective kernel − 1) · stride, stride multiplies, the offset moves by the
 * padding.
 */
import {
  add,
  type Dim,
  equalDims,
  isSymbolic,
  maximum,
  minimum,
  multiply,
  type Quantity,
  type Shape,
  subtract,
} from './dims';
import type { ReceptiveField } from './graph';
import type { Window } from './layers/rule';

/**
 * The field of an input layer: every cell sees itself. `shape` is the input's, batch first; the axes between the batch
 * and the channels count as spatial.
 */
export function inputReceptiveField(shape: readonly Dim[]): ReceptiveField {
  const axes = Math.max(shape.length - 2, 0);
  return { size: Array(axes).fill(1), stride: Array(axes).fill(1), offset: Array(axes).fill(0) };
}

/**
 * The field of a layer's output. `inputs` are the fields of its inputs (null: lost), of which the union is taken;
 * `window` is what the layer's rule says (null: not a window over the input, or lost); `inputShapes` are the shapes of
 * the layer's inputs, and `source` that of the model's input, batch first and channels last, which a `global` window
 * sees all of. Returns null when the field is not known.
 */
export function composeReceptiveField(
  inputs: readonly (ReceptiveField | null)[],
  window: Window | null,
  inputShapes: readonly (Shape | null)[],
  source: Shape | null,
): ReceptiveField | null {
  if (window === null || inputs.length === 0) return null;
  const field = union(inputs);
  if (field === null || window.kind === 'pointwise') return field;
  // Which of the input's axes are spatial, the first layer to which it makes a difference says for all.
  const isWhole = field.stride.length > 0 && field.stride.every((stride) => stride === 0);
  const channelsFirst = window.channelsFirst ?? field.channelsFirst;
  if (field.channelsFirst !== undefined && channelsFirst !== field.channelsFirst) return null;
  if (window.kind === 'global')
    return source === null ? null : isWhole ? field : wholeInput(source, channelsFirst ?? false);
  // A window over other axes than the model's input has cannot be related to it.
  const axesCount = window.size.length;
  if (field.size.length !== axesCount) return null;
  if (inputShapes.some((shape) => shape !== null && shape.length !== axesCount + 2)) return null;
  const axes = field.size.map((size, index): AxisField | null => {
    const axis: AxisField = {
      size,
      stride: field.stride[index] as Dim,
      offset: field.offset[index] as Dim,
      every: field.every?.[index] ?? 1,
      phase: field.phase?.[index] ?? 0,
    };
    return window.kind === 'stretch' ? stretched(axis, window, index) : seenThrough(axis, window, index);
  });
  if (axes.some((axis) => axis === null)) return null;
  const known = (axes as AxisField[]).map((axis) =>
    axis.every === 1
      ? { ...axis, offset: add(axis.offset, multiply(axis.phase, axis.stride)), phase: 0 }
      : axis,
  );
  const isStretched = known.some(({ every }) => every > 1);
  return {
    size: known.map(({ size }) => size),
    stride: known.map(({ stride }) => stride),
    offset: known.map(({ offset }) => offset),
    ...(isStretched
      ? { every: known.map(({ every }) => every), phase: known.map(({ phase }) => phase) }
      : {}),
    ...(channelsFirst === undefined ? {} : { channelsFirst }),
  };
}

/** A field along one axis: cell `j` sees `size` cells from `⌊(j + phase)/every⌋·stride + offset` on. */
interface AxisField {
  size: Dim;
  stride: Dim;
  offset: Dim;
  every: number;
  phase: number;
}

/** Null where it differs from cell to cell how many cells of the input are seen. */
function seenThrough(
  axis: AxisField,
  window: Extract<Window, { kind: 'window' }>,
  index: number,
): AxisField | null {
  const [stride, padding] = [window.stride[index] as Dim, window.padding[index] as Dim];
  const reach = multiply(subtract(window.size[index] as Dim, 1), window.dilation[index] as Dim);
  if (axis.every === 1) {
    return {
      size: add(axis.size, multiply(reach, axis.stride)),
      stride: multiply(axis.stride, stride),
      offset: subtract(axis.offset, multiply(padding, axis.stride)),
      every: 1,
      phase: 0,
    };
  }
  if (typeof stride !== 'number' || typeof padding !== 'number' || typeof reach !== 'number') return null;
  const { every } = axis;
  const start = axis.phase - padding;
  // From one window to the next, and from its first cell to its last, whole groups are passed.
  if (stride % every === 0) {
    const groups = Math.floor((start + reach) / every) - Math.floor(start / every);
    return {
      size: add(axis.size, multiply(groups, axis.stride)),
      stride: multiply(axis.stride, stride / every),
      offset: add(axis.offset, multiply(Math.floor(start / every), axis.stride)),
      every: 1,
      phase: 0,
    };
  }
  if (stride !== 1 || reach % every !== 0) return null;
  return { ...axis, size: add(axis.size, multiply(reach / every, axis.stride)), phase: start };
}

function stretched(
  axis: AxisField,
  window: Extract<Window, { kind: 'stretch' }>,
  index: number,
): AxisField | null {
  const [size, factor, padding] = [window.size[index]!, window.factor[index]!, window.padding[index]!];
  if (size > 1 && axis.every > 1) return null; // the cells seen may be of one group or of several
  return {
    size: add(axis.size, multiply(size - 1, axis.stride)),
    stride: axis.stride,
    offset: subtract(axis.offset, multiply(size - 1, axis.stride)),
    // ⌊(⌊(j + padding)/factor⌋ + phase)/every⌋ = ⌊(j + padding + phase·factor)/(factor·every)⌋
    every: axis.every * factor,
    phase: padding + axis.phase * factor,
  };
}

/** Where the field of cell `cell` starts, or null where that is not known. */
export function startOfField(field: ReceptiveField, axis: number, cell: number): number | null {
  const [stride, offset] = [field.stride[axis], field.offset[axis]];
  if (typeof stride !== 'number' || typeof offset !== 'number') return null;
  return Math.floor((cell + (field.phase?.[axis] ?? 0)) / (field.every?.[axis] ?? 1)) * stride + offset;
}

/** Everything is seen, and moving on by one cell changes nothing: stride 0. */
function wholeInput(source: Shape, channelsFirst: boolean): ReceptiveField {
  const size = channelsFirst ? source.slice(2) : source.slice(1, -1);
  return {
    size,
    stride: size.map(() => 0),
    offset: size.map(() => 0),
    ...(channelsFirst ? { channelsFirst } : {}),
  };
}

/** The smallest field that holds all of them; null when one is lost or their cells lie differently far apart. */
function union(fields: readonly (ReceptiveField | null)[]): ReceptiveField | null {
  let result: ReceptiveField | null = null;
  for (const field of fields) {
    if (field === null) return null;
    result = result === null ? field : unionOfTwo(result, field);
    if (result === null) return null;
  }
  return result;
}

function unionOfTwo(left: ReceptiveField, right: ReceptiveField): ReceptiveField | null {
  if (left.size.length !== right.size.length) return null;
  const channelsFirst = left.channelsFirst ?? right.channelsFirst;
  if ([left, right].some((field) => (field.channelsFirst ?? channelsFirst) !== channelsFirst)) return null;
  const size: Dim[] = [];
  const stride: Dim[] = [];
  const offset: Dim[] = [];
  for (const [index, leftSize] of left.size.entries()) {
    const [rightSize, leftOffset, rightOffset] = [right.size[index], left.offset[index], right.offset[index]];
    const [leftStride, rightStride] = [left.stride[index] as Dim, right.stride[index] as Dim];
    // A field that does not move covers the whole input already (global pooling): it absorbs the other.
    const whole = leftStride === 0 ? left : rightStride === 0 ? right : null;
    if (whole) {
      size.push(whole.size[index] as Dim);
      stride.push(0);
      offset.push(whole.offset[index] as Dim);
      continue;
    }
    if (equalDims(leftStride, rightStride) !== true || !haveSameGroups(left, right, index)) return null;
    const start = extremeOf(leftOffset as Dim, rightOffset as Dim, minimum);
    const end = extremeOf(
      add(leftOffset as Dim, leftSize),
      add(rightOffset as Dim, rightSize as Dim),
      maximum,
    );
    size.push(subtract(end, start));
    stride.push(leftStride);
    offset.push(start);
  }
  const isWhole = stride.every((step) => step === 0);
  const grouped = left.every && !isWhole ? left : right;
  return {
    size,
    stride,
    offset,
    ...(grouped.every && !isWhole ? { every: grouped.every, phase: grouped.phase } : {}),
    ...(channelsFirst === undefined ? {} : { channelsFirst }),
  };
}

function haveSameGroups(left: ReceptiveField, right: ReceptiveField, axis: number): boolean {
  const [every, other] = [left.every?.[axis] ?? 1, right.every?.[axis] ?? 1];
  if (every !== other) return false;
  return (
    ((left.phase?.[axis] ?? 0) - (right.phase?.[axis] ?? 0)) % every === 0 &&
    left.phase?.[axis] === right.phase?.[axis]
  );
}

function extremeOf(left: Dim, right: Dim, choose: (left: Quantity, right: Quantity) => Quantity): Dim {
  return left === null || right === null ? null : choose(left, right);
}

/** The one number a table shows: the size along all axes when they agree, else null. */
export function receptiveFieldSize(field: ReceptiveField | null): Dim {
  const [first, ...others] = field?.size ?? [];
  if (first === undefined || others.some((size) => equalDims(size, first) !== true)) return null;
  return isSymbolic(first) || typeof first === 'number' ? first : null;
}
