/** The numbers of an ONNX model's weights, read where they lie: a dense layer's may be hundreds of megabytes. */
import type { TensorMessage } from '../../model-graph/onnx/messages';
import { elementCount, elementTypes } from '../../model-graph/onnx/tensors';
import type { OnnxFile } from './onnxFile';
import { fromHalf } from './onnxTensors';

export interface WeightTensor {
  dims: readonly number[];
  at(place: number): number;
}

const widths: Record<number, number> = {
  [elementTypes.float32]: 4,
  [elementTypes.float64]: 8,
  [elementTypes.float16]: 2,
};

/** An initializer or a Constant's value; undefined where it is neither, or its numbers are no fractions. */
export function weightIn(file: OnnxFile, name: string): WeightTensor | undefined {
  const tensor =
    (file.graph.initializer ?? []).find((one) => one.name === name) ??
    file.inferred.nodes
      .find(({ message }) => message.opType === 'Constant' && message.output?.[0] === name)
      ?.call.attributes.tensor('value');
  const width = widths[tensor?.dataType ?? 0];
  const bytes = tensor && width && bytesOf(tensor, file);
  if (!tensor || !bytes || bytes.length !== elementCount(tensor.dims) * width) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read: Record<number, (place: number) => number> = {
    4: (place) => view.getFloat32(place * 4, true),
    8: (place) => view.getFloat64(place * 8, true),
    2: (place) => fromHalf(view.getUint16(place * 2, true)),
  };
  return { dims: tensor.dims ?? [], at: read[width]! };
}

function bytesOf(tensor: TensorMessage, file: OnnxFile): Uint8Array | undefined {
  if (tensor.dataLocation === 1) {
    const entry = (key: string) => tensor.externalData?.find((one) => one.key === key)?.value;
    const data = file.externalData.find(({ path }) => path === entry('location'))?.data;
    const offset = Number(entry('offset') ?? 0);
    const length = entry('length');
    return data?.subarray(offset, length === undefined ? undefined : offset + Number(length));
  }
  if (tensor.rawData && tensor.rawData.length > 0) return tensor.rawData;
  // Packed or one by one, such fields are the numbers' own bytes.
  const chunks = tensor.floatData ?? tensor.doubleData ?? [];
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}
