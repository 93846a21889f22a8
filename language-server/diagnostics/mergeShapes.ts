/**
 * # merge-shapes
 *
 * Error. `add`, `multiply`, `average`, `maximum` and `minimum` work value by value: their inputs must have the same sizes, or a
 * size of 1 where they differ. tfjs throws as the layer is applied.
 *
 * ## Wrong
 *
 * ```ts
 * const a = tf.input({ shape: [8, 4] });
 * const b = tf.input({ shape: [8, 5] });
 * const sum = tf.layers.add().apply([a, b]);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const a = tf.input({ shape: [8, 4] });
 * const b = tf.input({ shape: [8, 4] });
 * const sum = tf.layers.add().apply([a, b]);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const mergeShapes: DiagnosticKind = { code: 'merge-shapes' };
