/** A layer's own activation on a few numbers, as tfjs computes it. */
import * as tf from '@tensorflow/tfjs';

/** The name of the layer's activation: `linear` where it has none. */
export function activationName(layer: tf.layers.Layer): string {
  const name = layer.getConfig()['activation'];
  return typeof name === 'string' ? name : 'linear';
}

/** Applied to each number by itself; `softmax` needs all of a layer's numbers and is not for this. */
export async function activate(name: string, value: number): Promise<number> {
  if (name === 'linear') return value;
  const result = tf.tidy(() => {
    const layer = tf.layers.activation({ activation: name as 'relu' });
    return layer.apply(tf.tensor2d([[value]])) as tf.Tensor;
  });
  const [activated = Number.NaN] = await result.data();
  result.dispose();
  return activated;
}
