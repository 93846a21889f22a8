/** What cannot fit is refused before it is allocated, with the numbers; what fits is told first. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { analyze } from '../../language-server/analysis/analyze';
import { describeTrainingMemory, trainingMemory } from '../../model-graph/trainingMemory';
import { toWire, type WireModelGraph } from '../../protocol/modelGraph';
import type { SidecarConnection } from '../../sidecar/connect';
import { sizesOfModel } from '../../sidecar/training/modelSizes';
import { saveModel } from './support/models';
import {
  buildSidecar,
  cleanUp,
  eventsOf,
  root,
  shortTraining,
  startSidecar,
  temporaryFolder,
} from './support/process';

const digit = { kind: 'file', path: path.join(root, 'examples/images/digit-7.png') } as const;

function modelOf(...layers: string[]): WireModelGraph {
  const text = `import * as tf from '@tensorflow/tfjs';
    const model = tf.sequential({layers: [${layers.map((layer) => `tf.layers.${layer}`).join(', ')}]});
    model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy'});`;
  const [model] = analyze('/model.ts', text, { readFile: () => undefined }).models;
  return toWire(model!);
}

/** The most that the process held of memory so far, in bytes. */
function mostHeld({ pid }: SidecarConnection): number {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return 1024 * Number(peak);
}

function train(sidecar: SidecarConnection, model: WireModelGraph, batchSize: number) {
  return sidecar
    .request('train', {
      run: 'memory',
      model,
      data: { kind: 'bundled-mnist' },
      options: { ...shortTraining, batchSize },
      runsFolder: temporaryFolder(),
    })
    .then(
      () => 'trained',
      (error: Error) => error.message,
    );
}

