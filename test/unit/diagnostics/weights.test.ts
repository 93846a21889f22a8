/** What Layerwise says of weights that are loaded, beside what tfjs itself does with the very same program or file. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { analyseText, prelude } from '../analysis/check';

const dense =
  'const d = tf.layers.dense({ units: 3, inputShape: [4] });\nconst m = tf.sequential({ layers: [d] });\n';
const normalization =
  'const d = tf.layers.batchNormalization({ inputShape: [4] });\nconst m = tf.sequential({ layers: [d] });\n';

const network = `const m = tf.sequential({ layers: [
  tf.layers.dense({ units: 3, inputShape: [4] }), tf.layers.batchNormalization(), tf.layers.dense({ units: 2, useBias: false }),
] });\n`;
const list = (...shapes: number[][]) =>
  `[${shapes.map((shape) => `tf.zeros(${JSON.stringify(shape)})`).join(', ')}]`;

const programs: [name: string, program: string, rejected: boolean][] = [
  ['weights that fit', `${dense}d.setWeights([tf.zeros([4, 3]), tf.zeros([3])]);`, false],
  ['a kernel that lies on its side', `${dense}d.setWeights([tf.zeros([3, 4]), tf.zeros([3])]);`, true],
  ['the bias forgotten', `${dense}m.layers[0].setWeights([tf.zeros([4, 3])]);`, true],
  ['one axis too many', `${dense}d.setWeights([tf.zeros([4, 3, 1]), tf.zeros([3])]);`, true],
  ['four weights that fit', `${normalization}d.setWeights([0, 1, 2, 3].map(() => tf.ones([4])));`, false],
  ['four weights that do not', `${normalization}d.setWeights([0, 1, 2, 3].map(() => tf.ones([5])));`, true],
  [
    'a model’s, the trainable ones of all layers first',
    `${network}m.setWeights(${list([4, 3], [3], [3], [3], [3, 2], [3], [3])});`,
    false,
  ],
  [
    'a model’s, layer by layer',
    `${network}m.setWeights(${list([4, 3], [3], [3], [3], [3], [3], [3, 2])});`,
    true,
  ],
  ['too few of a model', `${network}m.setWeights(${list([4, 3])});`, true],
  ['a model’s own', `${network}m.setWeights(m.getWeights());`, false],
  [
    'a model’s whose layers are frozen in part',
    `${network}m.layers[0].trainable = false; m.setWeights(${list([3], [3], [3, 2], [4, 3], [3], [3], [3])});`,
    false,
  ],
  [
    'the order before they were frozen',
    `${network}m.layers[0].trainable = false; m.setWeights(${list([4, 3], [3], [3], [3], [3, 2], [3], [3])});`,
    true,
  ],
  [
    'no weights for a layer without',
    'const d = tf.layers.flatten({ inputShape: [2, 2] });\nconst m = tf.sequential({ layers: [d] });\nd.setWeights([]);',
    false,
  ],
];

describe('setWeights', () => {
  for (const [name, program, rejected] of programs) {
    it(name, () => {
      const run = () => new Function('tf', program)(tf);
      if (rejected) assert.throws(run);
      else run();
      const codes = analyseText(prelude + program).problems.map(({ code }) => code);
      assert.deepEqual(codes, rejected ? ['weights-mismatch'] : []);
    });
  }

  it('says nothing where a shape is not known', () => {
    const { problems } = analyseText(`${prelude}${dense}d.setWeights([load(), tf.zeros([7])].slice(n));`);
    assert.deepEqual(problems, []);
  });
});

describe('weights in a model.json', () => {
  const program = `${prelude}const m = await tf.loadLayersModel('file://./model.json');\n`;

  it('that do not fit its topology are an error, as in tfjs', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4], name: 'out' })] });
    let artifacts: tf.io.ModelArtifacts | undefined;
    await model.save({
      save: async (saved) => {
        artifacts = saved;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      },
    });
    const specs = artifacts!.weightSpecs!;
    const file = (weights: tf.io.WeightsManifestEntry[]) =>
      JSON.stringify({
        modelTopology: artifacts!.modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights }],
      });
    const codesOf = (weights: tf.io.WeightsManifestEntry[]) =>
      analyseText(program, { '/workspace/model.json': file(weights) }).problems.map(({ code }) => code);
    const turned = specs.map((spec) => ({ ...spec, shape: spec.shape.slice().reverse() }));

    assert.deepEqual(codesOf(specs), []);
    assert.deepEqual(codesOf(turned), ['weights-mismatch']);
    const load = (weightSpecs: tf.io.WeightsManifestEntry[]) =>
      tf.loadLayersModel({ load: async () => ({ ...artifacts!, weightSpecs }) });
    await load(specs);
    await assert.rejects(load(turned));
  });
});
