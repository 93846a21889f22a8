/**
 * VGG-16: configuration D of Simonyan and Zisserman, "Very deep convolutional networks for large-scale image
 * recognition", 2014. Nothing but 3×3 kernels, stacked: two of them see as far as one 5×5 kernel, three as far as one
 * 7×7, with fewer parameters and more non-linearities. 138,357,544 parameters.
 */
import * as tf from '@tensorflow/tfjs';

/** Filters and number of convolutions of each stage; a pooling that halves the size ends it. */
const stages = [
  [64, 2],
  [128, 2],
  [256, 3],
  [512, 3],
  [512, 3],
] as const;

export function createVgg16(classes = 1000): tf.Sequential {
  const model = tf.sequential({ name: 'vgg16' });
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
