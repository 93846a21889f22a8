/**
 * How one output cell of an operator looks at its input, as `Window`s say it for layers. Only what reads the model's
 * input counts: weights, shapes and constants are seen through nothing.
 */
import { equalDims, isSymbolic, type Quantity } from '../../dims';
import type { Window } from '../../layers/rule';
import type { OperatorCall } from './operator';
import { ShapeLost } from './operator';
import { paddingBefore, windowsOf } from './windows';

/** Where a tensor's channels are: right after the batch, or at its end. */
export type Layout = 'first' | 'last';

/** It cannot be told what is seen: the message says why, with the operator as its subject. */
export class FieldLost extends Error {
  override readonly name = 'FieldLost';
}

export interface NodeToSee {
  call: OperatorCall;
  /** Which inputs depend on the model's input. */
  isRead: readonly boolean[];
  /** Which inputs see all of the model's input in every cell. */
  isWhole: readonly boolean[];
  /** Shape of the first output. */
  output: Quantity[] | undefined;
  /** Where the channels of what it reads are, as far as anything has said. */
  layout: Layout | undefined;
  /** It is an operator of ONNX itself. */
  isOwn: boolean;
}

export interface View {
  window: Window;
  /** Where the operator takes the channels to be; absent: it does not say. */
  layout?: Layout;
  /** It moves the channels there. */
  turns?: Layout;
}

type ViewRule = (node: NodeToSee) => View;

/** @throws FieldLost */
export function viewOf(node: NodeToSee): View {
  const rule = node.isOwn ? rules[node.call.opType] : undefined;
  if (!rule) throw new FieldLost('is not followed here');
  try {
    return rule(node);
  } catch (error) {
    if (error instanceof ShapeLost) throw new FieldLost(`cannot be followed: ${error.message}`);
    throw error;
  }
}

const pointwise: Window = { kind: 'pointwise' };
const global: Window = { kind: 'global' };

/** Of the first input, or of the first that is read. @throws FieldLost */
function inputShape({ call, isRead }: NodeToSee): Quantity[] {
  const shape = call.inputs[Math.max(isRead.indexOf(true), 0)]?.shape;
  if (!shape) throw new FieldLost('reads what has no known shape');
  return shape;
}

function channelAxis(layout: Layout, rank: number): number {
  return layout === 'first' ? 1 : rank - 1;
}

/** Axes of rows, columns, …: neither batch nor channels. */
function spatialAxes(layout: Layout, rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter(
    (axis) => axis > 0 && axis !== channelAxis(layout, rank),
  );
}

/** @throws FieldLost */
function layoutOf({ layout }: NodeToSee): Layout {
  if (layout) return layout;
  throw new FieldLost('works along one axis, and nothing before it says which axis the channels are');
}

// --- cell by cell ----------------------------------------------------------------------------------------------------

/** Every cell from the cells at its own place. @throws FieldLost where one input is repeated along rows or columns. */
const cellByCell: ViewRule = (node) => {
  const { call, isRead, isWhole, output, layout } = node;
  for (const [index, input] of call.inputs.entries()) {
    // What sees everything may be repeated: it sees everything there, too.
    if (!isRead[index] || isWhole[index]) continue;
    const shape = input?.shape;
    if (!shape || !output) throw new FieldLost('reads or puts out what has no known shape');
    const channels = layout && channelAxis(layout, output.length);
    const isAligned =
      shape.length === output.length &&
      shape.every((size, axis) => axis === 0 || axis === channels || equalDims(size, output[axis]!) === true);
    if (!isAligned) throw new FieldLost('repeats one of its inputs along an axis');
  }
  return { window: pointwise };
};

const likewise: ViewRule = () => ({ window: pointwise });

/** One result for all cells of an example, or for all of a channel. */
const normalizedTogether: ViewRule = (node) => ({
  window: global,
  ...(inputShape(node).length > 2 ? { layout: 'first' as const } : {}),
});

const alongChannels: ViewRule = (node) => ({
  window: pointwise,
  ...(inputShape(node).length > 2 ? { layout: 'first' as const } : {}),
});

/** Softmax and its like: what is summed up along the axis is seen. */
const alongAxis: ViewRule = (node) => {
  const rank = inputShape(node).length;
  const isOld = node.call.version < 13;
  const given = node.call.attributes.integer('axis', isOld ? 1 : -1);
  const axis = given < 0 ? given + rank : given;
  if (rank === 2) return { window: global };
  // Older operators flatten everything from the axis on.
  if (isOld && axis <= 1) return { window: global };
  if (axis === channelAxis(layoutOf(node), rank)) return { window: pointwise };
  throw new FieldLost('sums up along rows or columns');
};

