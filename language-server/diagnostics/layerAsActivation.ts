/**
 * # layer-as-activation
 *
 * Warning. The name is that of a layer's class, such as `ReLU`. tfjs finds it in the same register as the activations and
 * applies such a layer with its own defaults, which may work, but is hardly what was meant.
 *
 * Quick fix: changes it to the activation of that name.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, activation: 'ReLU' });
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

export const layerAsActivation: DiagnosticKind = {
  code: 'layer-as-activation',
  fixes: ({ call }) => didYouMean(call, optionNames(call, /activation$/i), activationNames),
};
