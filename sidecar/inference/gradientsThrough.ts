/** What tfjs needs for gradients beyond what a layer needs to be computed. */
import * as tf from '@tensorflow/tfjs';

interface BatchNormalization {
  gamma: { read(): tf.Tensor } | undefined;
  beta: { read(): tf.Tensor } | undefined;
  movingMean: { read(): tf.Tensor };
}

/**
 * Computes with ones and zeros in place of the gamma and beta that a batch normalization has not: the gradient of
 * tfjs-core gradients/FusedBatchNorm_grad.ts reads both. To be called within `tf.tidy` or a gradient.
 */
export function withGammaAndBeta<Result>(layer: tf.layers.Layer, compute: () => Result): Result {
  if (layer.getClassName() !== 'BatchNormalization') return compute();
  const holder = layer as unknown as BatchNormalization;
  const { gamma, beta, movingMean } = holder;
  holder.gamma ??= { read: () => tf.onesLike(movingMean.read()) };
  holder.beta ??= { read: () => tf.zerosLike(movingMean.read()) };
  try {
    return compute();
  } finally {
    holder.gamma = gamma;
    holder.beta = beta;
  }
}
