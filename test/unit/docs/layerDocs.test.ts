import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { ruleForFactory } from '../../../model-graph/layers';
import { layerDocs, makeLayerDocs } from '../../../scripts/makeLayerDocs';

describe('docs/layers.md', () => {
  it('is what the rules say today (npx tsx scripts/makeLayerDocs.ts writes it)', () => {
    assert.equal(readFileSync(layerDocs, 'utf8'), makeLayerDocs());
  });

  it('has a rule for every factory of tf.layers', () => {
    const factories = Object.entries(tf.layers)
      .filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name) && name !== 'input')
      .map(([name]) => name);
    assert.ok(factories.length > 60, `${factories.length} factories`);
    assert.deepEqual(
      factories.filter((name) => !ruleForFactory(name)),
      [],
    );
  });
});
