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
  if (window.kind === 'global') return source === null ? null : wholeInput(source);
  // A window over other axes than the model's input has cannot be related to it.
  const axesCount = window.size.length;
  if (field.size.length !== axesCount) return null;
  if (inputShapes.some((shape) => shape !== null && shape.length !== axesCount + 2)) return null;
  const axes = field.size.map((size, index): [Dim, Dim, Dim] => {
    const stride = field.stride[index] as Dim;
    const effective = multiply(subtract(window.size[index] as Dim, 1), window.dilation[index] as Dim);
    return [
      add(size, multiply(effective, stride)),
      multiply(stride, window.stride[index] as Dim),
      subtract(field.offset[index] as Dim, multiply(window.padding[index] as Dim, stride)),
    ];
  });
  return {
    size: axes.map(([size]) => size),
    stride: axes.map(([, stride]) => stride),
    offset: axes.map(([, , offset]) => offset),
  };
}

/** Everything is seen, and moving on by one cell changes nothing: stride 0. */
function wholeInput(source: Shape): ReceptiveField {
  const size = source.slice(1, -1);
  return { size, stride: size.map(() => 0), offset: size.map(() => 0) };
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
    if (equalDims(leftStride, rightStride) !== true) return null;
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
  return { size, stride, offset };
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
