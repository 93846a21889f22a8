/** tfjs-layers layers/merge.ts. */
import { type GraphBuilder, type Tensor, toEnd } from './builder';
import type { ExportedShape } from './exportedModel';
import type { Converter, LayerCall } from './layer';

/** All inputs in one order of axes: the one that is there already, if it is the same for all. */
function inOneOrder(graph: GraphBuilder, inputs: Tensor[]): { names: string[]; isMoved: boolean } {
  const rank = inputs[0]!.shape.length;
  const isMoved =
    rank >= 3 &&
    inputs.every(
      ({ shape, plain, moved }) => shape.length === rank && (moved !== undefined || plain === undefined),
    );
  return { names: inputs.map((input) => (isMoved ? graph.moved(input) : graph.plain(input))), isMoved };
}

function broadcast(shapes: ExportedShape[]): ExportedShape {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis]!);
    const known = sizes.find((size) => size !== null && size !== 1);
    return known ?? (sizes.some((size) => size === null) ? null : 1);
  });
}

/** Of one shape, or of shapes that broadcast; those with fewer axes get theirs after the batch, as tfjs does it. */
const merge =
  (write: (graph: GraphBuilder, names: string[]) => string): Converter =>
  ({ graph, inputs }) => {
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    const equal = inputs.map((given) => {
      const input = graph.asFloat(given);
      const missing = rank - input.shape.length;
      if (missing === 0) return input;
      const axes = graph.integers(Array.from({ length: missing }, (_, axis) => axis + 1));
      const [batch, ...rest] = input.shape;
      const shape = [batch!, ...Array<number>(missing).fill(1), ...rest];
      return graph.tensor(graph.op('Unsqueeze', [graph.plain(input), axes]), shape);
    });
    const { names, isMoved } = inOneOrder(graph, equal);
    const shape = broadcast(equal.map((input) => input.shape));
    const y = write(graph, names);
    return [isMoved ? graph.movedTensor(y, shape) : graph.tensor(y, shape)];
  };

/** Two at a time. */
const pairwise = (opType: string) => (graph: GraphBuilder, names: string[]) => {
  const [first, ...rest] = names;
  return rest.reduce(
    (sum, name, i) =>
      i === rest.length - 1 ? graph.main(opType, [sum, name]) : graph.op(opType, [sum, name]),
    first!,
  );
};
const together = (opType: string) => (graph: GraphBuilder, names: string[]) => graph.main(opType, names);

const concatenate: Converter = (call) => {
  const { graph } = call;
  const inputs = call.inputs.map((input) => graph.asFloat(input));
  const shape = [...inputs[0]!.shape];
  const rank = shape.length;
  const given = call.number('axis', -1);
  // Mirrors tfjs-layers backend/tfjs_backend.ts concatenate: any negative axis is the last.
  const axis = given < 0 ? rank - 1 : given;
  if (axis === 0) call.refuse('it joins the examples of a batch');
  if (axis < 0 || axis >= rank) call.refuse(`its inputs have no axis ${given}`);
  const { names, isMoved } = inOneOrder(graph, inputs);
  const sizes = inputs.map((input) => input.shape[axis]!);
  shape[axis] = sizes.some((size) => size === null)
    ? null
    : sizes.reduce<number>((sum, size) => sum + size!, 0);
  for (const [at, size] of shape.entries()) {
    if (size === null && at !== axis)
      shape[at] = inputs.map((input) => input.shape[at]!).find((one) => one !== null) ?? null;
  }
  const y = graph.main('Concat', names, { axis: !isMoved ? axis : axis === rank - 1 ? 1 : axis + 1 });
  return [isMoved ? graph.movedTensor(y, shape) : graph.tensor(y, shape)];
};

/** tfjs-layers backend: K.l2Normalize. */
function normalized(graph: GraphBuilder, x: string, axis: number): string {
  const squares = graph.op('ReduceSum', [graph.op('Mul', [x, x]), graph.integers([axis])], { keepdims: 1 });
  return graph.op('Div', [x, graph.op('Sqrt', [graph.op('Max', [squares, graph.float(1e-7)])])]);
}

/** Mirrors Dot.call and batchDot. */
const dot: Converter = (call) => {
  const { graph } = call;
  const tensors = call.inputs.map((input) => graph.asFloat(input));
  const ranks = tensors.map(({ shape }) => shape.length);
  const [rankX, rankY] = [ranks[0]!, ranks[1]!];
  if (rankX > 3 || rankY > 3 || rankX < 2 || rankY < 2)
    call.refuse('TensorFlow.js computes it for two and three axes only');
  const given = call.layer.config['axes'];
  const axes = ranks.map((rank, i) => {
    const axis = Number(Array.isArray(given) ? given[i] : given);
    return axis < 0 ? axis + rank : axis;
  });
  if (axes.includes(0)) call.refuse('it multiplies across the examples of a batch');
  let [x, y] = tensors.map((tensor) => graph.plain(tensor)) as [string, string];
  if (call.flag('normalize')) [x, y] = [normalized(graph, x, axes[0]!), normalized(graph, y, axes[1]!)];
  const [batch] = tensors[0]!.shape;
  const [shapeX, shapeY] = tensors.map(({ shape }) => shape) as [ExportedShape, ExportedShape];
  if (rankX === 2 && rankY === 2) {
    if (axes[0] !== axes[1]) call.refuse('its two axes differ, which mixes the examples of a batch');
    const product = graph.op('Mul', [x, y]);
    return [
      graph.tensor(graph.main('ReduceSum', [product, graph.integers([axes[1]!])], { keepdims: 1 }), [
        batch!,
        1,
      ]),
    ];
  }
  const last = Math.max(rankX, rankY) - 1;
  if (rankX < rankY) x = graph.op('Unsqueeze', [x, graph.integers([2])]);
  if (rankY < rankX) y = graph.op('Unsqueeze', [y, graph.integers([2])]);
  const fullX = rankX < rankY ? [...shapeX, 1] : shapeX;
  const fullY = rankY < rankX ? [...shapeY, 1] : shapeY;
  const perm = [0, 2, 1];
  const turnsX = axes[0] !== last;
  const turnsY = axes[1] === last;
  const product = graph.main('MatMul', [
    turnsX ? graph.op('Transpose', [x], { perm }) : x,
    turnsY ? graph.op('Transpose', [y], { perm }) : y,
  ]);
  const rows = fullX[turnsX ? 2 : 1]!;
  const columns = fullY[turnsY ? 1 : 2]!;
  if (rankX === rankY) return [graph.tensor(product, [batch!, rows, columns])];
  const squeezed = graph.op('Squeeze', [product, graph.integers([rankX > rankY ? 2 : 1])]);
  return [graph.tensor(squeezed, [batch!, rankX > rankY ? rows : columns])];
};

/** The axis' cells from last to first. */
export function reversed(call: LayerCall, x: string, axis: number): string {
  const { graph } = call;
  return graph.op('Slice', [
    x,
    graph.integers([-1]),
    graph.integers([-toEnd]),
    graph.integers([axis]),
    graph.integers([-1]),
  ]);
}

export const mergeConverters: Record<string, Converter> = {
  Add: merge((graph, names) =>
    names.length === 2 ? pairwise('Add')(graph, names) : together('Sum')(graph, names),
  ),
  Subtract: merge(pairwise('Sub')),
  Multiply: merge(pairwise('Mul')),
  Average: merge(together('Mean')),
  Maximum: merge(together('Max')),
  Minimum: merge(together('Min')),
  Concatenate: concatenate,
  Dot: dot,
};
