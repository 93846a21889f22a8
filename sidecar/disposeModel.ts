import type * as tf from '@tensorflow/tfjs';

/** Frees a model's weights, also those of layers that are called more than once: tfjs counts their calls, and keeps them. */
export function disposeModel(model: tf.LayersModel): void {
  const values = model.weights.map((weight) => weight.read());
  model.dispose();
  for (const value of values) if (!value.isDisposed) value.dispose();
}
