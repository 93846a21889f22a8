/** Lends another backend a kernel of the `cpu` backend: on copies of the data, so slower, but right. */
import * as tf from '@tensorflow/tfjs';

type KernelArguments = Parameters<tf.KernelFunc>[0];
type TensorInfo = tf.TensorInfo;

/** What of a backend the kernels here use; both `wasm` and `cpu` have it. */
export interface Storage {
  write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object;
  readSync(dataId: object): tf.backend_util.BackendValues;
  disposeData(dataId: object, force?: boolean): boolean;
}

/** Copies the inputs to the `cpu` backend, runs its kernel there and copies the results back. */
export function computeOnCpu(
  kernelFunc: tf.KernelFunc,
  { inputs, backend, attrs }: KernelArguments,
): TensorInfo | TensorInfo[] {
  const here = backend as unknown as Storage;
  const cpuBackend = tf.findBackend('cpu');
  const cpu = cpuBackend as unknown as Storage;
  const copies: TensorInfo[] = [];
  const toCpu = (tensor: TensorInfo): TensorInfo => {
    const copy = {
      dataId: cpu.write(here.readSync(tensor.dataId), tensor.shape, tensor.dtype),
      shape: tensor.shape,
      dtype: tensor.dtype,
    };
    copies.push(copy);
    return copy;
  };
  const fromCpu = (tensor: TensorInfo): TensorInfo => {
    const values = cpu.readSync(tensor.dataId);
    cpu.disposeData(tensor.dataId);
    return {
      dataId: here.write(values, tensor.shape, tensor.dtype),
      shape: tensor.shape,
      dtype: tensor.dtype,
    };
  };
  const cpuInputs: Record<string, TensorInfo | TensorInfo[]> = {};
  for (const [name, input] of Object.entries(inputs)) {
    if (Array.isArray(input)) cpuInputs[name] = (input as TensorInfo[]).map(toCpu);
    else if (input) cpuInputs[name] = toCpu(input as TensorInfo);
  }
  try {
    const result = kernelFunc({ inputs: cpuInputs as KernelArguments['inputs'], backend: cpuBackend, attrs });
    return Array.isArray(result) ? result.map(fromCpu) : fromCpu(result);
  } finally {
    for (const copy of copies) cpu.disposeData(copy.dataId);
  }
}
