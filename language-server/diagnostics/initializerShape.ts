/**
 * # initializer-shape
 *
 * Error. Some initializers fill only some shapes: `identity` square matrices, `orthogonal` matrices of two or more axes. tfjs
 * throws as the layer is applied.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 3, kernelInitializer: 'identity' }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 4, kernelInitializer: 'identity' }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const initializerShape: DiagnosticKind = { code: 'initializer-shape' };
