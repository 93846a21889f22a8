/** Makes tensors inside an ONNX model outputs of it, so that a run gives them. */
import type { ValueInfoMessage } from './messages';
import { encodeModel } from './wire';

/**
 * The model with more outputs, without reading or copying what is in it: in protocol buffers, a message that is
 * written twice is one, and its lists are joined. @param names Of tensors; their types are left to the runtime.
 */
export function addOutputs(model: Uint8Array, names: readonly string[]): Uint8Array {
  const output = names.map((name): ValueInfoMessage => ({ name }));
  const addition = encodeModel({ graph: { output } });
  const result = new Uint8Array(model.length + addition.length);
  result.set(model);
  result.set(addition, model.length);
  return result;
}
