/**
 * # not-implemented
 *
 * Error. tfjs knows the option but has no code for it, and throws: as the layer is created or applied, when data comes, or in
 * training, as the message says.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.gru({ units: 8, inputShape: [10, 4], resetAfter: true });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.gru({ units: 8, inputShape: [10, 4] });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const notImplemented: DiagnosticKind = { code: 'not-implemented' };
