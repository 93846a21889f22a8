/**
 * # stateful-batch-size
 *
 * Error. A stateful recurrent layer keeps one state for each example of the batch, so it must know how many there are. tfjs
 * throws as the layer is applied.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.lstm({ inputShape: [10, 4], units: 8, stateful: true }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.lstm({ batchInputShape: [32, 10, 4], units: 8, stateful: true }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const statefulBatchSize: DiagnosticKind = { code: 'stateful-batch-size' };
