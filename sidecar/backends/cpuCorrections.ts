/**
 * Kernels that tfjs-backend-cpu 4.22 has but computes wrongly, found by comparing with TensorFlow's (tfjs-node) and with
 * finite differences (test/sidecar/gradients.test.ts):
 *
 * - `ResizeNearestNeighborGrad` (upSampling2d) steps from one example's gradients to the next as if they had the input's
 *   size, so that all but the first are wrong.
 * - `ResizeBilinearGrad` has the right values, and says height for width: tfjs refuses it where they differ.
 */
import type * as tf from '@tensorflow/tfjs';
import type { Storage } from './cpuFallback';
import { replaceKernel } from './replaceKernel';

type KernelArguments = Parameters<tf.KernelFunc>[0];
type TensorInfo = tf.TensorInfo;
type Shape4D = [number, number, number, number];

let corrected = false;

/** Replaces the wrong kernels; a second call does nothing. */
export function correctCpuKernels(): void {
  if (corrected) return;
  corrected = true;
  replaceKernel('ResizeNearestNeighborGrad', 'cpu', exampleByExample);
  replaceKernel('ResizeBilinearGrad', 'cpu', (original) => (given) => {
    const result = original(given) as TensorInfo;
    return { ...result, shape: (given.inputs['images'] as TensorInfo).shape };
  });
}

/** The kernel on each example by itself. */
function exampleByExample(original: tf.KernelFunc): tf.KernelFunc {
  return (given: KernelArguments): TensorInfo => {
    const images = given.inputs['images'] as TensorInfo;
    const dy = given.inputs['dy'] as TensorInfo;
    const storage = given.backend as unknown as Storage;
    const [batch, ...size] = images.shape as Shape4D;
    const one = (tensor: TensorInfo, example: number): TensorInfo => {
      const values = storage.readSync(tensor.dataId) as Float32Array;
      const length = values.length / batch;
      const shape = [1, ...tensor.shape.slice(1)];
      const part = values.subarray(example * length, (example + 1) * length);
      return { dataId: storage.write(part, shape, tensor.dtype), shape, dtype: tensor.dtype };
    };
    const gradients = new Float32Array(batch * size.reduce((product, length) => product * length, 1));
    for (let example = 0; example < batch; example++) {
      const inputs = { images: one(images, example), dy: one(dy, example) };
      const result = original({ ...given, inputs }) as TensorInfo;
      gradients.set(storage.readSync(result.dataId) as Float32Array, (example * gradients.length) / batch);
      for (const tensor of [inputs.images, inputs.dy, result]) storage.disposeData(tensor.dataId);
    }
    return {
      dataId: storage.write(gradients, images.shape, images.dtype),
      shape: images.shape,
      dtype: images.dtype,
    };
  };
}
