/**
 * AlexNet as the paper has it: split over two GPUs. Convolutions 2, 4 and 5 see only the half of the channels that their
 * own GPU holds; convolution 3 and the dense layers see both. 60,965,224 parameters.
 */
import * as tf from '@tensorflow/tfjs';

/** Gives one half of the channels, so that each tower goes on with its own. */
class HalfOfChannels extends tf.layers.Layer {
  static className = 'HalfOfChannels';

  constructor(private readonly half: 0 | 1) {
    super({});
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const channels = inputShape[inputShape.length - 1] as number;
    return [...inputShape.slice(0, -1), channels / 2];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tf.split(x, 2, -1)[this.half]!;
  }
}
tf.serialization.registerClass(HalfOfChannels);

/** A convolution in two towers: each of them makes half of the filters from half of the channels. */
function inTwoTowers(x: tf.SymbolicTensor, filters: number, kernelSize: number): tf.SymbolicTensor {
  const towers = ([0, 1] as const).map((half) => {
    const own = new HalfOfChannels(half).apply(x);
    return tf.layers
      .conv2d({ filters: filters / 2, kernelSize, padding: 'same', activation: 'relu' })
      .apply(own) as tf.SymbolicTensor;
  });
  return tf.layers.concatenate().apply(towers) as tf.SymbolicTensor;
}

export function createTwoTowerAlexNet(classes = 1000): tf.LayersModel {
  const pool = (x: tf.SymbolicTensor) =>
    tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }).apply(x) as tf.SymbolicTensor;

  const image = tf.input({ shape: [227, 227, 3] });
  let x = tf.layers
    .conv2d({ filters: 96, kernelSize: 11, strides: 4, activation: 'relu' })
    .apply(image) as tf.SymbolicTensor;
  x = inTwoTowers(pool(x), 256, 5);
  // The one convolution in which the two GPUs talk to each other.
  x = tf.layers
    .conv2d({ filters: 384, kernelSize: 3, padding: 'same', activation: 'relu' })
    .apply(pool(x)) as tf.SymbolicTensor;
  x = inTwoTowers(x, 384, 3);
  x = inTwoTowers(x, 256, 3);
  x = tf.layers.flatten().apply(pool(x)) as tf.SymbolicTensor;
  for (let i = 0; i < 2; i++) {
    x = tf.layers.dense({ units: 4096, activation: 'relu' }).apply(x) as tf.SymbolicTensor;
    x = tf.layers.dropout({ rate: 0.5 }).apply(x) as tf.SymbolicTensor;
  }
  const scores = tf.layers
    .dense({ units: classes, activation: 'softmax' })
    .apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: image, outputs: scores, name: 'alexnet_two_towers' });
}
