import type { ValueInfoMessage } from '../../model-graph/onnx/messages';
import { elementTypes } from '../../model-graph/onnx/tensors';

/** An input or output of an ONNX model: float32 numbers of known sizes. */
export function floatValue(name: string, sizes: number[]): ValueInfoMessage {
  return {
    name,
    type: {
      tensorType: { elemType: elementTypes.float32, shape: { dim: sizes.map((dimValue) => ({ dimValue })) } },
    },
  };
}
