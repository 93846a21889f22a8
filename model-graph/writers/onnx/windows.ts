/** Convolutions and poolings: tfjs-layers layers/convolutional.ts, convolutional_depthwise.ts, pooling.ts. */
import { activate } from './activations';
import { type Tensor, toEnd, transposed } from './builder';
import type { ExportedWeight } from './exportedModel';
import type { Converter, LayerCall } from './layer';

interface Window {
  kernel: number[];
  strides: number[];
  dilations: number[];
  /** tfjs's word. */
  padding: string;
}

type Sizes = readonly (number | null)[];

/**
 * How far the input is padded, as ONNX has it: before each axis, then after each.
 * Mirrors tfjs-core ops/conv_util.ts getPadAndOutInfo; `auto_pad` where that depends on a size that is open.
 */
export function padding(
  call: LayerCall,
  { kernel, strides, dilations, padding: word }: Window,
  sizes: Sizes,
) {
  if (word !== 'same') return { pads: kernel.flatMap(() => [0, 0]) };
  const before: number[] = [];
  const after: number[] = [];
  for (const [axis, size] of sizes.entries()) {
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1;
    const stride = strides[axis]!;
    if (size === null && stride > reach)
      call.refuse(
        'its stride is longer than its window, and the padding then depends on a size that is open',
      );
    if (size === null && stride > 1) return { auto_pad: 'SAME_UPPER' };
    const total =
      size === null ? reach - 1 : Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0);
    before.push(Math.floor(total / 2));
    after.push(total - Math.floor(total / 2));
  }
  return { pads: [...before, ...after] };
}

/**
 * tfjs-core ops/conv_util.ts get3DPadAndOutInfo forgets that a stride longer than the window needs no padding, and pads
 * by less than nothing: the outermost cells are not looked at. Cuts them off.
 */
function cutAsIn3D(call: LayerCall, x: string, window: Window, sizes: Sizes): { x: string; sizes: Sizes } {
  const { kernel, strides, dilations } = window;
  const excess = sizes.map((size, axis) => {
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1;
    if (size === null) return 0;
    return Math.max(size - reach - (Math.ceil(size / strides[axis]!) - 1) * strides[axis]!, 0);
  });
  if (window.padding !== 'same' || sizes.length !== 3 || excess.every((cells) => cells === 0))
    return { x, sizes };
  const { graph } = call;
  const before = excess.map((cells) => Math.ceil(cells / 2));
  const ends = excess.map((cells, axis) => (cells > before[axis]! ? before[axis]! - cells : toEnd));
  const cut = graph.op('Slice', [
    x,
    graph.integers(before),
    graph.integers(ends),
    graph.integers(sizes.map((_, axis) => axis + 2)),
  ]);
  return { x: cut, sizes: sizes.map((size, axis) => (size === null ? null : size - excess[axis]!)) };
}

/** @throws NotExpressible where nothing comes out: ONNX's operators refuse that, tfjs does not. */
function outputSizes(
  call: LayerCall,
  { kernel, strides, dilations, padding: word }: Window,
  sizes: Sizes,
): (number | null)[] {
  return sizes.map((size, axis) => {
    if (size === null) return null;
    const reach = word === 'same' ? 1 : (kernel[axis]! - 1) * dilations[axis]! + 1;
    const out = Math.ceil((size - reach + 1) / strides[axis]!);
    if (out <= 0) call.refuse('its window is larger than its input, so that it puts out nothing');
    return out;
  });
}

/** The input with its channels second, and its sizes; by the layer's `dataFormat`. */
function channelsSecond(
  call: LayerCall,
  rank: number,
): { x: string; batch: number | null; sizes: Sizes; channels: number | null } {
  const { graph, input, isChannelsFirst } = call;
  const { shape } = input;
  if (shape.length !== rank + 2) call.refuse(`its input has ${shape.length} axes instead of ${rank + 2}`);
  return isChannelsFirst
    ? { x: graph.plain(input), batch: shape[0]!, sizes: shape.slice(2), channels: shape[1]! }
    : { x: graph.moved(input), batch: shape[0]!, sizes: shape.slice(1, -1), channels: shape.at(-1)! };
}

/** A result whose channels are second in the graph, as the layer's `dataFormat` wants it. */
function withChannels(
  call: LayerCall,
  y: string,
  batch: number | null,
  sizes: Sizes,
  channels: number | null,
): Tensor {
  return call.isChannelsFirst
    ? call.graph.tensor(y, [batch, channels, ...sizes])
    : call.graph.movedTensor(y, [batch, ...sizes, channels]);
}

/** [...kernel, in, out] → [out, in, ...kernel]. */
export function outputsFirst(weight: ExportedWeight) {
  const rank = weight.shape.length - 2;
  return transposed(weight, [rank + 1, rank, ...Array.from({ length: rank }, (_, axis) => axis)]);
}

