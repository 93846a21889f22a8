/**
 * # unknown-initializer
 *
 * Error. tfjs has no initializer of this name. It writes `leCunNormal` and `heUniform` so, and takes no underscores. tfjs throws
 * as the layer is created.
 *
 * Quick fix: changes it to the name that is nearest.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, kernelInitializer: 'he_normal' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, kernelInitializer: 'heNormal' });
 * ```
 */
import { initializerNames } from '../../model-graph/layers/config';
import type { DiagnosticKind } from './diagnostic';
import { didYouMean, optionNames } from './didYouMean';

export const unknownInitializer: DiagnosticKind = {
  code: 'unknown-initializer',
  fixes: ({ call }) => didYouMean(call, optionNames(call, /initializer$/i), Object.keys(initializerNames)),
};
