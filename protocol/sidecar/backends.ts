/** What computes: the ladder of backends, which rung was taken, what it uses, and putting a faster one in place. */
import { z } from 'zod';

/** From the fastest to the slowest; `auto` takes the first that works. */
export const backendName = z.enum(['tensorflow-gpu', 'tensorflow', 'webgpu', 'wasm', 'cpu']);
export type BackendName = z.infer<typeof backendName>;

export const initializeParams = z.object({
  /** `auto` walks the ladder. */
  backend: z.union([z.literal('auto'), backendName]),
  /** Folders whose `node_modules` may hold tfjs-node or tfjs-node-gpu, first one first. None of an untrusted workspace. */
  searchFolders: z.array(z.string()),
  /** How long native code may take to prove itself before it counts as hanging; absent: 60 s. */
  probeSeconds: z.number().positive().optional(),
});
/** One candidate of the ladder: there may be several for a rung, in several folders. */
export const backendTried = z.object({
  backend: backendName,
  /** The package that was tried, e.g. `…/node_modules/@tensorflow/tfjs-node`; absent: Layerwise's own. */
  folder: z.string().optional(),
  taken: z.boolean(),
  /** Why it was taken or not. */
  reason: z.string(),
  /** A full sentence: what people can do to have it taken. */
  next: z.string().optional(),
});
export const memoryUsage = z.object({
  /** What tensors hold, in bytes. */
  tensorBytes: z.number(),
  /** What the process holds of the machine's memory, in bytes; tensors on a graphics card are not in it. */
  processBytes: z.number(),
});
/** What a computation can have of memory, in bytes; `of` follows them in a sentence, e.g. `are free on this machine`. */
export const memoryLimit = z.object({ most: z.number(), of: z.string() });
export type MemoryLimit = z.infer<typeof memoryLimit>;

export const initializeResult = z.object({
  backend: backendName,
  /** One line for people, e.g. `WebAssembly (SIMD, 1 thread)`. */
  description: z.string(),
  /** The processor or graphics card that computes, by the name that the system gives it. */
  device: z.string(),
  versions: z.object({ node: z.string(), tfjs: z.string() }),
  /** Every candidate that was tried, in order. The rungs below the one taken are not tried. */
  tried: z.array(backendTried),
  memory: memoryUsage,
  /** What to know before computing with it, e.g. that it is very slow. */
  warning: z.string().optional(),
});
export type InitializeParams = z.infer<typeof initializeParams>;
export type InitializeResult = z.infer<typeof initializeResult>;
export type BackendTried = z.infer<typeof backendTried>;
export type MemoryUsage = z.infer<typeof memoryUsage>;

/** Notification, sidecar → client: every other second while a request is under way, and after it. */
export const memoryUsageMethod = 'memoryUsage';

// --- installing ------------------------------------------------------------------------------------------------------

export const installNativeBackendParams = z.object({
  /**
   * Becomes the home of the packages: a search folder for `initialize`. What it held before is replaced at the end.
   * Absent: a folder of the user's, which `initialize` searches always.
   */
  folder: z.string().optional(),
  /** `auto`: for the graphics card where there is one of NVIDIA's, else for the processor. */
  device: z.enum(['auto', 'cpu', 'gpu']),
  /** `wheel`: without trying the package's own download first. */
  source: z.enum(['any', 'wheel']).optional(),
});
export const installNativeBackendResult = z.object({
  cancelled: z.boolean(),
  /** Full sentences, e.g. `TensorFlow 2.21.0 works: a LeNet-5 step takes 41 ms instead of 95 ms with WebAssembly.` */
  verdict: z.string(),
  /** Milliseconds that a training step of LeNet-5 with 64 digits takes. Absent when cancelled. */
  stepMilliseconds: z.object({ native: z.number(), wasm: z.number() }).optional(),
  /** What the programs that were run have written. */
  logFile: z.string(),
});
export const installProgress = z.object({
  /** Counts from 1. */
  step: z.number().int(),
  /** How many steps there will be, as far as is known. */
  steps: z.number().int(),
  /** What is being done, e.g. `Compiling the addon`. */
  title: z.string(),
  /** How far the step is, e.g. `120 of 274 MB`. */
  detail: z.string().optional(),
});
export type InstallNativeBackendParams = z.infer<typeof installNativeBackendParams>;
export type InstallNativeBackendResult = z.infer<typeof installNativeBackendResult>;
export type InstallProgress = z.infer<typeof installProgress>;

/** Notification, sidecar → client, while an `installNativeBackend` request is under way. */
export const installProgressMethod = 'installProgress';
