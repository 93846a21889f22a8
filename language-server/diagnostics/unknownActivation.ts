/**
 * # unknown-activation
 *
 * Error. tfjs has no activation of this name. Names are case-sensitive, and the activations that are layers of their own, such
 * as `leakyReLU`, have none. tfjs throws as the layer is created.
 *
 * Quick fix: changes it to the name that is nearest.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, activation: 'Relu' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, activation: 'relu' });
 * ```
 */
import { activationNames } from '../../model-graph/layers/config';
import type { DiagnosticKind } from './diagnostic';
import { didYouMean, optionNames } from './didYouMean';

export const unknownActivation: DiagnosticKind = {
  code: 'unknown-activation',
  fixes: ({ call }) => didYouMean(call, optionNames(call, /activation$/i), activationNames),
};