describe('memory', function () {
  this.timeout(120_000);
  before(async function () {
    buildSidecar.call(this);
    await tf.setBackend('cpu');
  });
  afterEach(cleanUp);

  it('a model whose training cannot fit is refused before it is built', async () => {
    const sidecar = await startSidecar('wasm');
    const wide = modelOf(
      'flatten({inputShape: [28, 28, 1]})',
      "dense({units: 30000000, activation: 'relu'})",
      "dense({units: 10, activation: 'softmax'})",
    );
    const before = mostHeld(sidecar);
    assert.match(
      await train(sidecar, wide, 64),
      /^Training `model` takes about 389 GB of memory at a time \(weights 95\.\d GB, gradients 95\.\d GB, optimizer 191 GB, activations of a batch of 64 7\.7 GB\); .* (are free on this machine|WebAssembly can address)\. Use a smaller model/,
    );
    const lenet = modelOf(
      "conv2d({inputShape: [28, 28, 1], filters: 6, kernelSize: 5, activation: 'tanh'})",
      'flatten()',
      "dense({units: 10, activation: 'softmax'})",
    );
    assert.match(
      await train(sidecar, lenet, 10_000_000),
      /activations of a batch of 10,000,000 \d+ GB\); .* Use a smaller batch than 10000000\./,
    );
    if (process.platform === 'linux') assert.ok(mostHeld(sidecar) - before < 300e6, 'it was not allocated');
  });

  it('what training takes is told before it starts', async () => {
    const sidecar = await startSidecar('wasm');
    const model = modelOf('flatten({inputShape: [28, 28, 1]})', "dense({units: 10, activation: 'softmax'})");
    const described = await sidecar.request('describeData', { data: { kind: 'bundled-mnist' }, model });
    assert.ok(described.memoryLimit!.most > 100e6);
    const events = eventsOf(sidecar);
    assert.equal(await train(sidecar, model, 500), 'trained');
    const [started] = events;
    assert.ok(started?.kind === 'started');
    // 7,850 weights; 794 outputs of each example.
    assert.equal(
      started.memory,
      describeTrainingMemory(
        {
          weights: 31_400,
          gradients: 31_400,
          optimizer: 62_800,
          activations: 500 * 4 * 794,
          total: 1_713_600,
        },
        500,
      ),
    );
  });

  it('weights that cannot fit are not read', async () => {
    const folder = temporaryFolder();
    const file = await saveModel(
      tf.sequential({
        layers: [
          tf.layers.flatten({ inputShape: [2, 2, 1] }),
          tf.layers.dense({ units: 5, activation: 'softmax' }),
        ],
      }),
      folder,
    );
    const sidecar = await startSidecar('wasm');
    const before = mostHeld(sidecar);
    const refusal = (modelPath: string) =>
      sidecar.request('classify', { picture: digit, modelPath, top: 1 }).then(
        () => 'classified',
        (error: Error) => error.message,
      );
    const original = readFileSync(file, 'utf8');

    // A topology that asks for more than its files hold: tfjs would allocate it before it looks.
    writeFileSync(file, original.replaceAll('"units":5', '"units":30000000000'));
    assert.match(
      await refusal(file),
      /model\.json: The layers have 150,000,000,000 parameters; the weights that model\.json announces are 25 numbers\. Topology and weights are of different models\. /,
    );

    const json = JSON.parse(original);
    json.weightsManifest[0].weights[0].shape = [4, 10_000_000_000];
    writeFileSync(file, JSON.stringify(json));
    truncateSync(path.join(folder, 'weights.bin'), 4 * (40_000_000_000 + 5));
    assert.match(
      await refusal(file),
      /model\.json: Opening this model takes about 640 GB of memory at a time \(its weights, 160 GB, are held up to four times meanwhile\); [\d.]+ GB are free on this machine\. Close other programs/,
    );

    assert.deepEqual(await sidecar.request('modelMemory', { modelPath: file }), {
      weights: 160_000_000_020,
      loading: 640_200_000_080,
      exporting: 800_400_000_244,
      activations: 36,
    });
    const target = path.join(folder, 'exported.onnx');
    await assert.rejects(
      sidecar.request('exportModel', { modelPath: file, target }),
      /model\.json: Exporting this model takes about 800 GB of memory at a time \(its weights, 160 GB, are held .*; [\d.]+ GB are free on this machine\. Nothing was written\./,
    );
    assert.equal(existsSync(target), false);
    const onnx = path.join(folder, 'model.onnx');
    writeFileSync(onnx, '');
    truncateSync(onnx, 200e9);
    assert.match(
      await refusal(onnx),
      /model\.onnx: Opening this model takes about 800 GB of memory at a time \(its file, 200 GB, is held/,
    );
    if (process.platform === 'linux') assert.ok(mostHeld(sidecar) - before < 300e6, 'it was not allocated');
  });

  it('of a built model it is what the analysis says', async () => {
    const sources = [
      `tf.sequential({layers: [tf.layers.conv2d({inputShape: [8, 8, 3], filters: 4, kernelSize: 3}), tf.layers.flatten(), tf.layers.dense({units: 2})]})`,
      // A layer that is called twice, a nested model that is, too, and one that only another model uses.
      `(() => {
        const shared = tf.layers.dense({units: 6, name: 'shared'});
        const inner = tf.sequential({layers: [tf.layers.dense({inputShape: [6], units: 50}), tf.layers.batchNormalization(), tf.layers.dense({units: 6})]});
        const a = tf.input({shape: [4]}), b = tf.input({shape: [4]});
        const sum = tf.layers.add().apply([inner.apply(shared.apply(a)), inner.apply(shared.apply(b))]);
        tf.model({inputs: a, outputs: tf.layers.dense({units: 100}).apply(shared.apply(a))});
        return tf.model({inputs: [a, b], outputs: sum});
      })()`,
    ];
    for (const source of sources) {
      const text = `import * as tf from '@tensorflow/tfjs';\nfunction build() { return ${source}; }\nconst model = build();`;
      const graphs = analyze('/model.ts', text, { readFile: () => undefined }).models.map(toWire);
      const built = new Function('tf', `return ${source}`)(tf) as tf.LayersModel;
      // First: a Sequential is built by being counted.
      const sizes = sizesOfModel(built);
      const { params, trainableParams, activationBytes } = graphs.find(
        ({ totals }) => totals.params === built.countParams(),
      )!.totals;
      assert.deepEqual(sizes, { params, trainableParams, activationBytes });
      built.dispose();
    }
  });

  it('is computed as tfjs’s optimizers keep it', () => {
    const sizes = { params: 1000, trainableParams: 900, activationBytes: 4000 };
    const optimizers: [name: string, make: () => tf.Optimizer][] = [
      ['sgd', () => tf.train.sgd(0.1)],
      ['momentum', () => tf.train.momentum(0.1, 0.9)],
      ['adagrad', () => tf.train.adagrad(0.1)],
      ['adadelta', () => tf.train.adadelta()],
      ['Adam', () => tf.train.adam()],
      ['adamax', () => tf.train.adamax()],
      ['RMSPropOptimizer', () => tf.train.rmsprop(0.1)],
    ];
    for (const [name, make] of optimizers) {
      const optimizer = make();
      const weight = tf.variable(tf.ones([900]));
      const before = tf.memory().numBytes;
      optimizer.minimize(() => tf.sum(weight), false, [weight]);
      const kept = tf.memory().numBytes - before;
      const said = trainingMemory(sizes, 10, name)!;
      assert.ok(Math.abs(said.optimizer - kept) < 100, `${name}: said ${said.optimizer}, kept ${kept}`);
      assert.equal(said.activations, 40_000);
      assert.equal(said.total, 4000 + 3600 + said.optimizer + 40_000);
      weight.dispose();
      optimizer.dispose();
    }
    assert.equal(trainingMemory({ ...sizes, params: '4·(n)' }, 10, 'adam'), null);
  });
});
