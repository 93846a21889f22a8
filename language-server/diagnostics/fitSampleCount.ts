/**
 * # fit-sample-count
 *
 * Error. The tensors given to `fit` hold different numbers of examples. It throws.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * model.fit(tf.zeros([8, 4]), tf.zeros([9, 1]));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * model.fit(tf.zeros([8, 4]), tf.zeros([8, 1]));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const fitSampleCount: DiagnosticKind = { code: 'fit-sample-count' };
