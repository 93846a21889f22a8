/**
 * # kernel-larger-than-input
 *
 * Error or warning. Without padding, a kernel or a pooling window must fit into its input, and every layer before it may
 * have made that smaller. A sequential model throws as the layer is added; a functional one accepts it and works out an
 * output of a size of 0 or less, so that Layerwise only warns.
 *
 * Quick fix: sets `padding: 'same'`.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 7 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 7, padding: 'same' }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';
import { setOption } from './edits';

export const kernelLargerThanInput: DiagnosticKind = {
  code: 'kernel-larger-than-input',
  fixes: ({ call }) => [{ title: "Set padding: 'same'", edits: setOption(call, 'padding', "'same'") }],
};
