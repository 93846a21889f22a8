/** What computes: the ladder of backends, and which rung was taken. */
import { z } from 'zod';

export const backendName = z.enum(['tensorflow', 'wasm', 'cpu']);
export type BackendName = z.infer<typeof backendName>;

export const initializeParams = z.object({
  /** `auto` walks the ladder: tfjs-node where it is installed, then wasm, then plain JavaScript. */
  backend: z.union([z.literal('auto'), backendName]),
  /** Folders whose `node_modules` may hold @tensorflow/tfjs-node, first one first. Empty in an untrusted workspace. */
  searchFolders: z.array(z.string()),
});
export const initializeResult = z.object({
  backend: backendName,
  /** One line for people, e.g. `WebAssembly (SIMD, 1 thread)`. */
  description: z.string(),
  versions: z.object({ node: z.string(), tfjs: z.string() }),
  /** Every rung of the ladder that was tried, and why it was taken or not. */
  tried: z.array(z.object({ backend: backendName, taken: z.boolean(), reason: z.string() })),
});
export type InitializeParams = z.infer<typeof initializeParams>;
export type InitializeResult = z.infer<typeof initializeResult>;
