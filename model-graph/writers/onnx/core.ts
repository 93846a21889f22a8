/** Dense, embedding, and layers that give the same values another shape: tfjs-layers layers/core.ts, embeddings.ts, padding.ts. */
import { elementTypes } from '../../onnx/tensors';
import { activate } from './activations';
import { type Tensor, toEnd } from './builder';
import type { ExportedShape } from './exportedModel';
import type { Converter, LayerCall } from './layer';

const { int64, float32 } = elementTypes;

const dense: Converter = (call) => {
  const { graph, input } = call;
  const kernel = call.requiredWeight('kernel');
  const bias = call.weight('bias');
  const shape = [...input.shape.slice(0, -1), kernel.shape[1]!];
  const x = graph.plain(input);
  if (input.shape.length === 2) {
    const weights = [graph.weight(kernel), ...(bias ? [graph.weight(bias)] : [])];
    return [activate(call, graph.tensor(graph.main('Gemm', [x, ...weights]), shape))];
  }
  const product = graph.main('MatMul', [x, graph.weight(kernel)]);
  const sum = bias ? graph.op('Add', [product, graph.weight(bias)]) : product;
  return [activate(call, graph.tensor(sum, shape))];
};

const flatten: Converter = (call) => {
  const { graph, input } = call;
  const { shape } = input;
  const isTurned = call.isChannelsFirst && shape.length > 2;
  const perm = [0, ...Array.from({ length: shape.length - 2 }, (_, axis) => axis + 2), 1];
  const x = isTurned ? graph.op('Transpose', [graph.plain(input)], { perm }) : graph.plain(input);
  const size = productOf(shape.slice(1));
  const y = graph.main('Reshape', [x, graph.integers([0, size ?? -1])]);
  return [graph.tensor(y, [shape[0]!, size], input.elementType)];
};

const reshape: Converter = (call) => {
  const { graph, input, layer } = call;
  const given = (layer.config['targetShape'] as (number | null)[]).map((size) =>
    size === null || size < 0 ? -1 : size,
  );
  const all = productOf(input.shape.slice(1));
  const known = given.filter((size) => size >= 0).reduce((product, size) => product * size, 1);
  const target = given.map((size) => (size >= 0 ? size : all === null ? null : all / known));
  const y = graph.main('Reshape', [
    graph.plain(input),
    graph.integers([0, ...target.map((size) => size ?? -1)]),
  ]);
  return [graph.tensor(y, [input.shape[0]!, ...target], input.elementType)];
};

const permute: Converter = ({ graph, input, layer }) => {
  const perm = [0, ...(layer.config['dims'] as number[])];
  const y = graph.main('Transpose', [graph.plain(input)], { perm });
  return [
    graph.tensor(
      y,
      perm.map((axis) => input.shape[axis]!),
    ),
  ];
};

const repeatVector: Converter = (call) => {
  const { graph, input } = call;
  const count = call.number('n', 1);
  const row = graph.op('Unsqueeze', [graph.plain(input), graph.integers([1])]);
  const [batch, size] = input.shape;
  return [graph.tensor(graph.main('Tile', [row, graph.integers([1, count, 1])]), [batch!, count, size!])];
};

const embedding: Converter = (call) => {
  const { graph } = call;
  const input = call.inputs[0]!;
  const table = call.requiredWeight('embeddings');
  const indices = graph.op('Cast', [graph.plain(input)], { to: int64 });
  const y = graph.tensor(graph.main('Gather', [graph.weight(table), indices], { axis: 0 }), [
    ...input.shape,
    table.shape[1]!,
  ]);
  if (call.flag('maskZero')) {
    const zeros = graph.op('Equal', [indices, graph.integers([0])]);
    y.mask = graph.tensor(graph.op('Not', [zeros]), input.shape, elementTypes.bool);
  }
  return [y];
};

const masking: Converter = (call) => {
  const { graph, input } = call;
  const x = graph.plain(input);
  const same = graph.op('Equal', [x, graph.float(call.number('maskValue', 0))]);
  const differs = graph.op('Cast', [graph.op('Not', [same])], { to: float32 });
  const axes = [input.shape.length - 1];
  const counts = graph.op('ReduceMax', [differs], { axes, keepdims: 1 });
  const y = graph.tensor(graph.main('Mul', [x, counts]), input.shape);
  const mask = graph.op('Cast', [graph.op('Squeeze', [counts, graph.integers([-1])])], {
    to: elementTypes.bool,
  });
  y.mask = graph.tensor(mask, input.shape.slice(0, -1), elementTypes.bool);
  return [y];
};