const layerNormalization: ViewRule = (node) => {
  const rank = inputShape(node).length;
  const given = node.call.attributes.integer('axis', -1);
  const axis = given < 0 ? given + rank : given;
  if (axis <= 1) return { window: global };
  if (axis === rank - 1) return { window: pointwise, layout: 'last' };
  throw new FieldLost('is normalized along a part of the axes');
};

// --- windows ---------------------------------------------------------------------------------------------------------

/** Before the first cell, for each spatial axis. @throws FieldLost where it depends on open sizes. */
function paddingOf(node: NodeToSee, windows: ReturnType<typeof windowsOf>): number[] {
  return windows.strides.map((_, axis) => {
    const padding = paddingBefore(windows, axis, inputShape(node)[axis + 2]);
    if (padding === undefined) throw new FieldLost('pads by a size that is open');
    return padding;
  });
}

function sliding(weights?: number): ViewRule {
  return (node) => {
    const { call, isRead } = node;
    if (isRead.some((read, index) => read && index > 0)) throw new FieldLost('has weights that are computed');
    const kernel = weights === undefined ? undefined : call.inputs[weights]?.shape?.slice(2);
    const windows = windowsOf(call, inputShape(node).length, kernel);
    return {
      layout: 'first',
      window: {
        kind: 'window',
        size: windows.kernel,
        stride: windows.strides,
        dilation: windows.dilations,
        padding: paddingOf(node, windows),
      },
    };
  };
}

const convTranspose: ViewRule = (node) => {
  const { call, isRead } = node;
  if (isRead.some((read, index) => read && index > 0)) throw new FieldLost('has weights that are computed');
  const windows = windowsOf(call, inputShape(node).length, call.inputs[1]?.shape?.slice(2));
  const { pads, strides, dilations } = windows;
  if (!pads || call.attributes.integers('output_shape')) {
    throw new FieldLost('does not say by how much it pads');
  }
  const kernel = windows.kernel.map((size) => (typeof size === 'number' ? size : Number.NaN));
  if (dilations.some((step) => step !== 1) || kernel.some((size, axis) => size % strides[axis]! !== 0)) {
    throw new FieldLost('has a kernel that is no multiple of its stride: cells see differently much');
  }
  return {
    layout: 'first',
    window: {
      kind: 'stretch',
      size: kernel.map((size, axis) => size / strides[axis]!),
      factor: strides,
      padding: pads.map(([before]) => before),
    },
  };
};

const globalPooling: ViewRule = () => ({ window: global, layout: 'first' });

/** ReduceMean and its like. */
const reduction: ViewRule = (node) => {
  const { call } = node;
  const rank = inputShape(node).length;
  const given = call.attributes.integers('axes') ?? (call.inputs[1] ? numbersOf(call, 1) : undefined);
  const axes = new Set((given ?? []).map((axis) => (axis < 0 ? axis + rank : axis)));
  if (!given || axes.size === 0) return { window: global };
  if (axes.has(0)) throw new FieldLost('goes across the batch');
  const isAll = (of: number[]) => of.length > 0 && of.every((axis) => axes.has(axis));
  const layouts = node.layout ? [node.layout] : (['first', 'last'] as const);
  const fitting = layouts.filter((layout) => isAll(spatialAxes(layout, rank)));
  const isOfChannels = node.layout && axes.size === 1 && axes.has(channelAxis(node.layout, rank));
  const keepsAxes = call.attributes.integer('keepdims', 1) === 1;
  if (isOfChannels && keepsAxes) return { window: pointwise };
  if (fitting.length === 0) throw new FieldLost('goes along a part of the axes');
  return { window: global, ...(fitting.length === 1 ? { layout: fitting[0] } : {}) };
};

/** @throws FieldLost unless all are plain numbers. */
function numbersOf(call: OperatorCall, index: number): number[] {
  const numbers = call.inputs[index]?.numbers;
  if (!numbers || numbers.some((one) => one === null || isSymbolic(one))) {
    throw new FieldLost('is told where while the model runs');
  }
  return numbers as number[];
}

// --- matrices --------------------------------------------------------------------------------------------------------

function matrixProduct(right: number): ViewRule {
  return (node) => {
    const rank = inputShape(node).length;
    if (node.isRead[0] && node.isRead[right]) throw new FieldLost('multiplies two outputs with each other');
    if (rank === 2) return { window: global };
    if (!node.isRead[0] || node.call.inputs[right]?.shape?.length !== 2) {
      throw new FieldLost('goes along rows or columns');
    }
    // The same dense layer at every place.
    return { window: pointwise, layout: 'last' };
  };
}

