/**
 * # shape-mismatch
 *
 * Error. A layer that is used more than once, or has been told its input's size, gets an input of other sizes. Its weights were
 * made for the first. tfjs throws as the layer is applied.
 *
 * ## Wrong
 *
 * ```ts
 * const shared = tf.layers.dense({ units: 4 });
 * const a = shared.apply(tf.input({ shape: [8] }));
 * const b = shared.apply(tf.input({ shape: [9] }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const shared = tf.layers.dense({ units: 4 });
 * const a = shared.apply(tf.input({ shape: [8] }));
 * const b = shared.apply(tf.input({ shape: [8] }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const shapeMismatch: DiagnosticKind = { code: 'shape-mismatch' };
