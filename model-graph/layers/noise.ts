/** Dropouts and noise: nothing but the values change. Mirrors tfjs-layers layers/core.ts and layers/noise.ts. */
import { defineRule, pointwise } from './define';
import type { LayerRule } from './rule';

function noiseRule(className: string, factory: string, rank?: number): LayerRule {
  return defineRule({
    className,
    factories: [factory],
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
  noiseRule('Dropout', 'dropout'),
  noiseRule('SpatialDropout1D', 'spatialDropout1d', 3),
  noiseRule('GaussianNoise', 'gaussianNoise'),
  noiseRule('GaussianDropout', 'gaussianDropout'),
  noiseRule('AlphaDropout', 'alphaDropout'),
  noiseRule('Masking', 'masking'),
];
