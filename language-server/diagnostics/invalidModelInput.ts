/**
 * # invalid-model-input
 *
 * Error. The inputs of a model come from `tf.input`, not from a layer in the middle of it.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [4] });
 * const hidden = tf.layers.dense({ units: 3 }).apply(x);
 * const model = tf.model({ inputs: hidden, outputs: tf.layers.dense({ units: 2 }).apply(hidden) });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [4] });
 * const hidden = tf.layers.dense({ units: 3 }).apply(x);
 * const model = tf.model({ inputs: x, outputs: tf.layers.dense({ units: 2 }).apply(hidden) });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const invalidModelInput: DiagnosticKind = { code: 'invalid-model-input' };