// --- arranged anew ---------------------------------------------------------------------------------------------------

/** What flattens an example leaves each cell what it was. */
const reshape: ViewRule = (node) => {
  const { output } = node;
  const input = inputShape(node);
  const isSame =
    output?.length === input.length && input.every((size, axis) => equalDims(size, output[axis]!) === true);
  const isFlat = output?.length === 2 && equalDims(output[0]!, input[0]!) === true;
  if (isSame || isFlat) return { window: pointwise };
  throw new FieldLost('arranges the cells anew');
};

const transpose: ViewRule = (node) => {
  const rank = inputShape(node).length;
  const order = Array.from({ length: rank }, (_, axis) => axis);
  const moved = node.call.attributes.integers('perm') ?? [...order].reverse();
  const spatial = order.slice(1, -1);
  const is = (wanted: number[]) => wanted.every((axis, index) => moved[index] === axis);
  if (is(order)) return { window: pointwise };
  const toFirst = is([0, rank - 1, ...spatial]);
  const toLast = is([0, ...spatial.map((axis) => axis + 1), 1]);
  // Of three axes both are the same: what has been said before decides.
  if (toFirst && (!toLast || node.layout === 'last'))
    return { window: pointwise, layout: 'last', turns: 'first' };
  if (toLast && (!toFirst || node.layout === 'first'))
    return { window: pointwise, layout: 'first', turns: 'last' };
  throw new FieldLost('changes the order of rows and columns');
};

const alongTheChannelsOnly =
  (what: string): ViewRule =>
  (node) => {
    const rank = inputShape(node).length;
    const given = node.call.attributes.integer('axis', 0);
    const axis = given < 0 ? given + rank : given;
    if (node.output && node.output.length !== rank) throw new FieldLost('takes one axis away');
    if (rank === 2 && axis === 1) return { window: pointwise };
    if (axis === channelAxis(layoutOf(node), rank)) return { window: pointwise };
    throw new FieldLost(what);
  };

/** Moves the cells by `start` and takes every `step`-th of them. @throws FieldLost */
function shifted(node: NodeToSee, starts: ReadonlyMap<number, { start: number; step: number }>): View {
  const rank = inputShape(node).length;
  const moved = [...starts].filter(([, { start, step }]) => start !== 0 || step !== 1).map(([axis]) => axis);
  if (moved.includes(0)) throw new FieldLost('goes across the batch');
  if (moved.length === 0) return { window: pointwise };
  const layout = layoutOf(node);
  const spatial = spatialAxes(layout, rank);
  if (moved.every((axis) => axis === channelAxis(layout, rank))) return { window: pointwise };
  const each = <T>(of: (axis: number) => T) => spatial.map(of);
  return {
    window: {
      kind: 'window',
      size: each(() => 1),
      stride: each((axis) => starts.get(axis)?.step ?? 1),
      dilation: each(() => 1),
      padding: each((axis) => -(starts.get(axis)?.start ?? 0)),
    },
  };
}

const slice: ViewRule = (node) => {
  const { call } = node;
  const shape = inputShape(node);
  const isOld = call.version < 10;
  const list = (name: string, index: number): number[] | undefined =>
    isOld ? call.attributes.integers(name) : call.inputs[index] ? numbersOf(call, index) : undefined;
  const starts = list('starts', 1) ?? [];
  const axes = list('axes', 3) ?? starts.map((_, axis) => axis);
  const steps = (isOld ? undefined : list('steps', 4)) ?? starts.map(() => 1);
  const places = axes.map((given, index): [number, { start: number; step: number }] => {
    const axis = given < 0 ? given + shape.length : given;
    const [start, step, size] = [starts[index]!, steps[index]!, shape[axis]];
    if (step < 1) throw new FieldLost('turns the order of the cells around');
    if (start >= 0) return [axis, { start, step }];
    if (typeof size !== 'number') throw new FieldLost('begins at a size that is open');
    return [axis, { start: Math.max(start + size, 0), step }];
  });
  return shifted(node, new Map(places));
};

const pad: ViewRule = (node) => {
  const { call } = node;
  const rank = inputShape(node).length;
  if (call.attributes.text('mode', 'constant') !== 'constant') {
    throw new FieldLost('repeats cells of its input at the rim');
  }
  const pads = call.attributes.integers('pads') ?? call.attributes.integers('paddings') ?? numbersOf(call, 1);
  const axes = call.inputs[3] ? numbersOf(call, 3) : Array.from({ length: rank }, (_, axis) => axis);
  return shifted(
    node,
    new Map(
      axes.map((axis, index) => [axis < 0 ? axis + rank : axis, { start: -(pads[index] ?? 0), step: 1 }]),
    ),
  );
};

