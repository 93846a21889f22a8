/** Programs that build on a saved model, run by tfjs and analysed: the same layers, shapes, weights and frozen weights. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { analyze } from '../../language-server/analysis/analyze';
import { layersInGraph, layersInTfjs } from '../harness/layersOf';

/** The saved models, by their paths. */
const saved: Record<string, () => tf.LayersModel> = {
  './conv.json': () => {
    const x = tf.input({ shape: [16, 16, 3], name: 'image' });
    const a = tf.layers
      .conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'conv_a', useBias: false })
      .apply(x);
    const b = tf.layers.batchNormalization({ name: 'bn_a' }).apply(a);
    const c = tf.layers.reLU({ maxValue: 6, name: 'relu_a' }).apply(b);
    const d = tf.layers
      .depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', name: 'dw_b' })
      .apply(c);
    const e = tf.layers
      .add({ name: 'sum' })
      .apply([
        d as tf.SymbolicTensor,
        tf.layers.averagePooling2d({ name: 'short', poolSize: 2 }).apply(c) as tf.SymbolicTensor,
      ]);
    const f = tf.layers.globalAveragePooling2d({ name: 'pool' }).apply(e);
    const g = tf.layers.dense({ units: 10, name: 'classes', activation: 'softmax' }).apply(f);
    return tf.model({ inputs: x, outputs: g as tf.SymbolicTensor, name: 'conv_net' });
  },
  './seq.json': () =>
    tf.sequential({
      name: 'seq_net',
      layers: [
        tf.layers.conv2d({ filters: 6, kernelSize: 5, inputShape: [20, 20, 1], name: 's_conv' }),
        tf.layers.maxPooling2d({ poolSize: 2, name: 's_pool' }),
        tf.layers.flatten({ name: 's_flat' }),
        tf.layers.dense({ units: 12, name: 's_dense', trainable: false }),
      ],
    }),
};

/** Each ends with a model called `result`. */
const programs: Record<string, string> = {
  'as it is': `
const result = await tf.loadLayersModel('./conv.json');`,
  'cut off, with a head of its own': `
const base = await tf.loadLayersModel('./conv.json');
for (const layer of base.layers) layer.trainable = false;
const features = base.getLayer('relu_a').output;
const pooled = tf.layers.globalMaxPooling2d({ name: 'head_pool' }).apply(features);
const result = tf.model({ inputs: base.inputs, outputs: tf.layers.dense({ units: 3, name: 'head' }).apply(pooled) });`,
  'all but the last layers frozen': `
const base = await tf.loadLayersModel('./conv.json');
for (let i = 0; i < base.layers.length - 2; i++) base.layers[i].trainable = false;
const out = base.layers[base.layers.length - 2].output;
const result = tf.model({ inputs: base.inputs[0], outputs: tf.layers.dense({ units: 5, name: 'head' }).apply(out) });`,
  'a part of it as a layer of a sequential model': `
const base = await tf.loadLayersModel('./conv.json');
const cut = tf.model({ inputs: base.inputs, outputs: base.getLayer('sum').output, name: 'cut' });
cut.trainable = false;
const result = tf.sequential();
result.add(cut);
result.add(tf.layers.flatten({ name: 'flat' }));
result.add(tf.layers.dense({ units: 2, name: 'head' }));`,
  'the whole applied to another input': `
const base = await tf.loadLayersModel('./seq.json');
const x = tf.input({ shape: [20, 20, 1], name: 'again' });
const y = base.apply(x);
const result = tf.model({ inputs: x, outputs: tf.layers.dense({ units: 2, name: 'head' }).apply(y) });`,
  'its layers applied once more': `
const base = await tf.loadLayersModel('./seq.json');
const x = tf.input({ shape: [20, 20, 1], name: 'again' });
let y = x;
for (const layer of base.layers.slice(0, -1)) y = layer.apply(y);
const result = tf.model({ inputs: x, outputs: y });`,
  'popped, and something else put on top': `
const result = await tf.loadLayersModel('./seq.json');
result.pop();
result.add(tf.layers.dense({ units: 7, name: 'head' }));`,
  'two models side by side': `
const [one, two] = await Promise.all(['./conv.json', './seq.json'].map((path) => tf.loadLayersModel(path)));
const flat = tf.layers.flatten({ name: 'flat' }).apply(two.layers[1].output);
const both = tf.layers.concatenate({ name: 'both' }).apply([one.layers[one.layers.length - 2].output, flat]);
const result = tf.model({ inputs: [one.inputs[0], two.inputs[0]], outputs: both });`,
  'sizes from the model': `
const base = await tf.loadLayersModel('./conv.json');
const [, height, width, channels] = base.inputs[0].shape;
const units = base.outputs[0].shape[1] * 2;
const result = tf.sequential({ name: 'sized', layers: [
  tf.layers.flatten({ inputShape: [height, width, channels], name: 'flat' }), tf.layers.dense({ units, name: 'd' }) ] });`,
  'several outputs of its inside': `
const base = await tf.loadLayersModel('./conv.json');
const outputs = ['relu_a', 'dw_b', 'pool'].map((name) => base.getLayer(name).output);
const result = tf.model({ inputs: base.input, outputs });`,
};

describe('transfer learning against tfjs', function () {
  this.timeout(60_000);
  const texts: Record<string, string> = {};
  before(async () => {
    for (const [path, make] of Object.entries(saved)) {
      await make().save({
        save: async ({ modelTopology }) => {
          texts[path] = JSON.stringify({ format: 'layers-model', modelTopology });
          return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
        },
      });
    }
  });

  for (const [what, program] of Object.entries(programs)) {
    it(what, async () => {
      const library = {
        ...tf,
        loadLayersModel: (path: string) => {
          const { modelTopology } = JSON.parse(texts[path]!) as { modelTopology: object };
          return tf.loadLayersModel({ load: async () => ({ modelTopology }) });
        },
      };
      const run = new Function('tf', `return (async () => {${program}\nreturn result; })()`);
      const real = (await run(library)) as tf.LayersModel;
      const { models, problems } = analyze(
        '/workspace/main.ts',
        `import * as tf from '@tensorflow/tfjs';\nasync function main() {${program}\n}`,
        { readFile: (path) => texts[path.replace('/workspace/', './')] },
      );
      assert.deepEqual(problems, []);
      const ours = models.filter(({ name }) => name === 'result' || name === real.name);
      assert.equal(ours.length, 1, `one model: ${models.map(({ name }) => name)}`);
      assert.deepEqual(layersInGraph(ours[0]!), layersInTfjs(real));
      assert.equal(ours[0]!.verdict.kind, 'exact');
    });
  }
});
