/** tfjs-layers layers/normalization.ts, as it computes when nothing is trained. */
import type { Converter } from './layer';

const batchNormalization: Converter = (call) => {
  const { graph, input } = call;
  const { shape } = input;
  const rank = shape.length;
  const given = call.number('axis', -1);
  const axis = given < 0 ? given + rank : given;
  const mean = call.requiredWeight('moving_mean');
  const variance = call.requiredWeight('moving_variance');
  const epsilon = call.number('epsilon', 1e-3);
  const gamma = call.weight('gamma');
  const beta = call.weight('beta');
  const isLast = axis === rank - 1;
  if (isLast || axis === 1) {
    // ONNX always has both.
    const filled = (value: number) => graph.floats(Array<number>(mean.shape[0]!).fill(value));
    const weights = [
      gamma ? graph.weight(gamma) : filled(1),
      beta ? graph.weight(beta) : filled(0),
      graph.weight(mean),
      graph.weight(variance),
    ];
    const isMoved = isLast && rank > 2;
    const x = isMoved ? graph.moved(input) : graph.plain(input);
    const y = graph.main('BatchNormalization', [x, ...weights], { epsilon: { float: epsilon } });
    return [isMoved ? graph.movedTensor(y, shape) : graph.tensor(y, shape)];
  }
  const along = shape.map((_, at) => (at === axis ? mean.shape[0]! : 1));
  const scales = mean.values.map(
    (_, i) => (gamma?.values[i] ?? 1) / Math.sqrt(variance.values[i]! + epsilon),
  );
  const offsets = mean.values.map((value, i) => (beta?.values[i] ?? 0) - value * scales[i]!);
  const scale = graph.weight(variance, 'scale', () => ({ shape: along, values: scales }));
  const offset = graph.weight(mean, 'offset', () => ({ shape: along, values: offsets }));
  const scaled = graph.main('Mul', [graph.plain(input), scale]);
  return [graph.tensor(graph.op('Add', [scaled, offset]), shape)];
};

const layerNormalization: Converter = (call) => {
  const { graph, input, layer } = call;
  const { shape } = input;
  const rank = shape.length;
  const given = layer.config['axis'] ?? -1;
  const axes = (Array.isArray(given) ? given : [given]).map((axis) =>
    Number(axis) < 0 ? Number(axis) + rank : Number(axis),
  );
  axes.sort((a, b) => a - b);
  const sizes = axes.map((axis) => shape[axis]!);
  if (axes.length === 0) call.refuse('it normalizes along no axis');
  if (sizes.some((size) => size === null)) call.refuse('an axis that it normalizes has an open size');
  const epsilon = call.number('epsilon', 1e-3);
  const gamma = call.weight('gamma');
  const beta = call.weight('beta');
  const x = graph.plain(input);
  if (axes.every((axis, i) => axis === rank - axes.length + i)) {
    const count = sizes.reduce<number>((product, size) => product * size!, 1);
    const shaped = (values: Float32Array) => ({ shape: sizes as number[], values });
    const ones = { name: 'scale', shape: sizes as number[], values: new Float32Array(count).fill(1) };
    const weights = [
      gamma ? graph.weight(gamma, 'shaped', ({ values }) => shaped(values)) : graph.weight(ones),
      ...(beta ? [graph.weight(beta, 'shaped', ({ values }) => shaped(values))] : []),
    ];
    const y = graph.main('LayerNormalization', [x, ...weights], {
      axis: axes[0]!,
      epsilon: { float: epsilon },
    });
    return [graph.tensor(y, shape)];
  }
  const along = shape.map((size, axis) => (axes.includes(axis) ? size! : 1));
  const mean = graph.op('ReduceMean', [x], { axes, keepdims: 1 });
  const difference = graph.op('Sub', [x, mean]);
  const variance = graph.op('ReduceMean', [graph.op('Mul', [difference, difference])], { axes, keepdims: 1 });
  const deviation = graph.op('Sqrt', [graph.op('Add', [variance, graph.float(epsilon)])]);
  let y = graph.main('Div', [difference, deviation]);
  if (gamma)
    y = graph.op('Mul', [y, graph.weight(gamma, 'along', ({ values }) => ({ shape: along, values }))]);
  if (beta) y = graph.op('Add', [y, graph.weight(beta, 'along', ({ values }) => ({ shape: along, values }))]);
  return [graph.tensor(y, shape)];
};

export const normalizationConverters: Record<string, Converter> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
