/** Matrix products, normalizations with statistics, recurrent layers. */
import { add, equalDims, multiply, type Quantity } from '../../dims';
import {
  axisOf,
  broadcast,
  float32,
  inputOf,
  type OperatorCall,
  type OperatorRule,
  ShapeLost,
  shapeOf,
  type Value,
  value,
} from './operator';

function productShape(left: Quantity[], right: Quantity[]): Quantity[] {
  if (left.length === 0 || right.length === 0) throw new ShapeLost('a matrix product of a scalar');
  const [a, b] = [left.length === 1 ? [1, ...left] : left, right.length === 1 ? [...right, 1] : right];
  if (equalDims(a.at(-1)!, b.at(-2)!) === false)
    throw new ShapeLost(`sizes ${a.at(-1)} and ${b.at(-2)} do not fit together`);
  const result = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  if (left.length > 1) result.push(a.at(-2)!);
  if (right.length > 1) result.push(b.at(-1)!);
  return result;
}

const gemm: OperatorRule = (call) => {
  const [a, b] = [shapeOf(call, 0), shapeOf(call, 1)];
  if (a.length !== 2 || b.length !== 2) throw new ShapeLost('Gemm takes matrices');
  const rows = a[call.attributes.integer('transA', 0) ? 1 : 0]!;
  const columns = b[call.attributes.integer('transB', 0) ? 0 : 1]!;
  return [value(inputOf(call, 0).elementType, [rows, columns])];
};

const batchNormalization: OperatorRule = (call) => {
  const input = inputOf(call, 0);
  const statistics = Array.from({ length: call.outputCount - 1 }, (_, i) => {
    const of = inputOf(call, 3 + (i % 2));
    return value(of.elementType, of.shape);
  });
  return [value(input.elementType, shapeOf(call, 0)), ...statistics];
};

const layerNormalization: OperatorRule = (call) => {
  const shape = shapeOf(call, 0);
  const axis = axisOf(call.attributes.integer('axis', -1), shape.length);
  const statistics = value(
    float32,
    shape.map((size, i) => (i < axis ? size : 1)),
  );
  return [value(inputOf(call, 0).elementType, shape), statistics, statistics];
};

const dropout: OperatorRule = (call) => {
  const shape = shapeOf(call, 0);
  const { elementType } = inputOf(call, 0);
  // The mask has been of the data's type before version 10.
  return [value(elementType, shape), value(call.version < 10 ? elementType : 9, shape)];
};

/** LSTM, GRU, RNN: all steps, the last one, and for LSTM its cell. */
const recurrent: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  if (input.length !== 3) throw new ShapeLost(`${call.opType} takes [time, batch, features]`);
  const { elementType } = inputOf(call, 0);
  const hidden: Quantity = call.attributes.integer('hidden_size') ?? shapeOf(call, 2)[2]!;
  const directions = call.attributes.text('direction', 'forward') === 'bidirectional' ? 2 : 1;
  const batchFirst = call.attributes.integer('layout', 0) === 1;
  const [time, batch] = batchFirst ? [input[1]!, input[0]!] : [input[0]!, input[1]!];
  const state = value(elementType, batchFirst ? [batch, directions, hidden] : [directions, batch, hidden]);
  const all = batchFirst ? [batch, time, directions, hidden] : [time, directions, batch, hidden];
  return [value(elementType, all), state, state];
};

const einsum: OperatorRule = (call) => {
  const equation = call.attributes.text('equation', '').replaceAll(' ', '');
  if (equation.includes('.')) throw new ShapeLost('Einsum with an ellipsis is not followed');
  const [left = '', right] = equation.split('->');
  const sizes = new Map<string, Quantity>();
  const uses = new Map<string, number>();
  left.split(',').forEach((term, index) => {
    const shape = shapeOf(call, index);
    if (shape.length !== term.length) throw new ShapeLost('Einsum names other axes than its input has');
    [...term].forEach((letter, axis) => {
      sizes.set(letter, shape[axis]!);
      uses.set(letter, (uses.get(letter) ?? 0) + 1);
    });
  });
  const output =
    right ??
    [...uses]
      .filter(([, times]) => times === 1)
      .map(([letter]) => letter)
      .sort()
      .join('');
  const shape = [...output].map((letter) => {
    const size = sizes.get(letter);
    if (size === undefined) throw new ShapeLost(`Einsum puts out an axis \`${letter}\` that no input has`);
    return size;
  });
  return [value(inputOf(call, 0).elementType, shape)];
};

const matMul =
  (right: number, outputType: (call: OperatorCall) => number): OperatorRule =>
  (call): Value[] => [value(outputType(call), productShape(shapeOf(call, 0), shapeOf(call, right)))];

export const matrixRules: Record<string, OperatorRule> = {
  MatMul: matMul(1, (call) => inputOf(call, 0).elementType),
  MatMulInteger: matMul(1, () => 6),
  QLinearMatMul: matMul(3, (call) => inputOf(call, 7).elementType),
  Gemm: gemm,
  Einsum: einsum,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Dropout: dropout,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  Det: (call) => [value(inputOf(call, 0).elementType, shapeOf(call, 0).slice(0, -2))],
};

/** Multiplications with a weight in one run of the node, whole batch; null where that is not told. */
export function multiplyAccumulatesOf(
  call: OperatorCall,
  outputs: Value[],
  isWeight: (index: number) => boolean,
): Quantity | null {
  const output = outputs[0]?.shape;
  const shape = (index: number) => call.inputs[index]?.shape ?? null;
  const all = (dims: (Quantity | undefined)[]): Quantity | null =>
    dims.includes(undefined)
      ? null
      : (dims as Quantity[]).reduce<Quantity>((total, dim) => multiply(total, dim), 1);
  switch (call.opType) {
    case 'Conv':
    case 'ConvInteger':
    case 'QLinearConv': {
      const index = call.opType === 'QLinearConv' ? 3 : 1;
      const weight = shape(index);
      if (!isWeight(index)) return 0;
      return weight && output ? all([...output, ...weight.slice(1)]) : null;
    }
    case 'ConvTranspose': {
      const [input, weight] = [shape(0), shape(1)];
      if (!isWeight(1)) return 0;
      // Every input cell meets the whole kernel of its group.
      return input && weight ? all([...input, ...weight.slice(1)]) : null;
    }
    case 'Gemm':
    case 'MatMul':
    case 'MatMulInteger':
    case 'QLinearMatMul': {
      const [left, right] = call.opType === 'QLinearMatMul' ? [0, 3] : [0, 1];
      if (!isWeight(left) && !isWeight(right)) return 0;
      const a = shape(left);
      const inner = call.opType === 'Gemm' && call.attributes.integer('transA', 0) ? a?.[0] : a?.at(-1);
      return output ? all([...output, inner]) : null;
    }
    case 'LSTM':
    case 'GRU':
    case 'RNN': {
      const [input, kernel, recurrentKernel] = [shape(0), shape(1), shape(2)];
      if (!isWeight(1)) return 0;
      if (!input || !kernel || !recurrentKernel) return null;
      const steps = all(input.slice(0, 2));
      const [fromInput, fromState] = [all(kernel), all(recurrentKernel)];
      return steps === null || fromInput === null || fromState === null
        ? null
        : multiply(steps, add(fromInput, fromState));
    }
    default:
      return 0;
  }
}