/** [height, width, in, multiplier] → [in · multiplier, 1, height, width]. */
function depthwiseFirst(weight: ExportedWeight) {
  const { shape, values } = transposed(weight, [2, 3, 0, 1]);
  return { shape: [shape[0]! * shape[1]!, 1, shape[2]!, shape[3]!], values };
}

function windowOf(call: LayerCall, rank: number): Window {
  const kernel = call.numbers('kernelSize', rank, 1);
  const strides = call.numbers('strides', rank, 1);
  const dilations = call.numbers('dilationRate', rank, 1);
  if ([...kernel, ...strides, ...dilations].some((size) => !(size >= 1))) call.refuse('its window is empty');
  return { kernel, strides, dilations, padding: call.text('padding', 'valid') };
}

function attributesOf(call: LayerCall, window: Window, sizes: Sizes) {
  const { kernel, strides, dilations } = window;
  return { kernel_shape: kernel, strides, dilations, ...padding(call, window, sizes) };
}

const convolution =
  (rank: number): Converter =>
  (call) => {
    const { graph } = call;
    const window = windowOf(call, rank);
    const whole = channelsSecond(call, rank);
    const { batch } = whole;
    const { x, sizes } = rank === 3 ? cutAsIn3D(call, whole.x, window, whole.sizes) : whole;
    const kernel = call.requiredWeight('kernel');
    const bias = call.weight('bias');
    const weights = [
      graph.weight(kernel, 'outputs_first', outputsFirst),
      ...(bias ? [graph.weight(bias)] : []),
    ];
    let attributes: Record<string, string | number | number[] | undefined> = attributesOf(
      call,
      window,
      sizes,
    );
    let reached: Sizes = sizes;
    if (window.padding === 'causal') {
      const before = window.kernel.map((size, axis) => (size - 1) * window.dilations[axis]!);
      attributes = { ...attributes, pads: [...before, ...before.map(() => 0)] };
      reached = sizes.map((size, axis) => (size === null ? null : size + before[axis]!));
    }
    const y = graph.main('Conv', [x, ...weights], attributes);
    const out = outputSizes(call, window, reached);
    const filters = kernel.shape.at(-1)!;
    // tfjs-layers conv1dWithBias turns the input's channels to the end, and leaves the output so.
    const tensor =
      rank === 1
        ? graph.movedTensor(y, [batch, ...out, filters])
        : withChannels(call, y, batch, out, filters);
    return [activate(call, tensor)];
  };

/** Mirrors tfjs-layers backend/…/deconvLength: what a window shorter than its stride does not reach is zero. */
const transposedConvolution =
  (rank: number): Converter =>
  (call) => {
    const { graph } = call;
    const window = windowOf(call, rank);
    const { kernel, strides } = window;
    const { x, batch, sizes } = channelsSecond(call, rank);
    const weight = call.requiredWeight('kernel');
    const bias = call.weight('bias');
    const isSame = window.padding === 'same';
    const excess = kernel.map((size, axis) => size - strides[axis]!);
    const before = excess.map((over) => (isSame ? Math.max(Math.floor(over / 2), 0) : 0));
    const after = excess.map((over, axis) => (isSame ? Math.max(over, 0) - before[axis]! : 0));
    // [...kernel, out, in] → [in, out, ...kernel]
    const inputsFirst = graph.weight(weight, 'inputs_first', outputsFirst);
    const biases = bias ? [graph.weight(bias)] : [];
    const common = { kernel_shape: kernel, strides, pads: [...before, ...after] };
    // get3DPadAndOutInfo pads by less than nothing here, too: the gap is on both sides, instead of at the end.
    const isCentred = rank === 3 && isSame && excess.some((over) => over < 0);
    let y: string;
    if (isCentred) {
      const gaps = excess.map((over) => Math.max(-over, 0));
      const first = gaps.map((gap) => Math.ceil(gap / 2));
      const pads = [0, 0, ...first, 0, 0, ...gaps.map((gap, axis) => gap - first[axis]!)];
      y = graph.op('Pad', [graph.main('ConvTranspose', [x, inputsFirst], common), graph.integers(pads)]);
      if (bias) {
        const along = graph.weight(bias, 'channels', ({ shape, values }) => ({
          shape: [shape[0]!, 1, 1, 1],
          values,
        }));
        y = graph.op('Add', [y, along]);
      }
    } else {
      y = graph.main('ConvTranspose', [x, inputsFirst, ...biases], {
        ...common,
        output_padding: excess.map((over) => Math.max(-over, 0)),
      });
    }
    const out = sizes.map((size, axis) =>
      size === null ? null : size * strides[axis]! + (isSame ? 0 : Math.max(excess[axis]!, 0)),
    );
    return [activate(call, withChannels(call, y, batch, out, weight.shape.at(-2)!))];
  };

