import * as tf from '@tensorflow/tfjs';

/**
 * Puts another kernel in the place of one that a backend has; does nothing where it has none. Keeps the original's
 * `setupFunc`: a replacement may call the original.
 */
export function replaceKernel(
  kernelName: string,
  backend: 'cpu' | 'wasm',
  replacement: (original: tf.KernelFunc) => tf.KernelFunc,
): void {
  const original = tf.getKernel(kernelName, backend);
  if (!original) return;
  tf.unregisterKernel(kernelName, backend);
  tf.registerKernel({ ...original, kernelFunc: replacement(original.kernelFunc) });
}
