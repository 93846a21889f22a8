/**
 * # negative-size
 *
 * Error. A layer of a sequential model would put out a size below zero: it takes more away than there is. tfjs throws as the
 * layer is added.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.cropping2D({ inputShape: [4, 4, 1], cropping: 3 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.cropping2D({ inputShape: [4, 4, 1], cropping: 1 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const negativeSize: DiagnosticKind = { code: 'negative-size' };
