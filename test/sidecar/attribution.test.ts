import assert from 'node:assert/strict';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { EncodingChoice, InferenceProgress } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { mobileNet } from '../harness/mobilenet';
import { skip } from '../harness/skip';
import { cellsAllOver } from './support/cells';
import { floats, loadPlain, saveModel } from './support/models';
import { buildSidecar, cleanUp, root, startSidecar, temporaryFolder } from './support/process';

const lenet = path.join(root, 'media/models/lenet5-mnist');
const seven = path.join(root, 'examples/images/digit-7.png');
const cat = path.join(root, 'examples/images/chelsea.png');

/** A small classifier of 12×12 colour pictures, with a softmax inside of its last layer. */
function smallModel(): tf.LayersModel {
  return tf.sequential({
    name: 'small',
    layers: [
      tf.layers.conv2d({
        inputShape: [12, 12, 3],
        filters: 5,
        kernelSize: 3,
        activation: 'relu',
        name: 'conv',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 3 }),
        biasInitializer: tf.initializers.randomUniform({ minval: 0, maxval: 0.2, seed: 4 }),
      }),
      tf.layers.maxPooling2d({ poolSize: 2, name: 'pool' }),
      tf.layers.dropout({ rate: 0.5, name: 'drop' }),
      tf.layers.flatten({ name: 'flat' }),
      tf.layers.dense({
        units: 4,
        activation: 'softmax',
        name: 'classes',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }),
      }),
    ],
  });
}

