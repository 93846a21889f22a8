/**
 * # input-count
 *
 * Error. The layer is applied to another number of tensors than it takes: merging layers take a list of two or more, most others
 * one. tfjs throws as the layer is applied, or, where the message says so, when data comes.
 *
 * ## Wrong
 *
 * ```ts
 * const a = tf.input({ shape: [4] });
 * const sum = tf.layers.add().apply([a]);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const a = tf.input({ shape: [4] });
 * const b = tf.input({ shape: [4] });
 * const sum = tf.layers.add().apply([a, b]);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const inputCount: DiagnosticKind = { code: 'input-count' };
