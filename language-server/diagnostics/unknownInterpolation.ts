/**
 * # unknown-interpolation
 *
 * Error. `interpolation` is `'nearest'` or `'bilinear'`. tfjs throws as the layer is created.
 *
 * Quick fix: changes it to the name that is nearest.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.upSampling2d({ inputShape: [8, 8, 1], interpolation: 'biliner' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.upSampling2d({ inputShape: [8, 8, 1], interpolation: 'bilinear' });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';
import { didYouMean } from './didYouMean';

export const unknownInterpolation: DiagnosticKind = {
  code: 'unknown-interpolation',
  fixes: ({ call }) => didYouMean(call, ['interpolation'], ['nearest', 'bilinear']),
};
