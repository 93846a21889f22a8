/**
 * Training on WebAssembly must give plain JavaScript's gradients: for random convolutions, and for every layer that
 * networks for pictures and sequences use.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { correctCpuKernels } from '../../sidecar/backends/cpuCorrections';
import { correctKernels } from '../../sidecar/backends/wasmCorrections';
import { registerMissingKernels } from '../../sidecar/backends/wasmGradients';
import { mulberry32 } from '../../sidecar/training/seededRandom';

const tolerance = 1e-4;

/** Fixed, unremarkable numbers in −0.5 … 0.5. */
function wave(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233) / 2),
    shape,
  );
}

function assertClose(actual: Float32Array[], expected: Float32Array[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  for (const [i, values] of expected.entries()) {
    assert.equal(actual[i]?.length, values.length, `${what}: size of gradient ${i}`);
    let largest = 0;
    for (const [k, value] of values.entries()) {
      // Relative for large values: a gradient of 1000 has four digits fewer behind the point.
      const off = Math.abs(value - (actual[i]?.[k] ?? Number.NaN)) / Math.max(1, Math.abs(value));
      if (!(off <= largest)) largest = off;
    }
    assert.ok(largest <= tolerance, `${what}: gradient ${i} is off by ${largest}`);
  }
}

async function onBothBackends(what: string, compute: () => tf.Tensor[]): Promise<void> {
  const results: Float32Array[][] = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const tensors = tf.tidy(compute);
    results.push(tensors.map((tensor) => Float32Array.from(tensor.dataSync())));
    tf.dispose(tensors);
  }
  const [expected = [], actual = []] = results;
  assert.ok(
    expected.some((values) => values.some((value) => value !== 0)),
    `${what}: all gradients are zero, so nothing is compared`,
  );
  assertClose(actual, expected, what);
}

