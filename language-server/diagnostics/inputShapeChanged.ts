/**
 * # input-shape-changed
 *
 * Warning. `resizing` and `centerCrop` overwrite the sizes of the very tensor they are applied to, so that other layers on the
 * same tensor, and the model's own input, report the wrong shape.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [32, 32, 3] });
 * const y = tf.layers.centerCrop({ height: 24, width: 24 }).apply(x);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [32, 32, 3] });
 * const y = tf.layers.cropping2D({ cropping: 4 }).apply(x);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const inputShapeChanged: DiagnosticKind = { code: 'input-shape-changed' };
