/** Operators that make tensors (constants, ranges, shapes of others) and those that reduce them. */
import { ceilDivide, product, type Quantity, subtract } from '../../dims';
import { readNumbers } from '../tensors';
import {
  axisOf,
  clamp,
  float32,
  inputOf,
  int64,
  integersOf,
  numbersOf,
  type OperatorCall,
  type OperatorRule,
  ShapeLost,
  shapeOf,
  type Value,
  value,
  withoutAxes,
} from './operator';

const constant: OperatorRule = ({ attributes }) => {
  const tensor = attributes.tensor('value');
  if (tensor) {
    const numbers = readNumbers(tensor);
    return [{ ...value(tensor.dataType ?? 0, tensor.dims ?? []), ...(numbers ? { numbers } : {}) }];
  }
  const [ints, floats] = [attributes.integers('value_ints'), attributes.numbers('value_floats')];
  if (ints) return [{ ...value(int64, [ints.length]), numbers: ints }];
  if (floats) return [{ ...value(float32, [floats.length]), numbers: floats }];
  if (attributes.has('value_int'))
    return [{ ...value(int64, []), numbers: [attributes.integer('value_int', 0)] }];
  if (attributes.has('value_float'))
    return [{ ...value(float32, []), numbers: [attributes.number('value_float', 0)] }];
  if (attributes.has('value_string')) return [value(8, [])];
  throw new ShapeLost('Constant without a dense value');
};

/** More are not a shape. */
const mostNumbersMade = 1024;

const constantOfShape: OperatorRule = (call) => {
  const shape = numbersOf(call, 0, 'its shape');
  const filling = call.attributes.tensor('value');
  const result = value(filling?.dataType ?? float32, shape);
  const length = product(shape);
  const [fill] = filling ? (readNumbers(filling) ?? [null]) : [0];
  if (shape.length <= 1 && typeof length === 'number' && length <= mostNumbersMade) {
    result.numbers = Array(length).fill(fill ?? null);
  }
  return [result];
};

const shapeRule: OperatorRule = (call) => {
  const shape = shapeOf(call, 0);
  const rank = shape.length;
  const place = (at: number) => Math.min(Math.max(at < 0 ? at + rank : at, 0), rank);
  const [start, end] = [
    place(call.attributes.integer('start', 0)),
    place(call.attributes.integer('end', rank)),
  ];
  const numbers = shape.slice(start, Math.max(start, end));
  return [{ ...value(int64, [numbers.length]), numbers }];
};

const range: OperatorRule = (call) => {
  const { elementType } = inputOf(call, 0);
  const [start, limit, step] = [0, 1, 2].map((index) => numbersOf(call, index, 'its range')[0]) as [
    Quantity,
    Quantity,
    Quantity,
  ];
  if (typeof start === 'number' && typeof limit === 'number' && typeof step === 'number') {
    const length = Math.max(Math.ceil((limit - start) / step), 0);
    if (!Number.isFinite(length)) throw new ShapeLost('its range never ends');
    const numbers =
      length <= mostNumbersMade ? Array.from({ length }, (_, i) => start + i * step) : undefined;
    return [{ ...value(elementType, [length]), ...(numbers ? { numbers } : {}) }];
  }
  if (typeof step !== 'number' || step <= 0) throw new ShapeLost('its range depends on sizes that are open');
  return [value(elementType, [ceilDivide(subtract(limit, start), step)])];
};

const randomOfShape: OperatorRule = ({ attributes }) => [
  value(attributes.integer('dtype', float32), attributes.integers('shape') ?? []),
];
const randomLike: OperatorRule = (call) => [
  value(call.attributes.integer('dtype', inputOf(call, 0).elementType), shapeOf(call, 0)),
];