describe('gradients on WebAssembly', function () {
  this.timeout(120_000);
  before(async () => {
    tf.enableProdMode();
    await tf.setBackend('wasm');
    correctCpuKernels();
    correctKernels();
    const fallbacks = registerMissingKernels();
    assert.ok(fallbacks.includes('UnsortedSegmentSum'));
    assert.ok(!fallbacks.includes('Conv2DBackpropFilter'), 'composed of wasm kernels, not copied to cpu');
  });

  it('adds nothing a second time', () => {
    correctCpuKernels();
    correctKernels();
    assert.deepEqual(registerMissingKernels(), []);
  });

  it('agrees for random convolutions', async () => {
    const random = mulberry32(5);
    const pick = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
    for (let round = 0; round < 60; round++) {
      const kernel: [number, number] = [pick(1, 5), pick(1, 5)];
      const size: [number, number] = [pick(5, 12), pick(5, 12)];
      const strides: [number, number] = [pick(1, 3), pick(1, 3)];
      const padding = random() < 0.5 ? 'same' : 'valid';
      const [batch, inChannels, outChannels] = [pick(1, 3), pick(1, 4), pick(1, 4)];
      const what = `${batch}×${size} by ${kernel}, strides ${strides}, ${padding}, ${inChannels} → ${outChannels}`;
      await onBothBackends(what, () => {
        const x = wave([batch, ...size, inChannels], round) as tf.Tensor4D;
        const filter = wave([...kernel, inChannels, outChannels], round + 1) as tf.Tensor4D;
        const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) =>
          tf.square(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, padding)).sum(),
        );
        return gradients([x, filter]);
      });
    }
  });

  it('agrees for random poolings, depthwise convolutions and upsamplings', async () => {
    const random = mulberry32(6);
    const pick = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
    for (let round = 0; round < 40; round++) {
      const window: [number, number] = [pick(1, 4), pick(1, 4)];
      const strides: [number, number] = [pick(1, 3), pick(1, 3)];
      const padding = random() < 0.5 ? 'same' : 'valid';
      const x = () => wave([pick(1, 3), 7, 6, pick(1, 4)], round) as tf.Tensor4D;
      const what = `${window}, strides ${strides}, ${padding}`;
      const gradientOf = (f: (input: tf.Tensor4D) => tf.Tensor) => {
        const input = x();
        return onBothBackends(what, () => [
          tf.grad((a: tf.Tensor) => tf.square(f(a as tf.Tensor4D)).sum())(input),
        ]);
      };
      await tf.setBackend('cpu');
      await gradientOf((a) => tf.maxPool(a, window, strides, padding));
      await gradientOf((a) => tf.avgPool(a, window, strides, padding));
      await gradientOf((a) => tf.image.resizeNearestNeighbor(a, [7 * strides[0], 6 * strides[1]]));
      const depthwise = () => wave([...window, 2, 2], 3) as tf.Tensor4D;
      const stride = strides[0];
      await onBothBackends(`depthwise ${what}`, () =>
        tf.grads((a: tf.Tensor, b: tf.Tensor) =>
          tf.square(tf.depthwiseConv2d(a as tf.Tensor4D, b as tf.Tensor4D, [stride, stride], padding)).sum(),
        )([wave([2, 7, 6, 2], round), depthwise()]),
      );
    }
  });

  // Both backends may be wrong alike: what an example's gradient is does not depend on the others beside it.
  for (const backend of ['cpu', 'wasm']) {
    it(`is each example's own for upsamplings, on ${backend}`, async () => {
      await tf.setBackend(backend);
      for (const interpolation of ['nearest', 'bilinear'] as const) {
        for (const [height, width] of [
          [4, 3],
          [3, 5],
        ] as const) {
          const layer = tf.layers.upSampling2d({ size: [2, 3], interpolation });
          const before = { tensors: tf.memory().numTensors, data: tf.engine().backend.numDataIds() };
          const [together, alone] = tf.tidy(() => {
            const gradientOf = tf.grad((x: tf.Tensor) =>
              tf.mul(tf.square(layer.apply(x) as tf.Tensor), wave([1, 2 * height, 3 * width, 2], 8)).sum(),
            );
            const x = wave([3, height, width, 2], 4);
            const examples = tf.split(x, 3).map((one) => gradientOf(one));
            return [gradientOf(x).dataSync(), tf.concat(examples).dataSync()] as Float32Array[];
          }) as unknown as [Float32Array, Float32Array];
          assertClose([together], [alone], `${interpolation}, ${height}×${width}`);
          const after = { tensors: tf.memory().numTensors, data: tf.engine().backend.numDataIds() };
          assert.deepEqual(after, before);
        }
      }
    });
  }

  it('leaves no tensor behind', async () => {
    await tf.setBackend('wasm');
    const step = () =>
      tf.tidy(() => {
        const gradient = tf.grads((x: tf.Tensor, f: tf.Tensor) =>
          tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 2, 'same').sum(),
        );
        gradient([wave([2, 9, 9, 3], 1), wave([3, 3, 3, 4], 2)]);
      });
    step();
    const before = { tensors: tf.memory().numTensors, data: tf.engine().backend.numDataIds() };
    for (let i = 0; i < 20; i++) step();
    assert.deepEqual({ tensors: tf.memory().numTensors, data: tf.engine().backend.numDataIds() }, before);
  });

  const picture = [8, 8, 3];
  const sequence = [5, 4];
  type Case = [name: string, inputShape: number[], layer: () => tf.layers.Layer];
  const cases: Case[] = [
    ['dense', [6], () => tf.layers.dense({ units: 3, activation: 'tanh' })],
    ['conv1d', [9, 2], () => tf.layers.conv1d({ filters: 3, kernelSize: 3, strides: 2 })],
    ['conv2d, no bias', picture, () => tf.layers.conv2d({ filters: 4, kernelSize: 3, useBias: false })],
    ['conv2d relu', picture, () => tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' })],
    ['conv2dTranspose', picture, () => tf.layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2 })],
    [
      'depthwiseConv2d',
      picture,
      () => tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: [2, 2] }),
    ],
    ['depthwiseConv2d same', picture, () => tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' })],
    [
      'separableConv2d',
      picture,
      () => tf.layers.separableConv2d({ filters: 4, kernelSize: 3, padding: 'same' }),
    ],
    ['conv3d', [4, 5, 5, 2], () => tf.layers.conv3d({ filters: 2, kernelSize: 2 })],
    ['averagePooling2d', picture, () => tf.layers.averagePooling2d({ poolSize: 2 })],
    [
      'averagePooling2d same',
      picture,
      () => tf.layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
    ],
    ['maxPooling2d', picture, () => tf.layers.maxPooling2d({ poolSize: 2 })],
    ['maxPooling2d overlapping', picture, () => tf.layers.maxPooling2d({ poolSize: 3, strides: 2 })],
    ['maxPooling1d', sequence, () => tf.layers.maxPooling1d({ poolSize: 2 })],
    ['averagePooling1d', sequence, () => tf.layers.averagePooling1d({ poolSize: 2 })],
    ['maxPooling3d', [4, 4, 4, 2], () => tf.layers.maxPooling3d({ poolSize: 2 })],
    ['averagePooling3d', [4, 4, 4, 2], () => tf.layers.averagePooling3d({ poolSize: 2 })],
    ['globalAveragePooling2d', picture, () => tf.layers.globalAveragePooling2d({})],
    ['globalMaxPooling2d', picture, () => tf.layers.globalMaxPooling2d({})],
    ['globalAveragePooling1d', sequence, () => tf.layers.globalAveragePooling1d({})],
    ['globalMaxPooling1d', sequence, () => tf.layers.globalMaxPooling1d({})],
    ['upSampling2d', picture, () => tf.layers.upSampling2d({ size: [2, 2] })],
    [
      'upSampling2d bilinear',
      picture,
      () => tf.layers.upSampling2d({ size: [2, 2], interpolation: 'bilinear' }),
    ],
    ['zeroPadding2d', picture, () => tf.layers.zeroPadding2d({ padding: 2 })],
    [
      'cropping2D',
      picture,
      () =>
        tf.layers.cropping2D({
          cropping: [
            [1, 2],
            [0, 3],
          ],
        }),
    ],
    ['batchNormalization', picture, () => tf.layers.batchNormalization()],
    ['layerNormalization', picture, () => tf.layers.layerNormalization()],
    ['dropout', picture, () => tf.layers.dropout({ rate: 0.4, seed: 3 })],
    ['spatialDropout1d', sequence, () => tf.layers.spatialDropout1d({ rate: 0.4, seed: 3 })],
    ['reLU with maximum', picture, () => tf.layers.reLU({ maxValue: 0.2 })],
    ['leakyReLU', picture, () => tf.layers.leakyReLU({ alpha: 0.1 })],
    ['prelu', picture, () => tf.layers.prelu()],
    ['elu', picture, () => tf.layers.elu()],
    ...(
      [
        'relu',
        'relu6',
        'elu',
        'selu',
        'sigmoid',
        'hardSigmoid',
        'softplus',
        'softsign',
        'tanh',
        'softmax',
        'logSoftmax',
        'swish',
        'mish',
        'gelu',
        'gelu_new',
      ] as const
    ).map(
      (activation): Case => [
        `activation ${activation}`,
        picture,
        () => tf.layers.activation({ activation: activation as 'relu' }),
      ],
    ),
    ['flatten', picture, () => tf.layers.flatten()],
    ['reshape', picture, () => tf.layers.reshape({ targetShape: [4, 48] })],
    ['permute', picture, () => tf.layers.permute({ dims: [3, 1, 2] })],
    ['repeatVector', [6], () => tf.layers.repeatVector({ n: 3 })],
    ['simpleRNN', sequence, () => tf.layers.simpleRNN({ units: 3 })],
    ['gru', sequence, () => tf.layers.gru({ units: 3, returnSequences: true })],
    ['lstm', sequence, () => tf.layers.lstm({ units: 3 })],
    [
      'bidirectional',
      sequence,
      () => tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }) as tf.RNN, mergeMode: 'concat' }),
    ],
    ['timeDistributed', sequence, () => tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }) })],
    ['gaussianNoise', [6], () => tf.layers.gaussianNoise({ stddev: 0 })],
  ];
  for (const [name, inputShape, create] of cases) {
    it(`agrees for ${name}`, async () => {
      await onBothBackends(name, () => layerGradients(inputShape, create));
    });
  }

  for (const [name, merge] of Object.entries({
    add: () => tf.layers.add(),
    average: () => tf.layers.average(),
    multiply: () => tf.layers.multiply(),
    maximum: () => tf.layers.maximum(),
    minimum: () => tf.layers.minimum(),
    concatenate: () => tf.layers.concatenate(),
  })) {
    it(`agrees for ${name}`, async () => {
      await onBothBackends(name, () =>
        tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.square(merge().apply([a, b]) as tf.Tensor).sum())([
          wave([2, ...picture], 1),
          wave([2, ...picture], 2),
        ]),
      );
    });
  }

  it('agrees for embedding', async () => {
    await onBothBackends('embedding', () => {
      const layer = tf.layers.embedding({ inputDim: 7, outputDim: 3 });
      const tokens = tf.tensor2d(
        [
          [1, 2, 2],
          [6, 0, 1],
        ],
        [2, 3],
        'int32',
      );
      layer.apply(tokens);
      layer.setWeights([wave([7, 3], 1)]);
      return weightGradients(layer, tokens);
    });
  });

  for (const loss of [
    'categoricalCrossentropy',
    'sparseCategoricalCrossentropy',
    'meanSquaredError',
    'kullbackLeiblerDivergence',
  ] as const) {
    it(`agrees for ${loss}`, async () => {
      const trained: Float32Array[][] = [];
      for (const backend of ['cpu', 'wasm']) {
        await tf.setBackend(backend);
        const model = tf.sequential({
          layers: [tf.layers.dense({ inputShape: [6], units: 4, activation: 'softmax' })],
        });
        model.compile({ optimizer: tf.train.sgd(1), loss });
        model.setWeights([wave([6, 4], 1), wave([4], 2)]);
        const labels = tf.tensor1d([0, 3, 1], 'int32');
        const y = loss.startsWith('sparse')
          ? labels.toFloat().reshape([3, 1])
          : tf.oneHot(labels, 4).toFloat();
        await model.trainOnBatch(wave([3, 6], 3), y);
        trained.push(model.getWeights().map((weight) => weight.dataSync() as Float32Array));
      }
      const [expected = [], actual = []] = trained;
      assertClose(actual, expected, loss);
    });
  }
});

function layerGradients(inputShape: number[], create: () => tf.layers.Layer): tf.Tensor[] {
  const x = wave([2, ...inputShape], 1);
  const layer = create();
  layer.apply(x);
  const names = layer.getWeights();
  layer.setWeights(
    names.map((weight, i) => tf.add(wave(weight.shape, i + 2), weight.shape.length === 1 ? 0.8 : 0)),
  );
  const forInput = tf.grad((input: tf.Tensor) =>
    tf.square(layer.apply(input, { training: true }) as tf.Tensor).sum(),
  )(x);
  return [forInput, ...weightGradients(layer, x)];
}

function weightGradients(layer: tf.layers.Layer, x: tf.Tensor): tf.Tensor[] {
  if (layer.trainableWeights.length === 0) return [];
  const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
  const { grads } = tf.variableGrads(
    () => tf.square(layer.apply(x, { training: true }) as tf.Tensor).sum() as tf.Scalar,
    variables,
  );
  return variables.map((variable) => grads[variable.name]).filter((gradient) => gradient !== undefined);
}
