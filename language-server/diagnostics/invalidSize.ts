/**
 * # invalid-size
 *
 * Error. A weight would get a shape with a size that is negative or not a whole number, mostly because a layer further up
 * already puts out less than nothing. tfjs throws as the layer is applied.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [3, 3, 1] });
 * const y = tf.layers.conv2d({ filters: 2, kernelSize: 7 }).apply(x);
 * const z = tf.layers.permute({ dims: [1, 3, 2] }).apply(y);
 * const w = tf.layers.dense({ units: 4 }).apply(z);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [9, 9, 1] });
 * const y = tf.layers.conv2d({ filters: 2, kernelSize: 7 }).apply(x);
 * const z = tf.layers.permute({ dims: [1, 3, 2] }).apply(y);
 * const w = tf.layers.dense({ units: 4 }).apply(z);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const invalidSize: DiagnosticKind = { code: 'invalid-size' };