const reduce: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const given = integersOf(call, 'axes', 1) ?? [];
  const none = given.length === 0;
  const { elementType, numbers } = inputOf(call, 0);
  if (none && call.attributes.integer('noop_with_empty_axes', 0) === 1) return [value(elementType, input)];
  const axes = none ? input.map((_, axis) => axis) : given.map((axis) => axisOf(axis, input.length));
  const keep = call.attributes.integer('keepdims', 1) === 1;
  const shape = keep ? input.map((size, axis) => (axes.includes(axis) ? 1 : size)) : withoutAxes(input, axes);
  const multiplied = call.opType === 'ReduceProd' && input.length === 1 && numbers && !numbers.includes(null);
  return [
    { ...value(elementType, shape), ...(multiplied ? { numbers: [product(numbers as Quantity[])] } : {}) },
  ];
};

const argExtreme: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const axis = axisOf(call.attributes.integer('axis', 0), input.length);
  const keep = call.attributes.integer('keepdims', 1) === 1;
  return [value(int64, keep ? input.map((size, i) => (i === axis ? 1 : size)) : withoutAxes(input, [axis]))];
};

const topK: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const axis = axisOf(call.attributes.integer('axis', -1), input.length);
  const k: Quantity = call.attributes.integer('k') ?? numbersOf(call, 1, 'how many it takes')[0]!;
  const shape = input.map((size, i) => (i === axis ? k : size));
  return [value(inputOf(call, 0).elementType, shape), value(int64, shape)];
};

const oneHot: OperatorRule = (call) => {
  const indices = shapeOf(call, 0);
  const depth = clamp(numbersOf(call, 1, 'its depth')[0]!, 0, Number.MAX_SAFE_INTEGER);
  const axis = axisOf(call.attributes.integer('axis', -1), indices.length + 1);
  return [value(inputOf(call, 2).elementType, [...indices.slice(0, axis), depth, ...indices.slice(axis)])];
};

/** Only data tell how many. */
const nonZero: OperatorRule = (call) => [value(int64, [shapeOf(call, 0).length, call.openSize()])];
const suppression: OperatorRule = (call) => [value(int64, [call.openSize(), 3])];
const compress: OperatorRule = (call) => {
  const { elementType } = inputOf(call, 0);
  if (!call.attributes.has('axis')) return [value(elementType, [call.openSize()])];
  const input = shapeOf(call, 0);
  const axis = axisOf(call.attributes.integer('axis', 0), input.length);
  return [
    value(
      elementType,
      input.map((size, i) => (i === axis ? call.openSize() : size)),
    ),
  ];
};

const regionsOfInterest: OperatorRule = (call) => {
  const [regions] = shapeOf(call, 1);
  const channels = shapeOf(call, 0)[1];
  if (regions === undefined || channels === undefined) throw new ShapeLost('its input is no picture');
  const { attributes } = call;
  const [height, width] = attributes.integers('pooled_shape') ?? [
    attributes.integer('output_height', 1),
    attributes.integer('output_width', 1),
  ];
  return [value(inputOf(call, 0).elementType, [regions, channels, height ?? 1, width ?? 1])];
};

const eyeLike: OperatorRule = (call) => [
  value(call.attributes.integer('dtype', inputOf(call, 0).elementType), shapeOf(call, 0)),
];

const size = (call: OperatorCall): Value[] => [{ ...value(int64, []), numbers: [product(shapeOf(call, 0))] }];

const multinomial: OperatorRule = (call) => [
  value(call.attributes.integer('dtype', 6), [
    shapeOf(call, 0)[0]!,
    call.attributes.integer('sample_size', 1),
  ]),
];

const reductions = 'L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare'.split(' ');

export const sourceRules: Record<string, OperatorRule> = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shapeRule,
  Size: size,
  Range: range,
  RandomNormal: randomOfShape,
  RandomUniform: randomOfShape,
  RandomNormalLike: randomLike,
  RandomUniformLike: randomLike,
  Bernoulli: randomLike,
  Multinomial: multinomial,
  EyeLike: eyeLike,
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, reduce])),
  ArgMax: argExtreme,
  ArgMin: argExtreme,
  TopK: topK,
  OneHot: oneHot,
  NonZero: nonZero,
  NonMaxSuppression: suppression,
  Compress: compress,
  RoiAlign: regionsOfInterest,
  MaxRoiPool: regionsOfInterest,
};
