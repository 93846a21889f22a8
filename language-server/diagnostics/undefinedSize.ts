/**
 * # undefined-size
 *
 * Error. A weight's shape, or a flattened length, depends on an axis whose size the model's input leaves open (`null`). tfjs
 * throws as the layer is applied. Give the axis a size where the input is declared, or use a layer that can do without it: a
 * global pooling in place of `flatten`.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [28, 28, null], filters: 8, kernelSize: 3 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [28, 28, 3], filters: 8, kernelSize: 3 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const undefinedSize: DiagnosticKind = { code: 'undefined-size' };
