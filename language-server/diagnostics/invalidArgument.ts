/**
 * # invalid-argument
 *
 * Error. An option has a value that tfjs rejects: not a number, not a whole one, too few or too many of them, or two options
 * that exclude each other. tfjs throws as the layer is created, or, where the message says so, when data comes.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 0 });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 1 });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const invalidArgument: DiagnosticKind = { code: 'invalid-argument' };
