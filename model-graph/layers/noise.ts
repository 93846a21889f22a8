/** Dropouts and noise: nothing but the values change. Mirrors tfjs-layers layers/core.ts and layers/noise.ts. */
import { defineRule, pointwise } from './define';
import type { LayerRule } from './rule';

function noiseRule(
  className: string,
  factory: string,
  readsBlindly: string | undefined,
  rank?: number,
): LayerRule {
  return defineRule({
    className,
    factories: [factory],
    ...(readsBlindly ? { readsBlindly } : {}),
    kind: 'regularization',
    // SpatialDropout1D alone has an inputSpec, which counts the inputs.
    inputs: rank === undefined ? 'any' : 'one',
    ...(rank === undefined ? {} : { rank: { exactly: rank } }),
    read: () => ({}),
    outputShapes: (_, call) => call.shapes,
    window: () => pointwise,
  });
}

export const noiseRules: LayerRule[] = [
  noiseRule('Dropout', 'dropout', 'rate'),
  noiseRule('SpatialDropout1D', 'spatialDropout1d', 'rate', 3),
  noiseRule('GaussianNoise', 'gaussianNoise', 'stddev'),
  noiseRule('GaussianDropout', 'gaussianDropout', 'rate'),
  noiseRule('AlphaDropout', 'alphaDropout', 'rate'),
  noiseRule('Masking', 'masking', undefined),
];
