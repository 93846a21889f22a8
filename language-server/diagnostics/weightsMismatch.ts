/**
 * # weights-mismatch
 *
 * Error. Weights are given to a layer or a model that has others: another number of them, or other shapes. `setWeights`
 * throws; so does `tf.loadLayersModel` for a file whose weights do not fit its own topology. A model takes the trainable
 * weights of all its layers first, then the others.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 3 }));
 * model.layers[0].setWeights([tf.zeros([3, 4]), tf.zeros([3])]);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 3 }));
 * model.layers[0].setWeights([tf.zeros([4, 3]), tf.zeros([3])]);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const weightsMismatch: DiagnosticKind = { code: 'weights-mismatch' };
