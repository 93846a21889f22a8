/** Shrunk programs of the random test, each kept since the day it failed. */
export const keptPrograms: Record<string, string> = {
  'an input that no output needs is not among the layers': `
const input0 = tf.input({ shape: [3, 8, 4] });
const input1 = tf.input({ shape: [7, 6, 5] });
const t2 = tf.layers.leakyReLU({ alpha: 0.1 }).apply(input0);
const model3 = tf.model({ inputs: [input0, input1], outputs: t2 });`,
  'a model that is the first layer of another keeps its own output': `
const input0 = tf.input({ shape: [3, 8, 4] });
const t1 = tf.layers.dense({ units: 1, useBias: false }).apply(input0);
const model2 = tf.model({ inputs: input0, outputs: t1 });
const model3 = tf.sequential();
model3.add(model2);
model3.add(tf.layers.dense({ units: 3 }));`,
  'a shared layer is rejected where it is applied': `
const input0 = tf.input({ shape: [4, 3, 8] });
const shared1 = tf.layers.permute({ dims: [2, 1] });
const t2 = shared1.apply(input0);`,
  'layer normalization takes a second input of another size': `
const input0 = tf.input({ shape: [7, 4] });
const input1 = tf.input({ shape: [9, 3] });
const shared2 = tf.layers.layerNormalization({  });
const t3 = shared2.apply(input0);
const t4 = shared2.apply(input1);
const model5 = tf.model({ inputs: [input0, input1], outputs: [t3, t4] });`,
  'an emptied model cannot be a layer': `
const model0 = tf.sequential();
model0.add(tf.layers.activation({ activation: 'tanh', inputShape: [4] }));
model0.pop();
const model1 = tf.sequential();
model1.add(model0);`,
  'a wrapper is as trainable as the layer it wraps': `
const model0 = tf.sequential();
model0.add(tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }), mergeMode: 'concat', trainable: false, inputShape: [3, 7] }));`,
  'a model with an output below zero is found out by the layer behind it': `
const input0 = tf.input({ shape: [4, 7, 7] });
const t1 = tf.layers.averagePooling2d({ poolSize: [3, 2], strides: 2 }).apply(input0);
const t2 = tf.layers.separableConv2d({ filters: 2, kernelSize: 3 }).apply(t1);
const model3 = tf.model({ inputs: input0, outputs: t2 });
const model4 = tf.sequential();
model4.add(model3);
model4.add(tf.layers.flatten({  }));`,
};
