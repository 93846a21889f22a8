/**
 * # fit-tensor-count
 *
 * Error. `fit` is given another number of tensors than the model has inputs or outputs. It throws.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [4] });
 * const a = tf.layers.dense({ units: 1 }).apply(x);
 * const b = tf.layers.dense({ units: 2 }).apply(x);
 * const model = tf.model({ inputs: x, outputs: [a, b] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * model.fit(tf.zeros([8, 4]), tf.zeros([8, 1]));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [4] });
 * const a = tf.layers.dense({ units: 1 }).apply(x);
 * const b = tf.layers.dense({ units: 2 }).apply(x);
 * const model = tf.model({ inputs: x, outputs: [a, b] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * model.fit(tf.zeros([8, 4]), [tf.zeros([8, 1]), tf.zeros([8, 2])]);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const fitTensorCount: DiagnosticKind = { code: 'fit-tensor-count' };
