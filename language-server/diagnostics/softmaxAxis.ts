/**
 * # softmax-axis
 *
 * Error. The layer `tf.layers.softmax` works along axis 1 unless told otherwise, but tfjs computes softmax only along the last
 * axis. It throws when data comes.
 *
 * Quick fix: sets `axis: -1`.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.softmax({ inputShape: [8, 8, 3] }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.softmax({ inputShape: [8, 8, 3], axis: -1 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';
import { setOption } from './edits';

export const softmaxAxis: DiagnosticKind = {
  code: 'softmax-axis',
  fixes: ({ call }) => [{ title: 'Set axis: -1', edits: setOption(call, 'axis', '-1') }],
};
