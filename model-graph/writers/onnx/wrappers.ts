/** tfjs-layers layers/wrappers.ts. */
import type { Tensor } from './builder';
import { sizesOf } from './core';
import type { ExportedLayer } from './exportedModel';
import { isModel } from './exportedModel';
import type { Converter } from './layer';
import { reversed } from './merges';

/** All steps at once: each is an example of a larger batch. */
const timeDistributed: Converter = (call) => {
  const { graph, inputs, mask } = call;
  const input = inputs[0]!;
  const inner = call.part('layer');
  if (mask && (isModel(inner) || 'cell' in inner.parts))
    call.refuse('TensorFlow.js hands it a mask of the steps, which its layer would take for its own');
  const [batch, time, ...cells] = input.shape;
  const together = graph.op('Concat', [graph.integers([-1]), sizesOf(call, input, 2)], { axis: 0 });
  const merged = graph.tensor(
    graph.op('Reshape', [
      graph.plain(input),
      cells.includes(null) ? together : graph.integers([-1, ...(cells as number[])]),
    ]),
    [batch !== null && time !== null ? batch! * time! : null, ...cells],
    input.elementType,
  );
  const [output] = call.convert(inner, [merged]);
  if (!output) return call.refuse('its layer puts out nothing');
  const outer = output.shape.slice(1);
  const isKnown = time !== null && !outer.includes(null);
  const shape = isKnown
    ? graph.integers([-1, time!, ...(outer as number[])])
    : graph.op(
        'Concat',
        [
          graph.op('Slice', [graph.shapeOf(input), graph.integers([0]), graph.integers([2])]),
          sizesOf(call, output, 1),
        ],
        { axis: 0 },
      );
  return [
    graph.tensor(
      graph.main('Reshape', [graph.plain(output), shape]),
      [batch!, time!, ...outer],
      output.elementType,
    ),
  ];
};

const bidirectional: Converter = (call) => {
  const { graph, inputs, mask } = call;
  const forward = call.part('forward') as ExportedLayer;
  const backward = call.part('backward') as ExportedLayer;
  const [x, ...states] = inputs;
  const half = states.length / 2;
  const there = call.convert(forward, [x!, ...states.slice(0, half)], mask);
  const back = call.convert(backward, [x!, ...states.slice(half)], mask);
  const first = there[0]!;
  let second = back[0]!;
  const returnsSequences = forward.config['returnSequences'] === true;
  if (returnsSequences) second = graph.tensor(reversed(call, graph.plain(second), 1), second.shape);
  const further = forward.config['returnState'] === true ? [...there.slice(1), ...back.slice(1)] : [];
  const mode = call.layer.config['mergeMode'];
  if (mode == null) return [first, second, ...further];
  return [merged(first, second), ...further];

  function merged(a: Tensor, b: Tensor): Tensor {
    const names = [graph.plain(a), graph.plain(b)];
    const opType = { sum: 'Add', mul: 'Mul', ave: 'Mean' }[String(mode)];
    if (opType) return graph.tensor(graph.main(opType, names), a.shape);
    const last = a.shape.at(-1)!;
    const other = b.shape.at(-1)!;
    const width = last === null || other === null ? null : last + other;
    return graph.tensor(graph.main('Concat', names, { axis: -1 }), [...a.shape.slice(0, -1), width]);
  }
};

export const wrapperConverters: Record<string, Converter> = {
  TimeDistributed: timeDistributed,
  Bidirectional: bidirectional,
};
