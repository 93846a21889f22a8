/** Tensors as they lie in an ONNX file: element types, sizes, and the numbers of the small ones. */
import { Reader } from 'protobufjs/minimal';
import type { TensorMessage } from './messages';
import { toNumber } from './wire';

/** `TensorProto.DataType`. */
export const elementTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
} as const;
export type ElementTypeName = keyof typeof elementTypes;

const names = new Map(Object.entries(elementTypes).map(([name, number]) => [number as number, name]));

/** `float32`, …; undefined for a number that stands for no type. */
export function elementTypeName(elementType: number): string | undefined {
  return names.get(elementType);
}

const bitsOf: Record<number, number> = {
  [elementTypes.float64]: 64,
  [elementTypes.int64]: 64,
  [elementTypes.uint64]: 64,
  [elementTypes.complex64]: 64,
  [elementTypes.complex128]: 128,
  [elementTypes.float32]: 32,
  [elementTypes.int32]: 32,
  [elementTypes.uint32]: 32,
  [elementTypes.float16]: 16,
  [elementTypes.bfloat16]: 16,
  [elementTypes.int16]: 16,
  [elementTypes.uint16]: 16,
  [elementTypes.uint4]: 4,
  [elementTypes.int4]: 4,
};

/** Bytes that one element takes; 1 where nothing else is known. */
export function bytesPerElement(elementType: number): number {
  return (bitsOf[elementType] ?? 8) / 8;
}

/** Types that weights have: fractions, not indices or sizes. */
export function isFloatingPoint(elementType: number): boolean {
  const { float32, float16, float64, bfloat16, float8e4m3fn, float8e5m2fnuz } = elementTypes;
  return (
    elementType === float32 ||
    elementType === float16 ||
    elementType === float64 ||
    elementType === bfloat16 ||
    (elementType >= float8e4m3fn && elementType <= float8e5m2fnuz)
  );
}

/** The product of the sizes; NaN when one of them is no size. */
export function elementCount(dims: readonly number[] = []): number {
  return dims.reduce((count, dim) => (dim >= 0 ? count * dim : Number.NaN), 1);
}

/** More numbers than that are weights, not a shape. */
const mostNumbersRead = 4096;

/**
 * The numbers of a small tensor of whole numbers, float32, float64 or bool; undefined for large tensors, other types,
 * numbers in another file, and tensors whose data does not match their sizes.
 */
export function readNumbers(tensor: TensorMessage): number[] | undefined {
  const count = elementCount(tensor.dims);
  if (!(count <= mostNumbersRead) || tensor.dataLocation === 1) return undefined;
  const { rawData } = tensor;
  const values = rawData && rawData.length > 0 ? fromRaw(tensor.dataType ?? 0, rawData) : fromFields(tensor);
  return values?.length === count ? values : undefined;
}

function fromRaw(elementType: number, bytes: Uint8Array): number[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = bytesPerElement(elementType);
  const read = rawReaders[elementType];
  if (!read || bytes.length % width !== 0) return undefined;
  return Array.from({ length: bytes.length / width }, (_, i) => read(view, i * width));
}

const rawReaders: Record<number, (view: DataView, at: number) => number> = {
  [elementTypes.float32]: (view, at) => view.getFloat32(at, true),
  [elementTypes.float64]: (view, at) => view.getFloat64(at, true),
  [elementTypes.int64]: (view, at) => Number(view.getBigInt64(at, true)),
  [elementTypes.uint64]: (view, at) => Number(view.getBigUint64(at, true)),
  [elementTypes.int32]: (view, at) => view.getInt32(at, true),
  [elementTypes.uint32]: (view, at) => view.getUint32(at, true),
  [elementTypes.int16]: (view, at) => view.getInt16(at, true),
  [elementTypes.uint16]: (view, at) => view.getUint16(at, true),
  [elementTypes.int8]: (view, at) => view.getInt8(at),
  [elementTypes.uint8]: (view, at) => view.getUint8(at),
  [elementTypes.bool]: (view, at) => view.getUint8(at),
};

/** Which field holds the numbers is decided by the type, as onnx.proto says at each field. */
function fromFields({ dataType, floatData, int32Data, int64Data, doubleData, uint64Data }: TensorMessage) {
  switch (dataType) {
    case elementTypes.float32:
      return chunks(floatData, (reader) => reader.float());
    case elementTypes.float64:
      return chunks(doubleData, (reader) => reader.double());
    case elementTypes.int64:
      return chunks(int64Data, (reader) => toNumber(reader.int64()));
    case elementTypes.uint32:
    case elementTypes.uint64:
      return chunks(uint64Data, (reader) => toNumber(reader.uint64()));
    case elementTypes.int32:
    case elementTypes.int16:
    case elementTypes.int8:
    case elementTypes.uint16:
    case elementTypes.uint8:
    case elementTypes.bool:
      return chunks(int32Data, (reader) => reader.int32());
    default:
      return undefined;
  }
}

function chunks(all: Uint8Array[] | undefined, read: (reader: Reader) => number): number[] | undefined {
  const values: number[] = [];
  try {
    for (const chunk of all ?? []) {
      const reader = Reader.create(chunk);
      while (reader.pos < reader.len) {
        if (values.length >= mostNumbersRead) return undefined;
        values.push(read(reader));
      }
    }
  } catch {
    return undefined;
  }
  return values;
}
