/** tfjs-layers layers/preprocessing/. */
import { elementTypes } from '../../onnx/tensors';
import { resizing as resizingAttributes } from './core';
import type { Converter, LayerCall } from './layer';

const rescaling: Converter = (call) => {
  const { graph, input } = call;
  return [
    graph.each(input, (x) => {
      const scaled = graph.main('Mul', [x, graph.float(call.number('scale', 1))]);
      const offset = call.number('offset', 0);
      return offset === 0 ? scaled : graph.op('Add', [scaled, graph.float(offset)]);
    }),
  ];
};

/** To `height` × `width`, whatever the size is. */
function resize(
  call: LayerCall,
  height: number,
  width: number,
  interpolation: string,
  alignCorners: boolean,
) {
  const { graph, input } = call;
  if (input.shape.length !== 4) call.refuse('it takes single pictures, not a batch of them');
  const x = graph.moved(input);
  const batchAndChannels = graph.op('Slice', [
    graph.op('Shape', [x]),
    graph.integers([0]),
    graph.integers([2]),
  ]);
  const sizes = graph.op('Concat', [batchAndChannels, graph.integers([height, width])], { axis: 0 });
  const y = graph.main('Resize', [x, '', '', sizes], resizingAttributes(interpolation, alignCorners));
  return [graph.movedTensor(y, [input.shape[0]!, height, width, input.shape[3]!])];
}

const resizing: Converter = (call) =>
  resize(
    call,
    call.number('height', 1),
    call.number('width', 1),
    call.text('interpolation', 'bilinear'),
    !call.flag('cropToAspectRatio'),
  );

/** Which cells tfjs-core's cropAndResize takes, by the method `nearest`. */
function croppedCells(size: number, start: number, count: number): number[] {
  const from = Math.fround(start / size);
  const to = Math.fround((count + start) / size);
  const step = count > 1 ? ((to - from) * (size - 1)) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) =>
    Math.round(count > 1 ? from * (size - 1) + i * step : 0.5 * (from + to) * (size - 1)),
  );
}

/** Mirrors CenterCrop.call: not quite the middle, since its corners are shares of the size. */
const centerCrop: Converter = (call) => {
  const { graph, input } = call;
  const [batch, inputHeight, inputWidth, channels] = input.shape;
  if (input.shape.length !== 4 || inputHeight == null || inputWidth == null)
    return call.refuse('the size of its input is open');
  const [height, width] = [call.number('height', 1), call.number('width', 1)];
  const top = Math.floor((inputHeight - height) / 2);
  const left = inputWidth === width ? 0 : Math.floor((inputWidth - width) / 2) || 1;
  if (top < 0 || left < 0) return resize(call, height, width, 'bilinear', false);
  const rows = croppedCells(inputHeight, top, height);
  const columns = croppedCells(inputWidth, left, width);
  if (
    [...rows, ...columns].some((cell) => cell < 0) ||
    rows.some((cell) => cell >= inputHeight) ||
    columns.some((cell) => cell >= inputWidth)
  )
    return call.refuse('TensorFlow.js crops beyond the edge of its input');
  const cut = graph.op('Gather', [graph.plain(input), graph.integers(rows)], { axis: 1 });
  const y = graph.main('Gather', [cut, graph.integers(columns)], { axis: 2 });
  return [graph.tensor(y, [batch!, height, width, channels!])];
};

const categoryEncoding: Converter = (call) => {
  const { graph } = call;
  const input = call.inputs[0]!;
  const mode = call.text('outputMode', 'multiHot');
  const depth = call.number('numTokens', 1);
  const { shape } = input;
  const indices = graph.op('Cast', [graph.plain(input)], { to: elementTypes.int64 });
  if (mode === 'int')
    return [
      graph.tensor(graph.main('Cast', [indices], { to: elementTypes.int32 }), shape, elementTypes.int32),
    ];
  const values = graph.floats([0, 1]);
  // [batch, tokens] → counted over the tokens; a single token of each example is its own row.
  const isWide = mode === 'oneHot' && shape.at(-1) !== 1;
  if (shape.length + (isWide ? 1 : 0) > 2) call.refuse('TensorFlow.js encodes lists of tokens only');
  const hot = graph.op('OneHot', [indices, graph.integers([depth]), values], { axis: -1 });
  if (isWide || shape.length < 2) return [graph.tensor(graph.main('Identity', [hot]), [shape[0]!, depth])];
  const y =
    mode === 'count'
      ? graph.main('ReduceSum', [hot, graph.integers([1])], { keepdims: 0 })
      : graph.main('ReduceMax', [hot], { axes: [1], keepdims: 0 });
  return [graph.tensor(y, [shape[0]!, depth])];
};

export const preprocessingConverters: Record<string, Converter> = {
  Rescaling: rescaling,
  Resizing: resizing,
  CenterCrop: centerCrop,
  CategoryEncoding: categoryEncoding,
};
