/**
 * Source → analysis → ModelGraph → wire → topology → tfjs must give the model that the program itself makes: tfjs
 * describes both by the same JSON, names aside.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { analyze } from '../../language-server/analysis/analyze';
import { writeTfjsTopology } from '../../model-graph/writers/tfjsTopology';
import { toWire, type WireModelGraph } from '../../protocol/modelGraph';
import { buildModel } from '../../sidecar/training/buildModel';
import { compileModel } from '../../sidecar/training/compile';
import { root } from './support/process';

/** The models of a program, as the analysis sees them. */
function analysed(source: string): WireModelGraph[] {
  const text = `import * as tf from '@tensorflow/tfjs';\n${source}`;
  return analyze('/program.ts', text, { readFile: () => undefined }).models.map(toWire);
}

/** The program's own `model`. */
function run(source: string): tf.LayersModel {
  return new Function('tf', `${source}\nreturn model;`)(tf) as tf.LayersModel;
}

/** What tfjs says of a model, with names counted in their order: tfjs numbers its own by what was made before. */
function described(model: tf.LayersModel): unknown {
  const numbers = new Map<string, string>();
  const containers = (container: tf.LayersModel): string[] => [
    container.name,
    ...container.layers.flatMap((layer) =>
      layer instanceof tf.LayersModel ? containers(layer) : [layer.name],
    ),
  ];
  for (const name of containers(model)) if (!numbers.has(name)) numbers.set(name, `#${numbers.size}`);
  const text = JSON.stringify(model.toJSON(null, false), (_key, value) =>
    typeof value === 'string' ? (numbers.get(value) ?? value.replace(/^(\w+_[A-Z]\w*?)\d+$/, '$1')) : value,
  );
  return JSON.parse(text);
}

const sources: [what: string, source: string][] = [
  [
    'LeNet-5',
    `const model = tf.sequential();
     model.add(tf.layers.conv2d({ inputShape: [32, 32, 1], filters: 6, kernelSize: 5, activation: 'tanh' }));
     model.add(tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }));
     model.add(tf.layers.flatten());
     model.add(tf.layers.dense({ units: 10, activation: 'softmax', name: 'classes' }));`,
  ],
  [
    'every kind of argument',
    `const model = tf.sequential({ name: 'arguments', layers: [
       tf.layers.conv2d({ batchInputShape: [null, 16, 16, 3], filters: 4, kernelSize: [3, 2], strides: [1, 2], padding: 'same', dilationRate: 1,
         useBias: false, kernelInitializer: 'heNormal', kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }), kernelConstraint: tf.constraints.maxNorm({ maxValue: 2 }) }),
       tf.layers.zeroPadding2d({ padding: [[1, 2], [0, 3]] }),
       tf.layers.batchNormalization({ axis: -1, momentum: 0.9, epsilon: 1e-3, center: false }),
       tf.layers.leakyReLU({ alpha: 0.1 }),
       tf.layers.separableConv2d({ filters: 6, kernelSize: 3, depthMultiplier: 2, depthwiseInitializer: tf.initializers.randomNormal({ stddev: 0.1, seed: 3 }) }),
       tf.layers.depthwiseConv2d({ kernelSize: 2, activation: 'relu6' }),
       tf.layers.maxPooling2d({ poolSize: [2, 1] }),
       tf.layers.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }),
       tf.layers.dropout({ rate: 0.25, seed: 1 }),
       tf.layers.permute({ dims: [2, 1, 3] }),
       tf.layers.globalMaxPooling2d({}),
       tf.layers.reshape({ targetShape: [2, 3] }),
       tf.layers.softmax(),
     ] });`,
  ],
  [
    'recurrent layers and wrappers',
    `const model = tf.sequential();
     model.add(tf.layers.embedding({ inputDim: 20, outputDim: 8, inputLength: 6, maskZero: true }));
     model.add(tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 4, returnSequences: true, recurrentInitializer: 'orthogonal' }), mergeMode: 'concat' }));
     model.add(tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3, activation: 'hardSigmoid' }) }));
     model.add(tf.layers.rnn({ cell: [tf.layers.gruCell({ units: 4 }), tf.layers.simpleRNNCell({ units: 2 })] }));
     model.add(tf.layers.dense({ units: 2 }));`,
  ],
  [
    'branches and a shared layer',
    `const a = tf.input({ shape: [8, 8, 3], name: 'a' });
     const b = tf.input({ shape: [8, 8, 3], name: 'b' });
     const shared = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'shared' });
     const both = tf.layers.concatenate({ axis: -1 }).apply([shared.apply(a), shared.apply(shared2(b))]);
     function shared2(x) { return tf.layers.activation({ activation: 'relu' }).apply(x); }
     const sum = tf.layers.add().apply([both, tf.layers.conv2d({ filters: 8, kernelSize: 1 }).apply(both)]);
     const model = tf.model({ inputs: [a, b], outputs: [tf.layers.globalAveragePooling2d({}).apply(sum), tf.layers.flatten().apply(both)] });`,
  ],
  [
    'models within models, called twice',
    `const tower = tf.sequential({ name: 'tower', layers: [tf.layers.dense({ inputShape: [6], units: 5, activation: 'relu' }), tf.layers.dropout({ rate: 0.5 })] });
     const x = tf.input({ shape: [6] });
     const head = tf.model({ inputs: x, outputs: tf.layers.dense({ units: 6 }).apply(tf.layers.dense({ units: 4 }).apply(x)), name: 'head' });
     const input = tf.input({ shape: [6] });
     const outputs = tf.layers.average().apply([tower.apply(input), tower.apply(head.apply(input))]);
     const model = tf.model({ inputs: input, outputs });`,
  ],
  [
    'a sequential model of models',
    `const features = tf.sequential({ layers: [tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3 }), tf.layers.flatten()] });
     const model = tf.sequential({ layers: [features, tf.layers.dense({ units: 3 })] });`,
  ],
  [
    'frozen layers',
    `const base = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3, trainable: false }), tf.layers.dense({ units: 2 })] });
     const model = tf.sequential();
     for (const layer of base.layers) model.add(layer);
     model.layers[1].trainable = false;
     model.add(tf.layers.dense({ units: 1 }));`,
  ],
];

