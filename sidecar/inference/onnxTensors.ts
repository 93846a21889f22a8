/** float32 values ↔ the element types that ONNX models take and give. */
import type { Tensor, TensorConstructor } from 'onnxruntime-node';

/**
 * @param RuntimeTensor onnxruntime's own class, which is loaded late.
 * @param elementType One that `onnxInput` lets through.
 */
export function toTensor(
  RuntimeTensor: TensorConstructor,
  elementType: string,
  values: Float32Array,
  shape: number[],
): Tensor {
  switch (elementType) {
    case 'float64':
      return new RuntimeTensor('float64', Float64Array.from(values), shape);
    case 'float16':
      // Where Node has Float16Array, onnxruntime-common makes one of the bits, which onnxruntime-node cannot read.
      return Object.assign(new RuntimeTensor('uint16', Uint16Array.from(values, toHalf), shape), {
        type: 'float16' as const,
      });
    case 'uint8':
      return new RuntimeTensor('uint8', Uint8Array.from(values, Math.round), shape);
    case 'int32':
      return new RuntimeTensor('int32', Int32Array.from(values, Math.round), shape);
    case 'int64':
      return new RuntimeTensor(
        'int64',
        BigInt64Array.from(values as never, (value: number) => BigInt(Math.round(value))),
        shape,
      );
    default:
      return new RuntimeTensor('float32', values, shape);
  }
}

/** A copy: what onnxruntime gives may be its own memory. */
export function fromTensorData(data: Tensor['data'], type: string): Float32Array {
  // Where Node has Float16Array, onnxruntime gives one.
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, fromHalf);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const values = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) values[i] = Number(data[i]);
    return values;
  }
  return Float32Array.from(data as ArrayLike<number>);
}

const bits = new DataView(new ArrayBuffer(4));

/** IEEE 754 binary16, rounded to nearest even. */
function toHalf(value: number): number {
  bits.setFloat32(0, value);
  const x = bits.getUint32(0);
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // A subnormal half counts steps of 2⁻²⁴.
    const steps = Math.abs(value) * 2 ** 24;
    const down = Math.floor(steps);
    const rest = steps - down;
    return sign | (rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