const blockSize = ({ call }: NodeToSee) => call.attributes.integer('blocksize', 1);

const spaceToDepth: ViewRule = (node) => {
  const sides = [blockSize(node), blockSize(node)];
  const window: Window = { kind: 'window', size: sides, stride: sides, dilation: [1, 1], padding: [0, 0] };
  return { layout: 'first', window };
};

const depthToSpace: ViewRule = (node) => {
  const factor = [blockSize(node), blockSize(node)];
  return { layout: 'first', window: { kind: 'stretch', size: [1, 1], factor, padding: [0, 0] } };
};

/** Every cell made into equal blocks; whatever mixes neighbours differs from cell to cell. */
const resize: ViewRule = (node) => {
  const { call, output } = node;
  const input = inputShape(node);
  if (call.attributes.text('mode', 'nearest') !== 'nearest') {
    throw new FieldLost('mixes neighbouring cells, differently from cell to cell');
  }
  const factors = input.map((size, axis) => {
    const grown = output?.[axis];
    if (grown !== undefined && equalDims(grown, size) === true) return 1;
    if (typeof size !== 'number' || typeof grown !== 'number' || grown % size !== 0) {
      throw new FieldLost('grows by a factor that is no whole number, or open');
    }
    return grown / size;
  });
  if (factors.every((factor) => factor === 1)) return { window: pointwise };
  if (!makesEqualBlocks(call, factors)) throw new FieldLost('repeats some cells more often than others');
  const layout = layoutOf(node);
  if (factors[0] !== 1 || factors[channelAxis(layout, input.length)] !== 1) {
    throw new FieldLost('grows along the channels');
  }
  const factor = spatialAxes(layout, input.length).map((axis) => factors[axis]!);
  return { window: { kind: 'stretch', size: factor.map(() => 1), factor, padding: factor.map(() => 0) } };
};

/** Whether output cell `x` is input cell `⌊x/factor⌋`, as the specification of Resize computes it. */
function makesEqualBlocks(call: OperatorCall, factors: readonly number[]): boolean {
  const from = call.attributes.text('coordinate_transformation_mode', 'half_pixel');
  const nearest = call.attributes.text('nearest_mode', 'round_prefer_floor');
  if (call.opType === 'Upsample' || call.version < 11) return true;
  if (from === 'asymmetric') {
    return (
      nearest === 'floor' || (nearest === 'round_prefer_floor' && factors.every((factor) => factor <= 2))
    );
  }
  return (from === 'half_pixel' || from === 'pytorch_half_pixel') && nearest.startsWith('round');
}

// --- which operator is which -----------------------------------------------------------------------------------------

const each = (names: string, rule: ViewRule) =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));

const rules: Record<string, ViewRule> = {
  ...each(
    'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity LeakyRelu Log Mish Neg Not PRelu Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Dropout Cast IsNaN IsInf QuantizeLinear DequantizeLinear',
    likewise,
  ),
  ...each(
    'Add Sub Mul Div Mod Pow Max Min Sum Mean Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Where BitShift BitwiseAnd BitwiseOr BitwiseXor',
    cellByCell,
  ),
  ...each('BatchNormalization LRN', alongChannels),
  ...each('InstanceNormalization GroupNormalization', normalizedTogether),
  ...each('Softmax LogSoftmax Hardmax', alongAxis),
  LayerNormalization: layerNormalization,
  ...each('Conv ConvInteger', sliding(1)),
  QLinearConv: sliding(3),
  ...each('MaxPool AveragePool LpPool', sliding()),
  ConvTranspose: convTranspose,
  ...each('GlobalAveragePool GlobalMaxPool GlobalLpPool', globalPooling),
  ...each(
    'ReduceMean ReduceMax ReduceMin ReduceSum ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare',
    reduction,
  ),
  ...each('Gemm MatMul MatMulInteger', matrixProduct(1)),
  QLinearMatMul: matrixProduct(3),
  ...each('Reshape Flatten', reshape),
  Transpose: transpose,
  Concat: alongTheChannelsOnly('lays its inputs side by side'),
  Split: alongTheChannelsOnly('cuts rows or columns into parts'),
  Gather: alongTheChannelsOnly('picks rows or columns'),
  Slice: slice,
  Pad: pad,
  SpaceToDepth: spaceToDepth,
  DepthToSpace: depthToSpace,
  ...each('Resize Upsample', resize),
};
