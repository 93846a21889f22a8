/** tfjs-backend-wasm, with the kernels that it lacks and without the ones that it computes wrongly. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type Loaded, NotUsable } from './candidate';
import { processorName } from './devices';
import { prove } from './proof';
import { correctKernels } from './wasmCorrections';
import { registerMissingKernels } from './wasmGradients';
import { failWhenMemoryIsFull } from './wasmMemory';

export async function loadWasm(): Promise<Loaded> {
  setWasmPaths(`${wasmFolder()}${path.sep}`);
  // Threads need a Worker that can load the module from a blob, which Node's cannot.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  correctKernels();
  registerMissingKernels();
  const difference = await prove('wasm');
  failWhenMemoryIsFull();
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true;
  return {
    description: `WebAssembly (${simd ? 'SIMD' : 'no SIMD'}, 1 thread)`,
    device: processorName(),
    difference,
  };
}

/** `wasm/` beside the bundle; scripts/build.mjs puts the files there. */
function wasmFolder(): string {
  const folder = path.join(path.dirname(process.argv[1] ?? ''), 'wasm');
  if (!existsSync(path.join(folder, 'tfjs-backend-wasm-simd.wasm')))
    throw new NotUsable(`its files are missing in ${folder}`, 'Install Layerwise again.');
  return folder;
}
