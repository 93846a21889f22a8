/** Operators that work on each element: activations, arithmetic, comparisons, casts. */
import {
  add,
  equalDims,
  floorDivide,
  isSymbolic,
  maximum,
  minimum,
  multiply,
  type Quantity,
  subtract,
} from '../../dims';
import {
  bool,
  broadcast,
  inputOf,
  type OperatorCall,
  type OperatorRule,
  ShapeLost,
  sameAsInput,
  shapeOf,
  type Value,
  value,
} from './operator';

/** One input, one output of the same type and shape. */
const unary =
  'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish Hardmax Identity LeakyRelu Log LogSoftmax LpNormalization LRN MeanVarianceNormalization Mish Neg Not PRelu Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu CumSum InstanceNormalization GroupNormalization'.split(
    ' ',
  );

/** What a computation of sizes does with them; numbers only where the result is exact. */
const arithmetic: Record<string, (left: Quantity, right: Quantity, whole: boolean) => Quantity | null> = {
  Add: (left, right) => add(left, right),
  Sub: (left, right) => subtract(left, right),
  Mul: (left, right) => multiply(left, right),
  Div: (left, right, whole) => {
    if (!isSymbolic(left) && !isSymbolic(right)) {
      return whole ? (right === 0 ? null : Math.trunc(left / right)) : left / right;
    }
    // Sizes are not negative, so that rounding towards zero is rounding down.
    return whole && typeof right === 'number' && right > 0 ? floorDivide(left, right) : null;
  },
  Mod: (left, right, whole) =>
    whole && typeof left === 'number' && typeof right === 'number' && left >= 0 && right > 0
      ? left % right
      : null,
  Pow: (left, right) => (typeof left === 'number' && typeof right === 'number' ? left ** right : null),
  Max: (left, right) => maximum(left, right),
  Min: (left, right) => minimum(left, right),
  Sum: (left, right) => add(left, right),
};

const comparisons: Record<string, (left: Quantity, right: Quantity) => boolean | null> = {
  Equal: (left, right) => {
    const equal = equalDims(left, right);
    return equal === 'unknown' ? null : equal;
  },
  Less: known((left, right) => left < right),
  LessOrEqual: known((left, right) => left <= right),
  Greater: known((left, right) => left > right),
  GreaterOrEqual: known((left, right) => left >= right),
  And: known((left, right) => left !== 0 && right !== 0),
  Or: known((left, right) => left !== 0 || right !== 0),
  Xor: known((left, right) => (left !== 0) !== (right !== 0)),
};

function known(compare: (left: number, right: number) => boolean) {
  return (left: Quantity, right: Quantity) => {
    const difference = subtract(left, right);
    if (typeof difference === 'number') return compare(difference, 0);
    return null;
  };
}

const wholeTypes = new Set([2, 3, 4, 5, 6, 7, 12, 13]);

/** The numbers of both, element by element; only for vectors and scalars. */
function combine(
  left: Value,
  right: Value,
  by: (left: Quantity, right: Quantity, whole: boolean) => Quantity | null,
): (Quantity | null)[] | undefined {
  if (!left.numbers || !right.numbers || (left.shape?.length ?? 2) > 1 || (right.shape?.length ?? 2) > 1) {
    return undefined;
  }
  const [leftNumbers, rightNumbers] = [left.numbers, right.numbers];
  const length = leftNumbers.length === 1 ? rightNumbers.length : leftNumbers.length;
  const whole = wholeTypes.has(left.elementType);
  return Array.from({ length }, (_, i) => {
    const one = leftNumbers[leftNumbers.length === 1 ? 0 : i] ?? null;
    const other = rightNumbers[rightNumbers.length === 1 ? 0 : i] ?? null;
    return one === null || other === null ? null : by(one, other, whole);
  });
}

