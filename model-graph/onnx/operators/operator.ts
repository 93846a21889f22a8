/** What a rule for an ONNX operator is given and gives. One family of operators per file of this folder. */
import { add, equalDims, isSymbolic, maximum, minimum, product, type Quantity, subtract } from '../../dims';
import type { AttributeMessage, TensorMessage } from '../messages';
import { elementTypes } from '../tensors';

/**
 * What is known of one tensor before the model runs. Open sizes are symbols here (`openSize`), so that sizes computed
 * from them can be compared.
 */
export interface Value {
  /** `TensorProto.DataType`; 0 where it is not known. */
  elementType: number;
  /** null: not even the number of axes is known. */
  shape: Quantity[] | null;
  /** Why the shape is not known. */
  reason?: string;
  /** The numbers themselves, of small tensors that are known before the model runs: shapes, axes, scales. */
  numbers?: (Quantity | null)[];
}

/** A rule cannot tell the shape; the message says why, without a full stop: `the shape is computed while the model runs`. */
export class ShapeLost extends Error {
  override readonly name = 'ShapeLost';
}

/** One node, as its rule sees it. */
export interface OperatorCall {
  opType: string;
  /** Version of the operator set that the model names for this operator's domain. */
  version: number;
  /** undefined where the optional input is left out. */
  inputs: (Value | undefined)[];
  attributes: Attributes;
  outputCount: number;
  /** A size that only data tells; a new one each time. */
  openSize(): Quantity;
}

/** Gives a value for each output. @throws ShapeLost */
export type OperatorRule = (call: OperatorCall) => Value[];

export class Attributes {
  private readonly byName: Map<string, AttributeMessage>;

  constructor(attributes: readonly AttributeMessage[] = []) {
    this.byName = new Map(attributes.map((attribute) => [attribute.name ?? '', attribute]));
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  integer(name: string): number | undefined;
  integer(name: string, fallback: number): number;
  integer(name: string, fallback?: number): number | undefined {
    const attribute = this.byName.get(name);
    // proto3 leaves a zero out.
    return attribute ? (attribute.i ?? 0) : fallback;
  }

  number(name: string, fallback: number): number {
    const attribute = this.byName.get(name);
    return attribute ? (attribute.f ?? 0) : fallback;
  }

  integers(name: string): number[] | undefined {
    const attribute = this.byName.get(name);
    return attribute ? (attribute.ints ?? []) : undefined;
  }

  numbers(name: string): number[] | undefined {
    const attribute = this.byName.get(name);
    return attribute ? (attribute.floats ?? []) : undefined;
  }

  text(name: string): string | undefined;
  text(name: string, fallback: string): string;
  text(name: string, fallback?: string): string | undefined {
    const attribute = this.byName.get(name);
    return attribute ? new TextDecoder().decode(attribute.s ?? new Uint8Array()) : fallback;
  }

  tensor(name: string): TensorMessage | undefined {
    return this.byName.get(name)?.t;
  }
}

// --- inputs ----------------------------------------------------------------------------------------------------------

/** @throws ShapeLost when the input is left out. */
export function inputOf({ inputs, opType }: OperatorCall, index: number): Value {
  const input = inputs[index];
  if (!input) throw new ShapeLost(`input ${index} of ${opType} is missing`);
  return input;
}

/** @throws ShapeLost */
export function shapeOf(call: OperatorCall, index: number): Quantity[] {
  const { shape, reason } = inputOf(call, index);
  if (!shape) throw new ShapeLost(reason ?? 'the shape of its input is not known');
  return shape;
}

/** @throws ShapeLost unless all the input's numbers are known, as symbolic sizes at least. */
export function numbersOf(call: OperatorCall, index: number, what: string): Quantity[] {
  const { numbers } = inputOf(call, index);
  if (!numbers || numbers.includes(null)) throw new ShapeLost(`${what} is computed while the model runs`);
  return numbers as Quantity[];
}

/** Plain numbers. @throws ShapeLost */
export function plainNumbersOf(call: OperatorCall, index: number, what: string): number[] {
  const numbers = numbersOf(call, index, what);
  if (numbers.some(isSymbolic)) throw new ShapeLost(`${what} depends on sizes that are open`);
  return numbers as number[];
}

/**
 * What older versions of an operator have as an attribute and newer ones as an input, e.g. the axes of Squeeze.
 * undefined when neither is there. @throws ShapeLost when the input is computed while the model runs.
 */
export function integersOf(call: OperatorCall, name: string, index: number): number[] | undefined {
  return (
    call.attributes.integers(name) ?? (call.inputs[index] ? plainNumbersOf(call, index, name) : undefined)
  );
}

/** An axis counted from 0. @throws ShapeLost when the shape has no such axis. */
export function axisOf(axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(counted) || counted < 0 || counted >= rank) {
    throw new ShapeLost(`axis ${axis} is none of its input's ${rank}`);
  }
  return counted;
}

// --- outputs ---------------------------------------------------------------------------------------------------------

export function value(elementType: number, shape: Quantity[] | null): Value {
  return { elementType, shape };
}

/** The one output of an operator that leaves type and shape as they are. */
export const sameAsInput: OperatorRule = (call) => [value(inputOf(call, 0).elementType, shapeOf(call, 0))];

export const { int64, bool, float32 } = elementTypes;

/**
 * Numpy's broadcasting, as ONNX takes it over. Where two sizes are not known to be equal, valid models have them equal
 * or one of them 1, so that the larger is the result. @throws ShapeLost when the shapes do not fit.
 */
export function broadcast(shapes: readonly Quantity[][]): Quantity[] {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  return Array.from({ length: rank }, (_, axis) => {
    let result: Quantity = 1;
    for (const shape of shapes) {
      const dim = shape[axis - rank + shape.length];
      if (dim === undefined || dim === 1 || equalDims(dim, result) === true) continue;
      if (result === 1) result = dim;
      else if (!isSymbolic(dim) && !isSymbolic(result)) {
        throw new ShapeLost(`sizes ${result} and ${dim} do not fit together`);
      } else if (isSymbolic(dim) && isSymbolic(result)) result = maximum(result, dim);
      else if (isSymbolic(result)) result = dim;
    }
    return result;
  });
}

/** The number of elements. */
export function count(shape: readonly Quantity[]): Quantity {
  return product(shape);
}

/** `from` and `to` brought into 0 … size. */
export function clamp(dim: Quantity, low: Quantity, high: Quantity): Quantity {
  return maximum(low, minimum(dim, high));
}

/** All axes but those; sorted. */
export function withoutAxes<T>(items: readonly T[], axes: readonly number[]): T[] {
  return items.filter((_, axis) => !axes.includes(axis));
}

export function addAll(...dims: Quantity[]): Quantity {
  return dims.reduce<Quantity>((total, dim) => add(total, dim), 0);
}

export { subtract };