describe('attribution', function () {
  this.timeout(180_000);
  let sidecar: SidecarConnection;
  let folder: string;
  before(async function () {
    buildSidecar.call(this);
    await tf.setBackend('cpu');
    tf.enableProdMode();
    sidecar = await startSidecar();
    folder = temporaryFolder();
  });
  after(cleanUp);

  const classify = (file: string, modelPath: string, encoding?: EncodingChoice) =>
    sidecar.request('classify', {
      picture: { kind: 'file', path: file },
      modelPath,
      top: 5,
      encoding,
      details: true,
    });

  describe('by Grad-CAM', () => {
    it('is the layer’s maps weighted by their mean gradients, as plain tfjs computes them', async () => {
      const model = smallModel();
      const modelPath = await saveModel(model, path.join(folder, 'small'));
      const { session, input } = await classify(cat, modelPath);
      const pixels = Float32Array.from(Buffer.from(input.pixels, 'base64'), (v) => v / 255);
      const upTo = tf.model({ inputs: model.inputs, outputs: model.getLayer('conv').output });
      const maps = upTo.predict(tf.tensor(pixels, [1, 12, 12, 3])) as tf.Tensor4D;
      const [kernel, bias] = model.getLayer('classes').getWeights() as [tf.Tensor2D, tf.Tensor1D];
      let lit = 0;
      for (let classIndex = 0; classIndex < 4; classIndex++) {
        const result = await sidecar.request('attribution', {
          session,
          method: 'gradCam',
          classIndex,
          layer: 'conv',
        });
        assert.deepEqual([result.height, result.width, result.layer], [10, 10, 'conv']);
        const logit = (value: tf.Tensor) =>
          tf
            .maxPool(value as tf.Tensor4D, 2, 2, 'valid')
            .reshape([1, -1])
            .matMul(kernel)
            .add(bias)
            .slice([0, classIndex], [1, 1])
            .sum();
        const { grad, value } = tf.valueAndGrad(logit)(maps);
        const expected = maps
          .mul(grad.mean([1, 2], true))
          .sum(-1)
          .relu()
          .dataSync();
        for (const [i, actual] of floats(result.data).entries())
          assert.ok(Math.abs(actual - expected[i]!) < 1e-5, `cell ${i}: ${actual}, ${expected[i]}`);
        lit += expected.filter((cell) => cell > 0).length;
        assert.ok(Math.abs(result.score - (value.dataSync()[0] ?? 0)) < 1e-4);
      }
      assert.ok(lit > 50, 'some class is spoken for');
    });

    it('knows which axis is the channel, and passes batch normalizations without gamma or beta', async () => {
      const random = (seed: number) => tf.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed });
      const model = tf.sequential({
        layers: [
          tf.layers.permute({ inputShape: [9, 8, 3], dims: [3, 1, 2], name: 'turned' }),
          tf.layers.conv2d({
            filters: 4,
            kernelSize: 3,
            dataFormat: 'channelsFirst',
            activation: 'tanh',
            kernelInitializer: random(1),
            name: 'first',
          }),
          tf.layers.permute({ dims: [2, 3, 1], name: 'back' }),
          tf.layers.batchNormalization({ scale: false, betaInitializer: random(2), name: 'unscaled' }),
          tf.layers.batchNormalization({ center: false, name: 'uncentred' }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: random(3), name: 'classes' }),
        ],
      });
      const { session, layers } = await classify(cat, await saveModel(model, path.join(folder, 'turned')));
      assert.deepEqual(
        layers.slice(0, 4).map(({ layout }) => layout),
        ['channelsFirst', 'channelsFirst', undefined, undefined],
      );
      let lit = 0;
      for (const classIndex of [0, 1, 2]) {
        const cam = (layer: string) =>
          sidecar.request('attribution', { session, method: 'gradCam', classIndex, layer });
        const [first, back] = [await cam('first'), await cam('back')];
        assert.deepEqual([first.height, first.width], [7, 6]);
        assert.match(first.note, /its 4 maps/);
        for (const [i, cell] of floats(back.data).entries())
          assert.ok(Math.abs(cell - floats(first.data)[i]!) < 1e-6);
        lit += floats(back.data).filter((cell) => cell > 0).length;
      }
      assert.ok(lit > 10, 'some class is spoken for');
      const { completeness } = await sidecar.request('attribution', {
        session,
        method: 'integratedGradients',
        classIndex: 1,
        steps: 64,
      });
      assert.ok(Math.abs(completeness!.sum - completeness!.difference) < 1e-2);
    });

    it('takes the last layer that puts out maps where none is named', async () => {
      const { session } = await classify(seven, lenet);
      const { layer, height, width } = await sidecar.request('attribution', {
        session,
        method: 'gradCam',
        classIndex: 7,
      });
      assert.match(layer ?? '', /average_pooling2d_AveragePooling2D2|pool/i);
      assert.deepEqual([height, width], [5, 5]);
    });

    it('says which layers it cannot use', async () => {
      const { session } = await classify(cat, path.join(folder, 'small/model.json'));
      const ask = (layer: string, classIndex = 0) =>
        sidecar.request('attribution', { session, method: 'gradCam', classIndex, layer });
      await assert.rejects(ask('classes'), /`classes` puts out \[4\], which are no maps/);
      await assert.rejects(ask('none'), /has no layer `none`/);
      await assert.rejects(ask('conv', 4), /There is no class 4: the model has 4/);
    });

    it('lies on the cat', async function () {
      // The whole photo, with black above and below: the cat's face ends before the right edge.
      const { session, classes } = await classify(cat, mobileNet(this), { framing: 'contain' });
      assert.ok([281, 282, 285].includes(classes[0]!.index), classes[0]!.label);
      const { height, width, data } = await sidecar.request('attribution', {
        session,
        method: 'gradCam',
        classIndex: classes[0]!.index,
      });
      assert.deepEqual([height, width], [7, 7]);
      const map = floats(data);
      const total = map.reduce((sum, value) => sum + value, 0);
      const onTheCat = map.reduce((sum, value, i) => {
        const [row, column] = [Math.floor(i / 7), i % 7];
        return row >= 1 && row <= 5 && column <= 5 ? sum + value : sum;
      }, 0);
      assert.ok(onTheCat / total > 0.85, `${onTheCat / total}`);
    });
  });

  describe('by integrated gradients', () => {
    it('adds up to the difference of the scores', async () => {
      const { session } = await classify(cat, path.join(folder, 'small/model.json'));
      for (const classIndex of [0, 3]) {
        const result = await sidecar.request('attribution', {
          session,
          method: 'integratedGradients',
          classIndex,
          steps: 200,
        });
        const { sum, difference } = result.completeness!;
        assert.ok(
          Math.abs(sum - difference) < 0.01 * Math.max(0.1, Math.abs(difference)),
          `${sum} ${difference}`,
        );
        assert.ok(Math.abs(floats(result.data).reduce((total, value) => total + value, 0) - sum) < 1e-3);
        assert.deepEqual([result.height, result.width], [12, 12]);
      }
    });

    it('also through a whole LeNet-5', async () => {
      const { session } = await classify(seven, lenet);
      const { completeness } = await sidecar.request('attribution', {
        session,
        method: 'integratedGradients',
        classIndex: 7,
        steps: 64,
      });
      const { sum, difference } = completeness!;
      assert.ok(difference > 1, 'a seven says seven more than a black picture does');
      assert.ok(Math.abs(sum - difference) < 0.02 * difference, `${sum} ${difference}`);
    });
  });

  describe('by occlusion', () => {
    it('is what the class loses when a square is covered', async () => {
      const modelPath = path.join(folder, 'small/model.json');
      const { session, input, classes } = await classify(cat, modelPath);
      const classIndex = classes[0]!.index;
      const { data, height, width } = await sidecar.request('attribution', {
        session,
        method: 'occlusion',
        classIndex,
        patch: 4,
      });
      assert.deepEqual([height, width], [5, 5]);
      const pixels = new Uint8Array(Buffer.from(input.pixels, 'base64'));
      const mean = [0, 1, 2].map((channel) => {
        const own = pixels.filter((_, i) => i % 3 === channel);
        return Math.round(own.reduce((sum, value) => sum + value, 0) / own.length);
      });
      // The third place of the second row: rows 2 … 5, columns 4 … 7.
      for (let y = 2; y < 6; y++) for (let x = 4; x < 8; x++) pixels.set(mean, (y * 12 + x) * 3);
      const model = await loadPlain(modelPath);
      const covered = model.predict(
        tf.tensor(
          Float32Array.from(pixels, (v) => v / 255),
          [1, 12, 12, 3],
        ),
      ) as tf.Tensor;
      const expected = classes[0]!.probability - covered.dataSync()[classIndex]!;
      assert.ok(Math.abs(floats(data)[1 * 5 + 2]! - expected) < 1e-5);
    });

    it('tells how far it is, and stops when it is asked to', async () => {
      const { session } = await classify(seven, lenet);
      const told: InferenceProgress[] = [];
      const listening = sidecar.onInferenceProgress((progress) => told.push(progress));
      const ask = (cancel?: CancellationTokenSource) =>
        sidecar.request(
          'attribution',
          { session, method: 'occlusion', classIndex: 7, patch: 2, progress: 'mine' },
          cancel?.token,
        );
      await ask();
      assert.ok(told.length > 3 && told.every(({ token }) => token === 'mine'));
      assert.ok(told.every(({ fraction }, i) => fraction >= (told[i - 1]?.fraction ?? 0) && fraction <= 1));
      const cancel = new CancellationTokenSource();
      const first = told.length;
      const stop = sidecar.onInferenceProgress(() => cancel.cancel());
      await assert.rejects(ask(cancel), /cancelled/i);
      assert.ok(told.length - first < first, 'stopped before the end');
      stop.dispose();
      listening.dispose();
    });
  });

  describe('of filters and channels', () => {
    it('gives the kernels and biases of a convolution', async () => {
      const modelPath = path.join(folder, 'small/model.json');
      const { session } = await classify(cat, modelPath);
      const { shape, data, bias } = await sidecar.request('filters', { session, layer: 'conv' });
      const [kernel, biases] = (await loadPlain(modelPath)).getLayer('conv').getWeights();
      assert.deepEqual(shape, kernel!.shape);
      assert.deepEqual([...floats(data)], [...kernel!.dataSync()]);
      assert.deepEqual(bias, [...biases!.dataSync()]);
      await assert.rejects(sidecar.request('filters', { session, layer: 'flat' }), /has no filters/);
    });

    it('turns the kernel of a transposed convolution as those of the others', async () => {
      const model = tf.sequential({
        layers: [
          tf.layers.conv2dTranspose({ inputShape: [4, 4, 3], filters: 2, kernelSize: [2, 3], name: 'up' }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2 }),
        ],
      });
      const { session } = await classify(cat, await saveModel(model, path.join(folder, 'transposed')));
      const { shape, data } = await sidecar.request('filters', { session, layer: 'up' });
      assert.deepEqual(shape, [2, 3, 3, 2]);
      const kernel = (await model.getLayer('up').getWeights()[0]!.array()) as number[][][][];
      for (const { place, index } of cellsAllOver(shape, 12)) {
        const [row, column, channel, filter] = index as [number, number, number, number];
        assert.equal(floats(data)[place], kernel[row]![column]![filter]![channel]);
      }
    });

    it('finds a picture that excites a channel more and more, the same for the same seed', async () => {
      const { session } = await classify(seven, lenet);
      const layers = (await classify(seven, lenet)).layers;
      const ask = (layer: string, channel: number, seed: number) =>
        sidecar.request('excite', { session, layer, channel, steps: 30, seed });
      const conv = layers.find(({ className }) => className === 'Conv2D')!.name;
      const a = await ask(conv, 2, 1);
      assert.equal(a.scores.length, 31);
      assert.ok(a.scores.at(-1)! > a.scores[0]! + 0.1, `${a.scores[0]} … ${a.scores.at(-1)}`);
      assert.deepEqual(await ask(conv, 2, 1), a);
      assert.notEqual((await ask(conv, 2, 2)).pixels, a.pixels);

      // What excites class 3 most is classified as 3.
      const three = await ask(layers.at(-1)!.name, 3, 1);
      const { width, height, channels, pixels } = three;
      const result = await sidecar.request('classify', {
        picture: { kind: 'pixels', name: 'found', width, height, channels: channels as 1, data: pixels },
        modelPath: lenet,
        top: 1,
        details: true,
      });
      assert.equal(result.classes[0]?.index, 3);
      await assert.rejects(ask(conv, 6, 1), /There is no channel 6/);
    });
  });

  /** Pictures for people to look at, with `LAYERWISE_PICTURES=folder`. */
  it('draws Grad-CAM over the cat', async function () {
    const target = process.env['LAYERWISE_PICTURES'];
    const modelPath = mobileNet(this);
    if (!target) skip(this, 'set LAYERWISE_PICTURES to a folder to get pictures to look at');
    const { session, classes, input } = await classify(cat, modelPath);
    for (const method of ['gradCam', 'occlusion', 'integratedGradients'] as const) {
      const result = await sidecar.request('attribution', { session, method, classIndex: classes[0]!.index });
      const map = floats(result.data);
      const most = map.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
      const heat = Buffer.alloc(map.length * 4);
      for (const [i, value] of map.entries())
        heat.set([255, 40, 0, 230 * Math.min(1, Math.max(0, value / most))], i * 4);
      const raw = { width: result.width, height: result.height, channels: 4 as const };
      const overlay = await sharp(heat, { raw })
        .resize(input.width, input.height, { fit: 'fill', kernel: 'cubic' })
        .png()
        .toBuffer();
      await sharp(Buffer.from(input.pixels, 'base64'), {
        raw: { width: input.width, height: input.height, channels: 3 },
      })
        .composite([{ input: overlay }])
        .png()
        .toFile(path.join(target, `${method}.png`));
    }
  });
});
