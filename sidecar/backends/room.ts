/** How much memory there is to compute in, asked before something large is allocated. */
import { freemem } from 'node:os';
import { memoryText } from '../../model-graph/trainingMemory';
import type { BackendName, MemoryLimit } from '../../protocol/sidecar';
import { SidecarError } from '../errors';

/** WebAssembly addresses 4 GB, and some of it is the backend's own. */
const wasmLimit = 4 * 1024 ** 3 - 64 * 1024 ** 2;

/** `of` of that limit, which what is allocated already counts in. */
export const wasmAddresses = 'WebAssembly can address';

/** What a computation can have. On a graphics card its own memory counts, which is not known; the machine's holds what goes there. */
export function memoryLimit(backend: BackendName | undefined): MemoryLimit {
  const free = freeMemory();
  return backend === 'wasm' && wasmLimit < free
    ? { most: wasmLimit, of: wasmAddresses }
    : { most: free, of: 'are free on this machine' };
}

/** Within the limits that a container sets. */
function freeMemory(): number {
  return process.availableMemory?.() ?? freemem();
}

/**
 * @param bytes that something takes at a time; not a number: nothing is known, and nothing is refused
 * @param what begins the message, e.g. `Loading the model`; `parts` says what the bytes are
 * @throws SidecarError with the numbers, when it cannot fit
 */
export function requireRoom(
  bytes: number,
  limit: MemoryLimit,
  what: string,
  parts: string,
  details: { where?: string; next: string },
): void {
  if (!(bytes > limit.most)) return;
  throw new SidecarError(
    `${what} takes about ${memoryText(bytes)} of memory at a time (${parts}); ${memoryText(limit.most)} ${limit.of}.`,
    details,
  );
}
