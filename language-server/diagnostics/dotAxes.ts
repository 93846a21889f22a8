/**
 * # dot-axes
 *
 * Error. `dot` multiplies along one axis of each input, and the two must be of the same size. Axes count the batch as 0, so 1 is
 * the first after it. tfjs throws as the layer is applied, or when data comes.
 *
 * ## Wrong
 *
 * ```ts
 * const a = tf.input({ shape: [8] });
 * const b = tf.input({ shape: [9] });
 * const product = tf.layers.dot({ axes: 1 }).apply([a, b]);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const a = tf.input({ shape: [8] });
 * const b = tf.input({ shape: [8] });
 * const product = tf.layers.dot({ axes: 1 }).apply([a, b]);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const dotAxes: DiagnosticKind = { code: 'dot-axes' };
