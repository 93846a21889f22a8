/**
 * # unknown-constraint
 *
 * Error. tfjs has no constraint of this name: it has `maxNorm`, `minMaxNorm`, `nonNeg` and `unitNorm`. It throws as the layer is
 * created.
 *
 * Quick fix: changes it to the name that is nearest.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, kernelConstraint: 'maxnorm' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.dense({ inputShape: [4], units: 2, kernelConstraint: 'maxNorm' });
 * ```
 */
import { constraintNames } from '../../model-graph/layers/config';
import type { DiagnosticKind } from './diagnostic';
import { didYouMean, optionNames } from './didYouMean';

export const unknownConstraint: DiagnosticKind = {
  code: 'unknown-constraint',
  fixes: ({ call }) => didYouMean(call, optionNames(call, /constraint$/i), Object.keys(constraintNames)),
};
