/**
 * # empty-model
 *
 * Error. There is no layer to take out of the model. tfjs throws.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.pop();
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [8], units: 4 }));
 * model.pop();
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const emptyModel: DiagnosticKind = { code: 'empty-model' };
