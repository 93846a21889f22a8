/**
 * VGG-19: configuration E of Simonyan and Zisserman, "Very deep convolutional networks for large-scale image
 * recognition", 2014. VGG-16 with a fourth convolution in each of the last three stages. 143,667,240 parameters.
 */
import * as tf from '@tensorflow/tfjs';

/** Filters and number of convolutions of each stage; a pooling that halves the size ends it. */
const stages = [
  [64, 2],
  [128, 2],
  [256, 4],
  [512, 4],
  [512, 4],
] as const;

export function createVgg19(classes = 1000): tf.Sequential {
  const model = tf.sequential({ name: 'vgg19' });
  stages.forEach(([filters, convolutions], stage) => {
    for (let i = 0; i < convolutions; i++) {
      model.add(
        tf.layers.conv2d({
          name: `block${stage + 1}_conv${i + 1}`,
          inputShape: stage === 0 && i === 0 ? [224, 224, 3] : undefined,
          filters,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
        }),
      );
    }
    model.add(tf.layers.maxPooling2d({ name: `block${stage + 1}_pool`, poolSize: 2, strides: 2 }));
  });
  model.add(tf.layers.flatten());
  for (let i = 0; i < 2; i++) {
    model.add(tf.layers.dense({ units: 4096, activation: 'relu' }));
    model.add(tf.layers.dropout({ rate: 0.5 }));
  }
  model.add(tf.layers.dense({ units: classes, activation: 'softmax' }));
  return model;
}