const depthwiseConvolution: Converter = (call) => {
  const { graph } = call;
  // tfjs-layers layers/convolutional_depthwise.ts call: the dilation is not handed on.
  const window = { ...windowOf(call, 2), dilations: [1, 1] };
  const { x, batch, sizes, channels } = channelsSecond(call, 2);
  const kernel = call.requiredWeight('depthwise_kernel');
  const bias = call.weight('bias');
  const inputs = [
    x,
    graph.weight(kernel, 'outputs_first', depthwiseFirst),
    ...(bias ? [graph.weight(bias)] : []),
  ];
  const group = kernel.shape[2]!;
  const y = graph.main('Conv', inputs, { ...attributesOf(call, window, sizes), group });
  const out = outputSizes(call, window, sizes);
  return [activate(call, withChannels(call, y, batch, out, (channels ?? group) * kernel.shape[3]!))];
};

const separableConvolution: Converter = (call) => {
  const { graph, isChannelsFirst } = call;
  const window = windowOf(call, 2);
  const { x, batch, sizes } = channelsSecond(call, 2);
  const depthwise = call.requiredWeight('depthwise_kernel');
  const pointwise = call.requiredWeight('pointwise_kernel');
  const bias = call.weight('bias');
  if (bias && isChannelsFirst)
    call.refuse(
      'with dataFormat channelsFirst TensorFlow.js adds its bias along the height instead of the channels',
    );
  const between = graph.op('Conv', [x, graph.weight(depthwise, 'outputs_first', depthwiseFirst)], {
    ...attributesOf(call, window, sizes),
    group: depthwise.shape[2]!,
  });
  const weights = [
    graph.weight(pointwise, 'outputs_first', outputsFirst),
    ...(bias ? [graph.weight(bias)] : []),
  ];
  const y = graph.main('Conv', [between, ...weights], { kernel_shape: [1, 1] });
  // The activation comes before the channels are turned back.
  const out = outputSizes(call, window, sizes);
  const filters = pointwise.shape.at(-1)!;
  const active = activate(call, graph.movedTensor(y, [batch, ...out, filters]));
  if (!isChannelsFirst) return [active];
  return [graph.tensor(graph.moved(active), [batch, filters, ...out])];
};

const pooling =
  (opType: 'MaxPool' | 'AveragePool', rank: number): Converter =>
  (call) => {
    const { graph } = call;
    const kernel = call.numbers('poolSize', rank, 2);
    const strides = call.layer.config['strides'] == null ? kernel : call.numbers('strides', rank, 1);
    const window: Window = {
      kernel,
      strides,
      dilations: kernel.map(() => 1),
      padding: call.text('padding', 'valid'),
    };
    const whole = channelsSecond(call, rank);
    const { batch, channels } = whole;
    const { x, sizes } = rank === 3 ? cutAsIn3D(call, whole.x, window, whole.sizes) : whole;
    const y = graph.main(opType, [x], {
      kernel_shape: kernel,
      strides,
      ...padding(call, window, sizes),
      // Cells beyond the edge do not count, as in tfjs.
      ...(opType === 'AveragePool' ? { count_include_pad: 0 } : {}),
    });
    return [withChannels(call, y, batch, outputSizes(call, window, sizes), channels)];
  };

const globalPooling =
  (opType: 'ReduceMean' | 'ReduceMax', rank: number): Converter =>
  (call) => {
    const { graph, input } = call;
    if (input.shape.length !== rank + 2)
      call.refuse(`its input has ${input.shape.length} axes instead of ${rank + 2}`);
    // tfjs-layers: the one-dimensional ones always take the second axis for time.
    const isFirst = rank === 2 && call.isChannelsFirst;
    const [batch] = input.shape;
    const channels = isFirst ? input.shape[1]! : input.shape.at(-1)!;
    const hasMoved = !isFirst && input.plain === undefined;
    const axes = isFirst || hasMoved ? spatial(rank, 2) : spatial(rank, 1);
    const y = graph.main(opType, [hasMoved ? input.moved! : graph.plain(input)], { axes, keepdims: 0 });
    return [graph.tensor(y, [batch!, channels])];
  };

function spatial(rank: number, first: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis + first);
}

export const windowConverters: Record<string, Converter> = {
  Conv1D: convolution(1),
  Conv2D: convolution(2),
  Conv3D: convolution(3),
  Conv2DTranspose: transposedConvolution(2),
  Conv3DTranspose: transposedConvolution(3),
  DepthwiseConv2D: depthwiseConvolution,
  SeparableConv2D: separableConvolution,
  MaxPooling1D: pooling('MaxPool', 1),
  MaxPooling2D: pooling('MaxPool', 2),
  MaxPooling3D: pooling('MaxPool', 3),
  AveragePooling1D: pooling('AveragePool', 1),
  AveragePooling2D: pooling('AveragePool', 2),
  AveragePooling3D: pooling('AveragePool', 3),
  GlobalAveragePooling1D: globalPooling('ReduceMean', 1),
  GlobalAveragePooling2D: globalPooling('ReduceMean', 2),
  GlobalMaxPooling1D: globalPooling('ReduceMax', 1),
  GlobalMaxPooling2D: globalPooling('ReduceMax', 2),
};
