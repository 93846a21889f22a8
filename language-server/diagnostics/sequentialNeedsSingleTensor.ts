/**
 * # sequential-needs-single-tensor
 *
 * Error. A sequential model is a chain: each of its layers has one input and one output. Use `tf.model` for anything else. tfjs
 * throws as the layer is added.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.lstm({ inputShape: [10, 4], units: 8, returnState: true }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.lstm({ inputShape: [10, 4], units: 8 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const sequentialNeedsSingleTensor: DiagnosticKind = { code: 'sequential-needs-single-tensor' };
