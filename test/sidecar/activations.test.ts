import assert from 'node:assert/strict';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Classification, ExplainCellResult } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { mobileNet } from '../harness/mobilenet';
import { cellsAllOver } from './support/cells';
import { floats, loadPlain, saveModel } from './support/models';
import { buildSidecar, cleanUp, root, startSidecar, temporaryFolder } from './support/process';

const cat = path.join(root, 'examples/images/chelsea.png');

/** Layers of every kind that is taken apart, nested and with two outputs, with random weights everywhere. */
function manyKinds(): tf.LayersModel {
  let seed = 1;
  const random = () => tf.initializers.randomUniform({ minval: -0.4, maxval: 0.5, seed: seed++ });
  const positive = () => tf.initializers.randomUniform({ minval: 0.2, maxval: 1.5, seed: seed++ });
  const initial = () => ({ kernelInitializer: random(), biasInitializer: random() });
  const input = tf.input({ shape: [21, 17, 3], name: 'picture' });
  const conv = tf.layers
    .conv2d({
      filters: 4,
      kernelSize: [3, 5],
      strides: 2,
      padding: 'same',
      activation: 'elu',
      name: 'strided',
      ...initial(),
    })
    .apply(input) as tf.SymbolicTensor;
  const dilated = tf.layers
    .conv2d({
      filters: 4,
      kernelSize: 3,
      dilationRate: 2,
      padding: 'same',
      useBias: false,
      kernelInitializer: random(),
      name: 'dilated',
    })
    .apply(conv) as tf.SymbolicTensor;
  const both = tf.layers.add({ name: 'both' }).apply([conv, dilated]) as tf.SymbolicTensor;
  const normal = tf.layers
    .batchNormalization({
      name: 'normal',
      movingMeanInitializer: random(),
      movingVarianceInitializer: positive(),
      gammaInitializer: positive(),
      betaInitializer: random(),
    })
    .apply(both) as tf.SymbolicTensor;
  const inner = tf.sequential({
    name: 'inner',
    layers: [
      tf.layers.zeroPadding2d({
        padding: [
          [1, 0],
          [0, 2],
        ],
        inputShape: [11, 9, 4],
        name: 'pad',
      }),
      tf.layers.depthwiseConv2d({
        kernelSize: 3,
        depthMultiplier: 2,
        depthwiseInitializer: random(),
        biasInitializer: random(),
        name: 'depthwise',
      }),
      tf.layers.reLU({ maxValue: 6, name: 'relu6' }),
    ],
  });
  const deep = inner.apply(normal) as tf.SymbolicTensor;
  const largest = tf.layers
    .maxPooling2d({ poolSize: 3, strides: 2, padding: 'same', name: 'largest' })
    .apply(deep) as tf.SymbolicTensor;
  const mean = tf.layers
    .averagePooling2d({ poolSize: 3, strides: 2, padding: 'same', name: 'mean' })
    .apply(deep) as tf.SymbolicTensor;
  const global = tf.layers.globalAveragePooling2d({ name: 'global' }).apply(mean) as tf.SymbolicTensor;
  const flat = tf.layers.flatten({ name: 'flat' }).apply(largest) as tf.SymbolicTensor;
  const hidden = tf.layers
    .dense({ units: 40, activation: 'tanh', name: 'hidden', ...initial() })
    .apply(flat) as tf.SymbolicTensor;
  const classes = tf.layers
    .dense({ units: 6, activation: 'softmax', name: 'classes', ...initial() })
    .apply(hidden) as tf.SymbolicTensor;
  const scores = tf.layers
    .dense({ units: 6, name: 'scores', ...initial() })
    .apply(global) as tf.SymbolicTensor;
  const soft = tf.layers.softmax({ name: 'soft' }).apply(scores) as tf.SymbolicTensor;
  const leaky = tf.layers.leakyReLU({ alpha: 0.2, name: 'leaky' }).apply(scores) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: [classes, soft, leaky], name: 'many' });
}

