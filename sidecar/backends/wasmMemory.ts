/**
 * WebAssembly's memory ends at 4 GB. tfjs-backend-wasm does not look whether an allocation succeeded and would write a
 * tensor over the start of the memory, over other tensors: wrong numbers without a word.
 */
import * as tf from '@tensorflow/tfjs';
import { messageOf, SidecarError } from '../errors';

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

/** Tensors of less than that cannot have filled the memory. */
const nearlyFullBytes = 1e9;

/** For people. Traps come mostly from full memory; a model that a kernel does not bear is the other reason. */
export function describeTrap(error: unknown): string {
  const reason = messageOf(error);
  if (tf.engine().state.numBytes > nearlyFullBytes) return `${reason}. ${memoryIsFull().message}`;
  return `WebAssembly could not compute this (${reason}); the compute process starts anew with the next request. Choose another backend by the setting layerwise.sidecar.backend.`;
}

export function memoryIsFull(): SidecarError {
  return new SidecarError('WebAssembly has no memory left; it ends at 4 GB.', {
    next: 'Use a smaller batch or model, or install @tensorflow/tfjs-node.',
  });
}
