/**
 * # unknown-padding
 *
 * Error. `padding` is `'valid'` (only where the kernel fits) or `'same'` (as many cells as before); `conv1d` has `'causal'`
 * besides. tfjs throws as the layer is created.
 *
 * Quick fix: changes it to the name that is nearest.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, padding: 'SAME' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, padding: 'same' });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';
import { didYouMean } from './didYouMean';

export const unknownPadding: DiagnosticKind = {
  code: 'unknown-padding',
  fixes: ({ call }) => didYouMean(call, ['padding'], ['valid', 'same', 'causal']),
};
