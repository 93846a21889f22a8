/**
 * # input-layer-applied
 *
 * Error. An input layer is where data enters a model; it takes no input itself. Apply the next layer to its output. tfjs throws.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [4] });
 * const y = tf.layers.inputLayer({ inputShape: [4] }).apply(x);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [4] });
 * const y = tf.layers.dense({ units: 2 }).apply(x);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const inputLayerApplied: DiagnosticKind = { code: 'input-layer-applied' };
