/**
 * # concatenate-axis
 *
 * Error. The inputs of `concatenate` may differ only along the axis they are joined along, which counts the batch as 0. tfjs
 * throws as the layer is applied. An axis that does not exist, or a negative one other than -1, it lets pass: it reports one
 * shape and computes another.
 *
 * Quick fix: sets the axis along which the inputs can be joined.
 *
 * ## Wrong
 *
 * ```ts
 * const a = tf.input({ shape: [8, 8, 4] });
 * const b = tf.input({ shape: [8, 6, 4] });
 * const joined = tf.layers.concatenate().apply([a, b]);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const a = tf.input({ shape: [8, 8, 4] });
 * const b = tf.input({ shape: [8, 6, 4] });
 * const joined = tf.layers.concatenate({ axis: 2 }).apply([a, b]);
 * ```
 */
import { equalDims } from '../../model-graph/dims';
import type { DiagnosticKind, FixContext } from './diagnostic';
import { setOption } from './edits';

export const concatenateAxis: DiagnosticKind = {
  code: 'concatenate-axis',
  fixes: (context) =>
    axesThatFit(context).map((axis) => ({
      title: `Set axis: ${axis}`,
      edits: setOption(context.call, 'axis', `${axis}`),
    })),
};

/** The axes along which alone the inputs differ; the last first, where all fit. */
function axesThatFit({ layers }: FixContext): number[] {
  const shapes = layers.map((layer) => layer.calls[0]?.inputShapes ?? []).find((inputs) => inputs.length > 1);
  const [first] = shapes ?? [];
  if (!shapes || !first || shapes.some((shape) => shape.length !== first.length)) return [];
  const axes = first
    .map((_, axis) => axis)
    .slice(1)
    .reverse();
  return axes.filter((axis) =>
    shapes.every((shape) => shape.every((size, at) => at === axis || equalDims(size, first[at]!) === true)),
  );
}
