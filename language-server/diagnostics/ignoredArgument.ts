/**
 * # ignored-argument
 *
 * Warning. tfjs takes the option without a word and computes as if it were not there. The model is not the one that the
 * source describes.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2dTranspose({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3, dilationRate: 2 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2dTranspose({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const ignoredArgument: DiagnosticKind = { code: 'ignored-argument' };
