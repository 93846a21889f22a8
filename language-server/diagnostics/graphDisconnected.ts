/**
 * # graph-disconnected
 *
 * Error. The outputs depend on an input that is not among the model's `inputs`. tfjs throws as the model is created.
 *
 * ## Wrong
 *
 * ```ts
 * const a = tf.input({ shape: [4] });
 * const b = tf.input({ shape: [4] });
 * const model = tf.model({ inputs: a, outputs: tf.layers.add().apply([a, b]) });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const a = tf.input({ shape: [4] });
 * const b = tf.input({ shape: [4] });
 * const model = tf.model({ inputs: [a, b], outputs: tf.layers.add().apply([a, b]) });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const graphDisconnected: DiagnosticKind = { code: 'graph-disconnected' };
