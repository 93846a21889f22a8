/**
 * # empty-output
 *
 * Warning. The output has an axis of a size of 0 or less. The functional interface of tfjs lets it pass, but the model cannot
 * compute anything.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [4, 4, 1] });
 * const y = tf.layers.cropping2D({ cropping: 2 }).apply(x);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [4, 4, 1] });
 * const y = tf.layers.cropping2D({ cropping: 1 }).apply(x);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const emptyOutput: DiagnosticKind = { code: 'empty-output' };
