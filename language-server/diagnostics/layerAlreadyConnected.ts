/**
 * # layer-already-connected
 *
 * Error. The first layer of a sequential model already has more than one input elsewhere, so the model cannot tell which is its
 * own. tfjs throws as the layer is added.
 *
 * ## Wrong
 *
 * ```ts
 * const shared = tf.layers.dense({ units: 4 });
 * shared.apply(tf.input({ shape: [8] }));
 * shared.apply(tf.input({ shape: [8] }));
 * const model = tf.sequential();
 * model.add(shared);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [8], units: 4 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const layerAlreadyConnected: DiagnosticKind = { code: 'layer-already-connected' };