describe('activations', function () {
  this.timeout(180_000);
  let sidecar: SidecarConnection;
  let modelPath: string;
  before(async function () {
    buildSidecar.call(this);
    await tf.setBackend('cpu');
    tf.enableProdMode();
    sidecar = await startSidecar();
    modelPath = await saveModel(manyKinds(), path.join(temporaryFolder(), 'many'));
  });
  after(cleanUp);

  const classify = (model: string, top = 3) =>
    sidecar.request('classify', {
      picture: { kind: 'file', path: cat },
      modelPath: model,
      top,
      details: true,
    });

  async function layerValues({ session }: Classification, layer: string): Promise<Float32Array> {
    return floats((await sidecar.request('activation', { session, layer })).data);
  }

  function assertClose(
    actual: ArrayLike<number>,
    expected: ArrayLike<number>,
    tolerance: number,
    what: string,
  ) {
    assert.equal(actual.length, expected.length, what);
    for (let i = 0; i < expected.length; i++) {
      const difference = Math.abs(actual[i]! - expected[i]!);
      assert.ok(
        difference <= tolerance * Math.max(1, Math.abs(expected[i]!)),
        `${what}, ${i}: ${actual[i]}, ${expected[i]}`,
      );
    }
  }

  it('equal plain tfjs in a model with nested parts and several outputs', async () => {
    const model = await loadPlain(modelPath);
    const result = await classify(modelPath);
    assert.match(result.input.assumptions, /of the 3 outputs, `classes` is taken for the classes/);
    const pixels = Float32Array.from(Buffer.from(result.input.pixels, 'base64'), (v) => v / 255);
    const input = tf.tensor(pixels, [1, 21, 17, 3]);
    for (const layer of model.layers) {
      if (layer.name === 'inner') continue;
      const upTo = tf.model({ inputs: model.inputs, outputs: layer.output });
      const expected = (upTo.predict(input) as tf.Tensor).dataSync();
      assertClose(await layerValues(result, layer.name), expected, 1e-5, layer.name);
    }
    const inner = model.getLayer('inner');
    const innerOutput = inner.getOutputAt(inner.inboundNodes.length - 1);
    const upToInner = tf.model({ inputs: model.inputs, outputs: innerOutput });
    const expected = (upToInner.predict(input) as tf.Tensor).dataSync();
    assertClose(await layerValues(result, 'inner/relu6'), expected, 1e-5, 'inner/relu6');
    assert.deepEqual(
      result.layers.find(({ name }) => name === 'inner/relu6')?.shape,
      (innerOutput as tf.SymbolicTensor).shape.slice(1),
    );
  });

  it('equal plain tfjs in MobileNet', async function () {
    const file = mobileNet(this);
    const model = await loadPlain(file);
    // On the same backend: WebAssembly adds in another order, and after 80 layers that shows in the fifth digit.
    const onCpu = await startSidecar('cpu');
    const result = await onCpu.request('classify', {
      picture: { kind: 'file', path: cat },
      modelPath: file,
      top: 3,
      details: true,
    });
    assert.equal(result.input.assumptions, '', 'MobileNet’s scale is known');
    assert.match(result.labels, /ImageNet/);
    const pixels = Float32Array.from(Buffer.from(result.input.pixels, 'base64'), (v) => v / 127.5 - 1);
    const input = tf.tensor(pixels, [1, 224, 224, 3]);
    for (const name of [
      'conv1',
      'conv_dw_3_bn',
      'conv_pw_7_relu',
      'conv_pw_13_relu',
      'conv_preds',
      'reshape_2',
    ]) {
      const layer = model.layers.find((candidate) => candidate.name === name);
      if (!layer) continue;
      const upTo = tf.model({ inputs: model.inputs, outputs: layer.output });
      const { data } = await onCpu.request('activation', { session: result.session, layer: name });
      assertClose(floats(data), (upTo.predict(input) as tf.Tensor).dataSync(), 1e-5, name);
    }
  });

  it('count what is not a number', async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [8, 8, 3], filters: 2, kernelSize: 1, name: 'broken' }),
        tf.layers.reLU({ maxValue: 1, name: 'cut' }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, kernelInitializer: 'zeros' }),
      ],
    });
    // Channel 0 becomes infinite everywhere; `cut` makes it finite again.
    model.layers[0]!.setWeights([tf.fill([1, 1, 3, 2], 0), tf.tensor1d([Number.POSITIVE_INFINITY, 1])]);
    const { layers } = await classify(await saveModel(model, path.join(temporaryFolder(), 'broken')), 2);
    const [broken, cut] = layers as [Classification['layers'][0], Classification['layers'][0]];
    assert.deepEqual([broken.infinite, broken.nan, broken.min, broken.max, broken.mean], [64, 0, 1, 1, 1]);
    assert.deepEqual([cut.infinite, cut.nan, cut.max], [0, 0, 1]);
  });

  it('are refused with the numbers when they cannot fit', async () => {
    const model = tf.sequential({
      name: 'huge',
      layers: [
        tf.layers.conv2d({ inputShape: [20_000, 20_000, 3], filters: 64, kernelSize: 3, name: 'conv' }),
        tf.layers.globalAveragePooling2d({}),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const file = await saveModel(model, path.join(temporaryFolder(), 'huge'));
    const description = await sidecar.request('describeNetwork', { modelPath: file });
    // 19,998² cells of 64 channels, and the picture itself.
    assert.equal(
      description.memory.peak - description.memory.weights,
      4 * (19_998 ** 2 * 64 + 20_000 ** 2 * 3),
    );
    await assert.rejects(classify(file), /Running `huge` .* takes about 107 GB .*(can address|free)/);
  });

  describe('of one cell', () => {
    const kinds: [layer: string, kind: ExplainCellResult['kind']][] = [
      ['picture', 'elementwise'],
      ['strided', 'convolution'],
      ['dilated', 'convolution'],
      ['both', 'elementwise'],
      ['normal', 'elementwise'],
      ['inner/pad', 'elementwise'],
      ['inner/depthwise', 'convolution'],
      ['inner/relu6', 'elementwise'],
      ['largest', 'pooling'],
      ['mean', 'pooling'],
      ['global', 'pooling'],
      ['flat', 'elementwise'],
      ['hidden', 'dense'],
      ['classes', 'dense'],
      ['scores', 'dense'],
      ['soft', 'softmax'],
      ['leaky', 'elementwise'],
    ];
    for (const [layer, kind] of kinds) {
      it(`of ${layer}: the arithmetic gives the layer’s output`, async () => {
        const { session, layers } = await classify(modelPath);
        const { shape } = layers.find(({ name }) => name === layer)!;
        const values = floats((await sidecar.request('activation', { session, layer })).data);
        for (const { place, index } of cellsAllOver(shape, 12)) {
          const cell = await sidecar.request('explainCell', { session, layer, index });
          assert.equal(cell.kind, kind);
          assertClose([cell.value], [values[place]!], 1e-6, 'value');
          assertClose([cell.computed], [values[place]!], 1e-4, `${layer} [${index}] by ${cell.formula}`);
          checkParts(cell);
          // Where a value comes from, it can be found again.
          for (const { value, from } of cell.kind === 'elementwise' ? cell.terms : []) {
            if (!from) continue;
            const source = await sidecar.request('explainCell', { session, ...from });
            assertClose(
              [source.value],
              [value],
              1e-6,
              `${layer} [${index}] from ${from.layer} [${from.index}]`,
            );
          }
        }
      });
    }

    it('of a nested model’s input: what stands before the model, not the picture', async () => {
      const nested = tf.input({ shape: [10, 10, 2], name: 'inside' });
      const inner = tf.model({
        inputs: nested,
        outputs: tf.layers.flatten({ name: 'flat' }).apply(nested) as tf.SymbolicTensor,
        name: 'inner',
      });
      const model = tf.sequential({
        layers: [
          tf.layers.conv2d({ inputShape: [12, 12, 3], filters: 2, kernelSize: 3, name: 'conv' }),
          inner,
          tf.layers.dense({ units: 3, name: 'classes' }),
        ],
      });
      const { session } = await classify(await saveModel(model, path.join(temporaryFolder(), 'within')));
      const cell = await sidecar.request('explainCell', { session, layer: 'inner/inside', index: [3, 4, 1] });
      assert.ok(cell.kind === 'elementwise' && cell.inputLayer === 'conv');
      assert.deepEqual(cell.terms, [
        { label: 'input [3, 4, 1]', value: cell.value, from: { layer: 'conv', index: [3, 4, 1] } },
      ]);
      assert.equal(cell.computed, cell.value);
      // The index of a flattened cell is neither row nor column.
      const flat = await sidecar.request('explainCell', { session, layer: 'inner/flat', index: [69] });
      assert.equal(flat.receptiveField, undefined);
    });

    it('is not shown where tfjs computes otherwise than the layer’s rule says', async () => {
      // Along another axis than the last, tfjs's kernels take the next mean for each value.
      const random = (seed: number) => tf.initializers.randomUniform({ minval: 0.2, maxval: 2, seed });
      const model = tf.sequential({
        layers: [
          tf.layers.batchNormalization({
            inputShape: [6, 5, 3],
            axis: 1,
            movingMeanInitializer: random(1),
            movingVarianceInitializer: random(2),
            name: 'normal',
          }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 2, name: 'classes' }),
        ],
      });
      const { session } = await classify(await saveModel(model, path.join(temporaryFolder(), 'axis')));
      const values = floats((await sidecar.request('activation', { session, layer: 'normal' })).data);
      const cell = await sidecar.request('explainCell', { session, layer: 'normal', index: [4, 3, 2] });
      assert.ok(cell.kind === 'other');
      assert.equal(cell.value, values[(4 * 5 + 3) * 3 + 2]);
      assert.match(cell.reason, /this cell would be .*; what computes here does it otherwise/);
    });

    /** What is shown adds up by itself. */
    function checkParts(cell: ExplainCellResult): void {
      if (cell.kind === 'convolution') {
        const products = cell.patch.map((value, i) => value * cell.kernel[i]!);
        const sum = products.reduce((total, product) => total + product, cell.bias);
        assertClose([cell.sum], [sum], 1e-5, 'sum of products and bias');
        assert.equal(cell.channelSums.length, cell.channels);
      } else if (cell.kind === 'dense') {
        const listed = cell.contributions.reduce((total, { product }) => total + product, 0);
        assertClose([cell.sum], [listed + cell.rest + cell.bias], 1e-4, 'sum of contributions');
        const sizes = cell.contributions.map(({ product }) => Math.abs(product));
        assert.deepEqual(
          sizes,
          sizes.toSorted((a, b) => b - a),
          'the strongest first',
        );
      } else if (cell.kind === 'pooling' && cell.operation === 'max') {
        assert.equal(cell.patch[cell.winner!], cell.computed);
      }
    }

    it('sees exactly its receptive field: pixels outside of it change nothing, the field’s do', async () => {
      const before = await classify(modelPath);
      const { width, height } = before.input;
      for (const [layer, index] of [
        ['strided', [4, 3, 1]],
        ['dilated', [5, 4, 2]],
        ['inner/relu6', [4, 4, 3]],
      ] as const) {
        const cell = await sidecar.request('explainCell', {
          session: before.session,
          layer,
          index: [...index],
        });
        const field = cell.receptiveField!;
        const changed = async (inside: boolean) => {
          const pixels = Buffer.from(before.input.pixels, 'base64');
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              const within =
                y >= field.top &&
                y < field.top + field.height &&
                x >= field.left &&
                x < field.left + field.width;
              if (within === inside)
                pixels.fill(
                  pixels[(y * width + x) * 3]! ^ 0x7f,
                  (y * width + x) * 3,
                  (y * width + x) * 3 + 3,
                );
            }
          }
          const { session } = await sidecar.request('classify', {
            picture: {
              kind: 'pixels',
              name: 'changed',
              width,
              height,
              channels: 3,
              data: pixels.toString('base64'),
            },
            modelPath,
            top: 1,
            details: true,
          });
          return (await sidecar.request('explainCell', { session, layer, index: [...index] })).value;
        };
        assert.ok(Math.abs((await changed(false)) - cell.value) < 1e-6, `${layer}: outside changes nothing`);
        if (layer !== 'inner/relu6')
          assert.ok(Math.abs((await changed(true)) - cell.value) > 1e-3, `${layer}: inside does`);
      }
    });

    it('says so for cells that are not there', async () => {
      const { session } = await classify(modelPath);
      const ask = (layer: string, index: number[]) =>
        sidecar.request('explainCell', { session, layer, index });
      await assert.rejects(ask('classes', [6]), /puts out \[6\]; there is no cell \[6\]/);
      await assert.rejects(ask('strided', [0]), /there is no cell \[0\]/);
      await assert.rejects(ask('none', [0]), /has no layer `none`/);
    });
  });
});
