/**
 * Proves a backend by what it is there for: one training step of a small network with a convolution and a dense layer,
 * on fixed numbers, compared with the `cpu` backend. And measures it, with a step of LeNet-5.
 */
import { performance } from 'node:perf_hooks';
import * as tf from '@tensorflow/tfjs';

/** Largest difference of a weight that is still rounding: a step's weights are about 0.1 to 1. */
const maximumDifference = 1e-4;

/**
 * Runs the step on `backend`, a name of tfjs, and on `cpu`. Leaves `backend` set.
 * @returns the largest difference of any weight after it
 * @throws when it is more than rounding, or the backend does not start
 */
export async function prove(backend: string): Promise<number> {
  const expected = await trainingStep('cpu');
  const actual = await trainingStep(backend);
  let difference = 0;
  for (const [i, value] of expected.entries()) {
    const off = Math.abs(value - (actual[i] ?? Number.NaN));
    if (!(off <= difference)) difference = off;
  }
  if (!(difference <= maximumDifference))
    throw new Error(`a training step differs by ${difference} from plain JavaScript`);
  return difference;
}

async function trainingStep(backend: string): Promise<number[]> {
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} does not start`);
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [9, 8, 2],
        filters: 3,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        activation: 'tanh',
      }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });
  const optimizer = tf.train.sgd(0.5);
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const weights = model.getWeights().map((weight, i) => wave(weight.shape, i + 1));
  model.setWeights(weights);
  const x = wave([3, 9, 8, 2], 7);
  const y = tf.oneHot(tf.tensor1d([0, 3, 1], 'int32'), 4);
  try {
    await model.trainOnBatch(x, y);
    // Not `dataSync`: a graphics card is read asynchronously only.
    const values = await Promise.all(model.getWeights().map((weight) => weight.data()));
    return values.flatMap((value) => Array.from(value));
  } finally {
    tf.dispose([...weights, x, y]);
    model.dispose();
    optimizer.dispose();
  }
}

/** Fixed, unremarkable numbers in −0.5 … 0.5. */
function wave(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233) / 2);
  return tf.tensor(values, shape);
}

const measuredSteps = 12;
const batchSize = 64;

/** Milliseconds that a training step of LeNet-5 with 64 digits takes on the backend that is set: the median of some. */
export async function measureStep(): Promise<number> {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [32, 32, 1], filters: 6, kernelSize: 5, activation: 'tanh' }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 16, kernelSize: 5, activation: 'tanh' }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.conv2d({ filters: 120, kernelSize: 5, activation: 'tanh' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 84, activation: 'tanh' }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const x = wave([batchSize, 32, 32, 1], 3);
  const labels = Array.from({ length: batchSize }, (_, i) => i % 10);
  const y = tf.oneHot(tf.tensor1d(labels, 'int32'), 10);
  const milliseconds: number[] = [];
  // The first steps compile and allocate.
  for (let step = -3; step < measuredSteps; step++) {
    const started = performance.now();
    await model.trainOnBatch(x, y);
    if (step >= 0) milliseconds.push(performance.now() - started);
  }
  tf.dispose([x, y]);
  model.dispose();
  milliseconds.sort((a, b) => a - b);
  return milliseconds[measuredSteps / 2] ?? Number.NaN;
}
