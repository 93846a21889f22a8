/**
 * # loss-outputs
 *
 * Error. A list of losses has one for each output of the model; a dictionary names only layers that are outputs. `compile` throws
 * otherwise.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: ['meanSquaredError', 'hinge'] });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: ['meanSquaredError'] });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const lossOutputs: DiagnosticKind = { code: 'loss-outputs' };
