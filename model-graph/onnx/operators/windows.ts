/** Convolutions and poolings: sizes as the ONNX specification gives them, for any number of spatial axes. */
import { add, ceilDivide, floorDivide, multiply, type Quantity, subtract } from '../../dims';
import {
  inputOf,
  int64,
  type OperatorCall,
  type OperatorRule,
  plainNumbersOf,
  ShapeLost,
  shapeOf,
  value,
} from './operator';

export interface Windows {
  kernel: Quantity[];
  strides: number[];
  dilations: number[];
  /** Before and after, for each spatial axis; undefined where `auto_pad` decides. */
  pads: [before: number, after: number][] | undefined;
  autoPad: string;
}

/** The window that a convolution or pooling moves over its input. @throws ShapeLost */
export function windowsOf(
  { attributes }: OperatorCall,
  rank: number,
  kernel: Quantity[] | undefined,
): Windows {
  const axes = rank - 2;
  if (axes < 1) throw new ShapeLost('its input has no spatial axes');
  const size: Quantity[] | undefined = attributes.integers('kernel_shape') ?? kernel;
  if (!size || size.length !== axes) throw new ShapeLost('its kernel has other axes than its input');
  const list = (name: string) => {
    const given = attributes.integers(name) ?? Array<number>(axes).fill(1);
    if (given.length !== axes || given.some((step) => step < 1))
      throw new ShapeLost(`its ${name} are no ${axes} sizes`);
    return given;
  };
  const autoPad = attributes.text('auto_pad', 'NOTSET') || 'NOTSET';
  const pads = attributes.integers('pads') ?? Array<number>(axes * 2).fill(0);
  if (pads.length !== axes * 2) throw new ShapeLost('its pads have other axes than its input');
  const explicit = pads
    .slice(0, axes)
    .map((before, axis): [number, number] => [before, pads[axis + axes] ?? 0]);
  return {
    kernel: size,
    strides: list('strides'),
    dilations: list('dilations'),
    pads: autoPad === 'NOTSET' ? explicit : autoPad === 'VALID' ? explicit.map(() => [0, 0]) : undefined,
    autoPad,
  };
}

/** The kernel with its gaps: (k − 1)·d + 1. */
export function effectiveKernel({ kernel, dilations }: Windows, axis: number): Quantity {
  return add(multiply(subtract(kernel[axis]!, 1), dilations[axis]!), 1);
}

/**
 * What stands before the first cell along a spatial axis of this size; undefined where the size is open and needed.
 * SAME pads so that there are ⌈size/stride⌉ windows, the odd cell at the end for SAME_UPPER.
 */
export function paddingBefore(
  windows: Windows,
  axis: number,
  size: Quantity | undefined,
): number | undefined {
  const explicit = windows.pads?.[axis];
  if (explicit) return explicit[0];
  const total = samePadding(windows, axis, size);
  if (total === undefined) return undefined;
  return windows.autoPad === 'SAME_LOWER' ? Math.ceil(total / 2) : Math.floor(total / 2);
}

/** Before and after together, where `auto_pad` decides. */
export function samePadding(windows: Windows, axis: number, size: Quantity | undefined): number | undefined {
  const reach = effectiveKernel(windows, axis);
  const stride = windows.strides[axis]!;
  if (typeof reach !== 'number') return undefined;
  if (stride === 1) return reach - 1;
  if (typeof size !== 'number') return undefined;
  return Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0);
}

function slide(windows: Windows, spatial: Quantity[], ceilMode = false): Quantity[] {
  return spatial.map((size, axis) => {
    const stride = windows.strides[axis]!;
    const pads = windows.pads?.[axis];
    if (!pads) return ceilDivide(size, stride);
    const span = subtract(add(size, pads[0] + pads[1]), effectiveKernel(windows, axis));
    if (!ceilMode) return add(floorDivide(span, stride), 1);
    const rounded = add(ceilDivide(span, stride), 1);
    // A window that would begin in the padding after the input is left out, as onnxruntime and PyTorch do.
    if (typeof rounded === 'number' && typeof size === 'number' && (rounded - 1) * stride >= size + pads[0]) {
      return rounded - 1;
    }
    return rounded;
  });
}

/** @throws ShapeLost where a size would not be one. */
function checked(sizes: Quantity[]): Quantity[] {
  if (sizes.some((size) => typeof size === 'number' && size <= 0))
    throw new ShapeLost('its window is larger than its input');
  return sizes;
}

function convolution(weightIndex: number, outputType: (call: OperatorCall) => number): OperatorRule {
  return (call) => {
    const [input, weight] = [shapeOf(call, 0), shapeOf(call, weightIndex)];
    if (weight.length !== input.length) throw new ShapeLost('its weights have other axes than its input');
    const windows = windowsOf(call, input.length, weight.slice(2));
    return [value(outputType(call), [input[0]!, weight[0]!, ...checked(slide(windows, input.slice(2)))])];
  };
}

const convTranspose: OperatorRule = (call) => {
  const [input, weight] = [shapeOf(call, 0), shapeOf(call, 1)];
  if (weight.length !== input.length) throw new ShapeLost('its weights have other axes than its input');
  const windows = windowsOf(call, input.length, weight.slice(2));
  const channels = multiply(weight[1]!, call.attributes.integer('group', 1));
  const spatial = input.slice(2);
  const given = call.attributes.integers('output_shape');
  const extra = call.attributes.integers('output_padding') ?? [];
  const sizes = given
    ? given.slice(-spatial.length)
    : spatial.map((size, axis) => {
        const stride = windows.strides[axis]!;
        const pads = windows.pads?.[axis];
        if (!pads) return multiply(size, stride);
        const grown = add(multiply(subtract(size, 1), stride), effectiveKernel(windows, axis));
        return add(grown, (extra[axis] ?? 0) - pads[0] - pads[1]);
      });
  return [value(inputOf(call, 0).elementType, [input[0]!, channels, ...checked(sizes)])];
};

const pool: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const windows = windowsOf(call, input.length, undefined);
  const sizes = checked(slide(windows, input.slice(2), call.attributes.integer('ceil_mode', 0) === 1));
  const shape = [input[0]!, input[1]!, ...sizes];
  const pooled = value(inputOf(call, 0).elementType, shape);
  return call.opType === 'MaxPool' ? [pooled, value(int64, shape)] : [pooled];
};

const globalPool: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  return [
    value(
      inputOf(call, 0).elementType,
      input.map((size, axis) => (axis < 2 ? size : 1)),
    ),
  ];
};

const maxUnpool: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  if (call.inputs[2])
    return [value(inputOf(call, 0).elementType, plainNumbersOf(call, 2, 'its output shape'))];
  const windows = windowsOf(call, input.length, undefined);
  const sizes = input.slice(2).map((size, axis) => {
    const [before, after] = windows.pads?.[axis] ?? [0, 0];
    return add(
      multiply(subtract(size, 1), windows.strides[axis]!),
      subtract(windows.kernel[axis]!, before + after),
    );
  });
  return [value(inputOf(call, 0).elementType, [input[0]!, input[1]!, ...sizes])];
};

export const windowRules: Record<string, OperatorRule> = {
  Conv: convolution(1, (call) => inputOf(call, 0).elementType),
  ConvInteger: convolution(1, () => 6),
  QLinearConv: convolution(3, (call) => inputOf(call, 7).elementType),
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  MaxUnpool: maxUnpool,
};
