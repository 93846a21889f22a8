/**
 * AlexNet (Krizhevsky, Sutskever, Hinton: "ImageNet classification with deep convolutional neural networks", 2012),
 * in one tower: every convolution sees all channels. 62,378,344 parameters, most of them in the first dense layer.
 */
import * as tf from '@tensorflow/tfjs';

export function createAlexNet(classes = 1000): tf.Sequential {
  const model = tf.sequential({ name: 'alexnet' });

  // A large kernel with a stride of 4: 227 becomes 55 in one step.
  model.add(
    tf.layers.conv2d({
      inputShape: [227, 227, 3],
      filters: 96,
      kernelSize: 11,
      strides: 4,
      activation: 'relu',
    }),
  );
  // Overlapping pooling: windows of 3 that are 2 apart.
  model.add(tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }));

  model.add(tf.layers.conv2d({ filters: 256, kernelSize: 5, padding: 'same', activation: 'relu' }));
  model.add(tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }));

  for (const filters of [384, 384, 256]) {
    model.add(tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }));
  }
  model.add(tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }));
  model.add(tf.layers.flatten());

  // Dropout against overfitting, where the parameters are.
  for (let i = 0; i < 2; i++) {
    model.add(tf.layers.dense({ units: 4096, activation: 'relu' }));
    model.add(tf.layers.dropout({ rate: 0.5 }));
  }
  model.add(tf.layers.dense({ units: classes, activation: 'softmax' }));
  return model;
}
