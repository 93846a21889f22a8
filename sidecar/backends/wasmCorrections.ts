/**
 * Kernels that tfjs-backend-wasm 4.22 has but computes wrongly, found by comparing random configurations with the `cpu`
 * backend and with finite differences (test/sidecar/gradients.test.ts):
 *
 * - `MaxPoolGrad` is wrong wherever a window has no positive value or leaves cells uncovered.
 * - `MaxPool3D`, `MaxPool3DGrad`, `Conv3DBackpropInputV2`, `Conv3DBackpropFilterV2` are wrong for most shapes.
 * - A convolution with `padding: 'same'` whose stride exceeds its kernel looks at the wrong cells, where the last
 *   stride reaches beyond the input.
 */
import * as tf from '@tensorflow/tfjs';
import { computeOnCpu, type Storage } from './cpuFallback';
import { replaceKernel } from './replaceKernel';

type KernelArguments = Parameters<tf.KernelFunc>[0];
type TensorInfo = tf.TensorInfo;
type Shape4D = [number, number, number, number];

const computedOnCpu = ['MaxPool3D', 'MaxPool3DGrad', 'Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'];
const convolutions = ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D'];

let corrected = false;

/** Replaces the wrong kernels; a second call does nothing. */
export function correctKernels(): void {
  if (corrected) return;
  corrected = true;
  replaceKernel('MaxPoolGrad', 'wasm', () => maxPoolGrad);
  for (const kernelName of computedOnCpu) {
    const { kernelFunc } = tf.getKernel(kernelName, 'cpu');
    replaceKernel(kernelName, 'wasm', () => (given) => computeOnCpu(kernelFunc, given));
  }
  for (const kernelName of convolutions) replaceKernel(kernelName, 'wasm', onCellsInReach);
}

/** The gradient goes to the first largest cell of each window, as in tfjs-backend-cpu utils/pool_utils.ts maxPoolPositions. */
function maxPoolGrad({ inputs, backend, attrs }: KernelArguments): TensorInfo {
  const dy = inputs['dy'] as TensorInfo;
  const input = inputs['input'] as TensorInfo;
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as {
    filterSize: number | [number, number];
    strides: number | [number, number];
    pad: 'valid' | 'same' | number;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  const pool = tf.backend_util.computePool2DInfo(
    input.shape as Shape4D,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { inHeight, inWidth, inChannels: channels, outHeight, outWidth, padInfo } = pool;
  const storage = backend as unknown as Storage;
  const x = storage.readSync(input.dataId) as Float32Array;
  const gradient = storage.readSync(dy.dataId) as Float32Array;
  const dx = new Float32Array(x.length);
  for (let batch = 0; batch < pool.batchSize; batch++) {
    for (let row = 0; row < outHeight; row++) {
      const top = row * pool.strideHeight - padInfo.top;
      const firstRow = Math.max(0, top);
      const lastRow = Math.min(inHeight, top + pool.effectiveFilterHeight);
      for (let column = 0; column < outWidth; column++) {
        const left = column * pool.strideWidth - padInfo.left;
        const firstColumn = Math.max(0, left);
        const lastColumn = Math.min(inWidth, left + pool.effectiveFilterWidth);
        const out = ((batch * outHeight + row) * outWidth + column) * channels;
        for (let channel = 0; channel < channels; channel++) {
          let largest = Number.NEGATIVE_INFINITY;
          let at = -1;
          for (let y = firstRow; y < lastRow; y++) {
            let cell = ((batch * inHeight + y) * inWidth + firstColumn) * channels + channel;
            for (let column = firstColumn; column < lastColumn; column++, cell += channels) {
              const value = x[cell] as number;
              if (value > largest) {
                largest = value;
                at = cell;
              }
            }
          }
          if (at >= 0) dx[at] = (dx[at] as number) + (gradient[out + channel] as number);
        }
      }
    }
  }
  return { dataId: storage.write(dx, input.shape, 'float32'), shape: input.shape, dtype: 'float32' };
}

/** Cuts off the rows and columns that no window reaches; what is left needs no padding on that axis. */
function onCellsInReach(original: tf.KernelFunc): tf.KernelFunc {
  return (given) => {
    const x = given.inputs['x'] as TensorInfo;
    const filter = given.inputs['filter'] as TensorInfo;
    const { strides, pad, dataFormat, dilations } = given.attrs as unknown as {
      strides: number | [number, number];
      pad: unknown;
      dataFormat?: string;
      dilations?: number | [number, number];
    };
    if (pad !== 'same' || dataFormat === 'NCHW') return original(given);
    const [strideHeight, strideWidth] = pair(strides);
    const [dilationHeight, dilationWidth] = pair(dilations ?? 1);
    const [batch, height, width, channels] = x.shape as Shape4D;
    const [filterHeight, filterWidth] = filter.shape as Shape4D;
    const rows = reach(height, filterHeight, strideHeight, dilationHeight);
    const columns = reach(width, filterWidth, strideWidth, dilationWidth);
    if (rows >= height && columns >= width) return original(given);
    const slice = tf.getKernel('Slice', 'wasm').kernelFunc;
    const seen = slice({
      inputs: { x },
      backend: given.backend,
      attrs: {
        begin: [0, 0, 0, 0],
        size: [batch, Math.min(rows, height), Math.min(columns, width), channels],
      },
    }) as TensorInfo;
    const result = original({ ...given, inputs: { ...given.inputs, x: seen } as KernelArguments['inputs'] });
    (given.backend as unknown as Storage).disposeData(seen.dataId);
    return result;
  };
}

/** Cells from the first window's start to the last one's end, without padding. */
function reach(size: number, filter: number, stride: number, dilation: number): number {
  return (Math.ceil(size / stride) - 1) * stride + (filter - 1) * dilation + 1;
}

function pair(value: number | [number, number]): [number, number] {
  return typeof value === 'number' ? [value, value] : value;
}