describe('models built from source', function () {
  this.timeout(60_000);
  before(async () => {
    await tf.setBackend('cpu');
  });

  for (const [what, source] of sources) {
    it(`are what the program makes: ${what}`, async () => {
      const expected = run(source);
      const graphs = analysed(source);
      const graph = graphs.find(({ name }) => name === 'model') ?? graphs.at(-1)!;
      const built = await buildModel(graph);
      assert.deepEqual(described(built), described(expected));
      assert.equal(built.countParams(), expected.countParams());
      assert.equal(built.trainableWeights.length, expected.trainableWeights.length);
    });
  }

  it('are what the program makes: examples/lenet5.ts, compiled as there', async () => {
    const graph = ofExample('lenet5.ts');
    const built = await buildModel(graph);
    assert.equal(built.countParams(), 61_706);
    compileModel(built, graph.compile, {}, { kind: 'classes', classNames: Array.from('0123456789') });
    assert.equal(built.optimizer.getClassName(), 'Adam');
    assert.equal(built.loss, 'categoricalCrossentropy');
  });

  // Written only: building them takes a gigabyte.
  for (const file of ['alexnet.ts', 'vgg16.ts', 'vgg19.ts']) {
    it(`are written for examples/${file}`, () => {
      const written = writeTfjsTopology(ofExample(file));
      assert.ok(written.ok, JSON.stringify(written));
    });
  }

  it('are refused with a layer class of the program’s own: examples/alexnet-two-towers.ts', async () => {
    await assert.rejects(
      buildModel(ofExample('alexnet-two-towers.ts')),
      /in layer `half_of_channels_HalfOfChannels1`, HalfOfChannels is a class of the program's own; .* \(and 5 more\)/,
    );
  });
});

function ofExample(file: string): WireModelGraph {
  const source = readFileSync(path.join(root, 'examples', file), 'utf8');
  const [graph] = analyze(path.join(root, 'examples', file), source, {
    readFile: (name) => (existsSync(name) ? readFileSync(name, 'utf8') : undefined),
  }).models.map(toWire);
  assert.ok(graph);
  return graph;
}
