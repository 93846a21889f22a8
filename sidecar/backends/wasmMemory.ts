/**
 * WebAssembly's memory ends at 4 GB. tfjs-backend-wasm does not look whether an allocation succeeded and would write a
 * tensor over the start of the memory, over other tensors: wrong numbers without a word.
 */
import * as tf from '@tensorflow/tfjs';
import { SidecarError } from '../errors';

interface WasmBackend {
  wasm: { _malloc(bytes: number): number };
}

/** Makes a failed allocation an error. Call it once the backend has computed: its module replaces `_malloc` on first use. */
export function failWhenMemoryIsFull(): void {
  const { wasm } = tf.backend() as unknown as WasmBackend;
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const offset = allocate(bytes);
    if (offset === 0 && bytes > 0) throw memoryIsFull();
    return offset;
  };
}

/** A trap inside WebAssembly: the module's state is unknown after it, and nothing it computes can be trusted. */
export function isTrap(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError || (error instanceof Error && /^Aborted\(/.test(error.message))
  );
}

export function memoryIsFull(): SidecarError {
  return new SidecarError('WebAssembly has no memory left; it ends at 4 GB.', {
    next: 'Use a smaller batch or model, or install @tensorflow/tfjs-node.',
  });
}
