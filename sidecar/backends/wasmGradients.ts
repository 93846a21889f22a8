/**
 * The kernels that tfjs-backend-wasm 4.22 lacks and training needs.
 *
 * A convolution's filter gradient, where nearly all the time of training goes, is composed from wasm's own fast
 * kernels. Every other missing kernel is computed by the `cpu` backend's kernel on copies of the data: slower, but rare
 * in practice and always right.
 */
import * as tf from '@tensorflow/tfjs';
import { computeOnCpu, type Storage } from './cpuFallback';

type KernelArguments = Parameters<tf.KernelFunc>[0];
type TensorInfo = tf.TensorInfo;

/** Registers every missing kernel; safe to call twice. Returns the names of those that fall back to `cpu`. */
export function registerMissingKernels(): string[] {
  const present = new Set(tf.getKernelsForBackend('wasm').map((kernel) => kernel.kernelName));
  if (!present.has('Conv2DBackpropFilter')) {
    tf.registerKernel({
      kernelName: 'Conv2DBackpropFilter',
      backendName: 'wasm',
      kernelFunc: conv2DBackpropFilter,
    });
    present.add('Conv2DBackpropFilter');
  }
  const fallbacks: string[] = [];
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    if (present.has(kernel.kernelName) || !computesOnPlainNumbers(kernel.kernelName)) continue;
    tf.registerKernel({
      kernelName: kernel.kernelName,
      backendName: 'wasm',
      kernelFunc: (given) => computeOnCpu(kernel.kernelFunc, given),
    });
    fallbacks.push(kernel.kernelName);
  }
  return fallbacks;
}

/** Complex tensors are pairs that live in one backend, and `Draw` needs a canvas: neither can be copied over. */
function computesOnPlainNumbers(kernelName: string): boolean {
  return !['Complex', 'ComplexAbs', 'Draw', 'FFT', 'IFFT', 'Imag', 'Real'].includes(kernelName);
}

/**
 * dL/dfilter of a convolution is itself a convolution: of the input by dL/dy, with batch and channels swapped and the
 * stride become a dilation. x [B, H, W, Cin], dy [B, OH, OW, Cout] → [KH, KW, Cin, Cout].
 */
function conv2DBackpropFilter({ inputs, backend, attrs }: KernelArguments): TensorInfo {
  const x = inputs['x'] as TensorInfo;
  const dy = inputs['dy'] as TensorInfo;
  const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as {
    strides: number | [number, number];
    pad: 'valid' | 'same' | number;
    dataFormat: 'NHWC' | 'NCHW';
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
    filterShape: [number, number, number, number];
  };
  if (dataFormat === 'NCHW') throw new Error('Training on WebAssembly needs channelsLast convolutions.');
  const conv = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const [batch, height, width] = x.shape as [number, number, number, number];
  const temporary: TensorInfo[] = [];
  const run = (
    kernelName: string,
    kernelInputs: Record<string, TensorInfo>,
    kernelAttributes: object,
  ): TensorInfo => {
    const kernel = tf.getKernel(kernelName, 'wasm');
    return kernel.kernelFunc({
      inputs: kernelInputs,
      backend,
      attrs: kernelAttributes as tf.NamedAttrMap,
    }) as TensorInfo;
  };
  const runTemporary: typeof run = (...given) => {
    const result = run(...given);
    temporary.push(result);
    return result;
  };

  // Exactly the rows and columns the strided convolution looks at: then the swapped, unpadded convolution gives exactly
  // KH×KW.
  const rows = (conv.outHeight - 1) * conv.strideHeight + conv.filterHeight;
  const columns = (conv.outWidth - 1) * conv.strideWidth + conv.filterWidth;
  const { top, left } = conv.padInfo;
  const bottom = Math.max(0, rows - height - top);
  const right = Math.max(0, columns - width - left);
  let seen = x;
  if (top > 0 || left > 0 || bottom > 0 || right > 0) {
    const paddings = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    seen = runTemporary('PadV2', { x: seen }, { paddings, constantValue: 0 });
  }
  if (seen.shape[1] !== rows || seen.shape[2] !== columns) {
    seen = runTemporary(
      'Slice',
      { x: seen },
      { begin: [0, 0, 0, 0], size: [batch, rows, columns, conv.inChannels] },
    );
  }
  const swappedInput = runTemporary('Transpose', { x: seen }, { perm: [3, 1, 2, 0] }); // [Cin, H, W, B]
  const swappedDy = runTemporary('Transpose', { x: dy }, { perm: [1, 2, 0, 3] }); // [OH, OW, B, Cout]
  const gradient = runTemporary(
    'Conv2D',
    { x: swappedInput, filter: swappedDy },
    { strides: [1, 1], pad: 'valid', dilations: [conv.strideHeight, conv.strideWidth], dataFormat: 'NHWC' },
  ); // [Cin, KH, KW, Cout]
  const result = run('Transpose', { x: gradient }, { perm: [1, 2, 0, 3] });
  const storage = backend as unknown as Storage;
  for (const tensor of temporary) storage.disposeData(tensor.dataId);
  return result;
}
