/** Real ONNX models for tests: Debian's libonnx-testdata, the test suite of the ONNX project (Apache-2.0). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Tensor } from 'onnxruntime-node';
import type { TensorMessage } from '../../model-graph/onnx/messages';
import { elementTypeName, readNumbers } from '../../model-graph/onnx/tensors';
import { decodeModel } from '../../model-graph/onnx/wire';

export const onnxTestData = '/usr/share/libonnx-testdata/data';
export const onnxTestDataMissing =
  'the package libonnx-testdata is not installed (apt-get install libonnx-testdata)';

/** Folders with a model.onnx each; empty where the package is not installed. */
export function onnxTestFolders(): string[] {
  if (!existsSync(onnxTestData)) return [];
  return readdirSync(onnxTestData)
    .flatMap((group) =>
      readdirSync(path.join(onnxTestData, group)).map((name) => path.join(onnxTestData, group, name)),
    )
    .filter((folder) => existsSync(path.join(folder, 'model.onnx')))
    .sort();
}

/** The inputs that belong to the model of a test folder, in order; undefined where one is no tensor. */
export function onnxTestInputs(folder: string): TensorMessage[] | undefined {
  const data = path.join(folder, 'test_data_set_0');
  if (!existsSync(data)) return undefined;
  const files = readdirSync(data).filter((file) => /^input_\d+\.pb$/.test(file));
  try {
    return files
      .sort((one, other) => Number(one.match(/\d+/)![0]) - Number(other.match(/\d+/)![0]))
      .map((file) => decodeTensor(readFileSync(path.join(data, file))));
  } catch {
    return undefined;
  }
}

/** A tensor's bytes as the only initializer of a model. */
function decodeTensor(bytes: Uint8Array): TensorMessage {
  const field = (number: number, content: Uint8Array) => {
    const head = [(number << 3) | 2];
    for (let rest = content.length; ; rest >>>= 7) {
      head.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) return Buffer.concat([Buffer.from(head), content]);
    }
  };
  const tensor = decodeModel(field(7, field(5, bytes))).graph?.initializer?.[0];
  if (!tensor?.dataType) throw new Error('no tensor');
  return tensor;
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  bool: Uint8Array,
  float16: Uint16Array,
} as const;

/** undefined for types that onnxruntime-node does not take. */
export function toRuntimeTensor(message: TensorMessage): Tensor | undefined {
  const type = elementTypeName(message.dataType ?? 0) as keyof typeof arrays | 'string';
  const dims = message.dims ?? [];
  if (type === 'string') {
    const texts = (message.stringData ?? []).map((text) => Buffer.from(text).toString());
    return new Tensor('string', texts, dims);
  }
  const ArrayOfType = arrays[type];
  if (!ArrayOfType) return undefined;
  const { rawData } = message;
  if (!rawData || rawData.length === 0) {
    const numbers = readNumbers(message);
    if (!numbers) return undefined;
    const big = ArrayOfType === BigInt64Array || ArrayOfType === BigUint64Array;
    const values = big ? numbers.map(BigInt) : numbers;
    return new Tensor(type, (ArrayOfType as unknown as { from(list: unknown[]): never }).from(values), dims);
  }
  const copy = Uint8Array.from(rawData);
  return new Tensor(type, new ArrayOfType(copy.buffer) as never, dims);
}
