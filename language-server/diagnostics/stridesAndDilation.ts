/**
 * # strides-and-dilation
 *
 * Error. A convolution cannot both skip cells of its output (`strides`) and spread its kernel (`dilationRate`). tfjs builds
 * the model and throws when data comes; `convLstm2d` throws earlier.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, strides: 2, dilationRate: 2 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, dilationRate: 2 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const stridesAndDilation: DiagnosticKind = { code: 'strides-and-dilation' };
