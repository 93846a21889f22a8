/**
 * LeNet-5 (LeCun, Bottou, Bengio, Haffner: "Gradient-based learning applied to document recognition", 1998),
 * as it is commonly written today: tanh units, average pooling, softmax at the end.
 *
 * 32×32 grey pixels in, ten digits out, 61,706 parameters. Sizes shrink, channels grow.
 */
import * as tf from '@tensorflow/tfjs';

export function createLeNet5(): tf.Sequential {
  const model = tf.sequential({ name: 'lenet5' });

  // C1: six 5×5 kernels, shared by all positions: 156 parameters for 4,704 outputs.
  model.add(
    tf.layers.conv2d({ inputShape: [32, 32, 1], filters: 6, kernelSize: 5, activation: 'tanh' }),
  );
  model.add(tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }));

  // C3: sixteen kernels over all six maps.
  model.add(tf.layers.conv2d({ filters: 16, kernelSize: 5, activation: 'tanh' }));
  model.add(tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }));

  // C5: its 5×5 kernels cover the whole 5×5 map, so it is a dense layer in disguise.
  model.add(tf.layers.conv2d({ filters: 120, kernelSize: 5, activation: 'tanh' }));
  model.add(tf.layers.flatten());

  model.add(tf.layers.dense({ units: 84, activation: 'tanh' }));
  model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));

  model.compile({
    optimizer: tf.train.adam(0.001),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}