/** [[top, bottom], [left, right]] and where they are among a four-axis tensor's, in the order that is there. */
function margins(call: LayerCall, key: string) {
  const { input, graph, isChannelsFirst } = call;
  const given = call.layer.config[key] as [[number, number], [number, number]];
  const useMoved = !isChannelsFirst && input.plain === undefined;
  const first = isChannelsFirst || useMoved ? 2 : 1;
  const name = useMoved ? input.moved! : graph.plain(input);
  const at = isChannelsFirst ? 2 : 1;
  const shape = [...input.shape];
  const resized = (change: (size: number, axis: 0 | 1) => number) => {
    for (const axis of [0, 1] as const) {
      const size = shape[at + axis]!;
      shape[at + axis] = size === null ? null : change(size, axis);
    }
    return shape;
  };
  const tensor = (y: string) => (useMoved ? graph.movedTensor(y, shape) : graph.tensor(y, shape));
  return { given, name, first, resized, tensor };
}

const zeroPadding: Converter = (call) => {
  const { given, name, first, resized, tensor } = margins(call, 'padding');
  const pads = [0, 1].map((side) => {
    const around = [0, 0, 0, 0];
    for (const axis of [0, 1] as const) around[first + axis] = given[axis][side as 0 | 1];
    return around;
  });
  resized((size, axis) => size + given[axis][0] + given[axis][1]);
  return [tensor(call.graph.main('Pad', [name, call.graph.integers(pads.flat())]))];
};

const cropping: Converter = (call) => {
  const { graph } = call;
  const { given, name, first, resized, tensor } = margins(call, 'cropping');
  const starts = graph.integers(given.map(([before]) => before));
  const ends = graph.integers(given.map(([, after]) => (after > 0 ? -after : toEnd)));
  const shape = resized((size, axis) => size - given[axis][0] - given[axis][1]);
  if (shape.some((size) => size !== null && size <= 0)) call.refuse('it cuts off more than there is');
  return [tensor(graph.main('Slice', [name, starts, ends, graph.integers([first, first + 1])]))];
};

/** How tfjs-core's resizeBilinear and resizeNearestNeighbor, without half-pixel centres, find their source cells. */
export function resizing(interpolation: string, alignCorners: boolean) {
  const coordinate_transformation_mode = alignCorners ? 'align_corners' : 'asymmetric';
  return interpolation === 'nearest'
    ? {
        mode: 'nearest',
        nearest_mode: alignCorners ? 'round_prefer_ceil' : 'floor',
        coordinate_transformation_mode,
      }
    : { mode: 'linear', coordinate_transformation_mode };
}

const upSampling: Converter = (call) => {
  const { graph, input, isChannelsFirst } = call;
  if (!Array.isArray(call.layer.config['size'])) call.refuse('its size is not given as two numbers');
  const size = call.numbers('size', 2, 2);
  const x = isChannelsFirst ? graph.plain(input) : graph.moved(input);
  const scales = graph.floats([1, 1, ...size]);
  const y = graph.main('Resize', [x, '', scales], resizing(call.text('interpolation', 'nearest'), false));
  const at = isChannelsFirst ? 2 : 1;
  const shape = input.shape.map((dim, axis) =>
    dim !== null && (axis === at || axis === at + 1) ? dim * size[axis - at]! : dim,
  );
  return [isChannelsFirst ? graph.tensor(y, shape) : graph.movedTensor(y, shape)];
};

/** Layers that hand their input on when nothing is trained. */
const identity =
  (opType: 'Identity' | 'Dropout'): Converter =>
  ({ graph, inputs }) => [graph.each(inputs[0]!, (x) => graph.main(opType, [x]))];

export function productOf(shape: ExportedShape): number | null {
  return shape.reduce<number | null>(
    (product, size) => (product === null || size === null ? null : product * size),
    1,
  );
}

/** The size of the axes from `from` on, as int64 numbers of the graph. */
export function sizesOf(
  call: LayerCall,
  tensor: Tensor,
  from: number,
  to: number = tensor.shape.length,
): string {
  const { graph } = call;
  const part = tensor.shape.slice(from, to);
  if (part.every((size) => size !== null)) return graph.integers(part as number[]);
  return graph.op('Slice', [
    graph.shapeOf(tensor),
    graph.integers([from]),
    graph.integers([to]),
    graph.integers([0]),
  ]);
}

export const coreConverters: Record<string, Converter> = {
  Dense: dense,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  RepeatVector: repeatVector,
  Embedding: embedding,
  Masking: masking,
  ZeroPadding2D: zeroPadding,
  Cropping2D: cropping,
  UpSampling2D: upSampling,
  Dropout: identity('Dropout'),
  SpatialDropout1D: identity('Dropout'),
  GaussianNoise: identity('Identity'),
  GaussianDropout: identity('Identity'),
  AlphaDropout: identity('Identity'),
};