/** Two or more inputs, broadcast. Operator sets before 7 had an attribute for it, and the first input's shape. */
const broadcasting: OperatorRule = (call) => {
  const { opType, inputs, version } = call;
  const first = inputOf(call, 0);
  const old =
    version < 7 &&
    (opType in arithmetic || opType in comparisons) &&
    opType !== 'Sum' &&
    opType !== 'Max' &&
    opType !== 'Min';
  const shape = old ? shapeOf(call, 0) : broadcast(inputs.map((_, index) => shapeOf(call, index)));
  const compared = comparisons[opType];
  const result = value(compared ? bool : first.elementType, shape);
  const second = inputs[1];
  if (!second || inputs.length !== 2) {
    if (inputs.length === 1) result.numbers = first.numbers;
    return [result];
  }
  const compute = arithmetic[opType];
  const numbers = compared
    ? combine(first, second, (left, right) => {
        const answer = compared(left, right);
        return answer === null ? null : Number(answer);
      })
    : compute && combine(first, second, compute);
  return [{ ...result, ...(numbers ? { numbers } : {}) }];
};

const where: OperatorRule = (call) => {
  const [condition, yes, no] = [inputOf(call, 0), inputOf(call, 1), inputOf(call, 2)];
  const result = value(yes.elementType, broadcast([0, 1, 2].map((index) => shapeOf(call, index))));
  if (!condition.numbers || !yes.numbers || !no.numbers || (result.shape?.length ?? 2) > 1) return [result];
  const at = (numbers: (Quantity | null)[], i: number) => numbers[numbers.length === 1 ? 0 : i] ?? null;
  const length = Math.max(condition.numbers.length, yes.numbers.length, no.numbers.length);
  const numbers = Array.from({ length }, (_, i) => {
    const chosen = at(condition.numbers!, i);
    return chosen === null ? null : at(chosen === 0 ? no.numbers! : yes.numbers!, i);
  });
  return [{ ...result, numbers }];
};

/** The numbers of the only input, element by element. */
function onNumbers(input: Value, by: (number: number) => number): (Quantity | null)[] | undefined {
  // A symbolic size is a whole number already.
  return input.numbers?.map((number) => (typeof number === 'number' ? by(number) : number));
}

const roundings: Record<string, (number: number) => number> = {
  Identity: (number) => number,
  Floor: Math.floor,
  Ceil: Math.ceil,
};

const unaryRule: OperatorRule = (call) => {
  const [result] = sameAsInput(call) as [Value];
  const input = inputOf(call, 0);
  const round = roundings[call.opType];
  if (round) result.numbers = onNumbers(input, round);
  if (call.opType === 'Neg')
    result.numbers = input.numbers?.map((number) => (number === null ? null : multiply(number, -1)));
  return [result];
};

const castTo = (call: OperatorCall, elementType: number): Value[] => {
  const input = inputOf(call, 0);
  const whole = wholeTypes.has(elementType);
  return [
    {
      ...value(elementType, shapeOf(call, 0)),
      numbers: onNumbers(input, whole ? Math.trunc : (number) => number),
    },
  ];
};

const cast: OperatorRule = (call) => {
  const to = call.attributes.integer('to');
  if (to === undefined) throw new ShapeLost('Cast does not say to which type');
  return castTo(call, to);
};

const toBool: OperatorRule = (call) => [value(bool, shapeOf(call, 0))];

export const elementwiseRules: Record<string, OperatorRule> = {
  ...Object.fromEntries(unary.map((name) => [name, unaryRule])),
  ...Object.fromEntries(
    [
      ...Object.keys(arithmetic),
      ...Object.keys(comparisons),
      'Mean',
      'BitShift',
      'BitwiseAnd',
      'BitwiseOr',
      'BitwiseXor',
    ].map((name) => [name, broadcasting]),
  ),
  Where: where,
  Cast: cast,
  CastLike: (call) => castTo(call, inputOf(call, 1).elementType),
  IsNaN: toBool,
  IsInf: toBool,
  QuantizeLinear: (call) => [
    value(inputOf2(call)?.elementType ?? (call.attributes.integer('output_dtype', 0) || 2), shapeOf(call, 0)),
  ],
  DequantizeLinear: (call) => [value(inputOf(call, 1).elementType, shapeOf(call, 0))],
  DynamicQuantizeLinear: (call) => [value(2, shapeOf(call, 0)), value(1, []), value(2, [])],
};

function inputOf2({ inputs }: OperatorCall): Value | undefined {
  return inputs[2];
}
