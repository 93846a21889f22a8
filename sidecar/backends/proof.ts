/**
 * Proves a backend by what it is there for: one training step of a small network with a convolution and a dense layer,
 * on fixed numbers, compared with the `cpu` backend.
 */
import * as tf from '@tensorflow/tfjs';

/** Largest difference of a weight that is still rounding: a step's weights are about 0.1 to 1. */
export const maximumDifference = 1e-4;

/** Runs the step on `backend` and on `cpu`; the largest difference of any weight after it. Leaves `backend` set. */
export async function differenceFromCpu(backend: string): Promise<number> {
  const expected = await trainingStep('cpu');
  const actual = await trainingStep(backend);
  let difference = 0;
  for (const [i, value] of expected.entries()) {
    const off = Math.abs(value - (actual[i] ?? Number.NaN));
    if (!(off <= difference)) difference = off;
  }
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
    return model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
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
