/**
 * # reshape-product
 *
 * Error. `reshape` keeps every value: the sizes of `targetShape` must multiply to those of the input. One of them may be -1, for
 * what remains. tfjs reports the target shape all the same and throws when data comes, or as the layer is applied where the
 * batch size is fixed.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.reshape({ inputShape: [28, 28], targetShape: [800] }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.reshape({ inputShape: [28, 28], targetShape: [784] }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const reshapeProduct: DiagnosticKind = { code: 'reshape-product' };
