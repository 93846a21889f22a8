/**
 * Chooses what computes: TensorFlow's own library where the user has it, else WebAssembly, else plain JavaScript.
 * No rung is taken on trust: each must do a training step and agree with plain JavaScript.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { BackendName, InitializeParams, InitializeResult } from '../../protocol/sidecar';
import { messageOf, SidecarError } from '../errors';
import { differenceFromCpu, maximumDifference } from './proof';
import { findTensorflow, loadTensorflow, probeTensorflow } from './tensorflow';
import { correctKernels } from './wasmCorrections';
import { registerMissingKernels } from './wasmGradients';
import { failWhenMemoryIsFull } from './wasmMemory';

/** A rung that works. One that does not throws. */
interface RungTaken {
  description: string;
  reason: string;
}

const rungs: [BackendName, (params: InitializeParams) => Promise<RungTaken>][] = [
  ['tensorflow', takeTensorflow],
  ['wasm', takeWasm],
  ['cpu', takeCpu],
];

/**
 * Takes the first backend that works, or the one asked for.
 * @throws SidecarError when the one asked for does not work.
 */
export async function chooseBackend(params: InitializeParams): Promise<InitializeResult> {
  const tried: InitializeResult['tried'] = [];
  for (const [backend, take] of rungs) {
    if (params.backend !== 'auto' && params.backend !== backend) continue;
    try {
      const { description, reason } = await take(params);
      tried.push({ backend, taken: true, reason });
      return {
        backend,
        description,
        versions: { node: process.versions.node, tfjs: tf.version.tfjs },
        tried,
      };
    } catch (error) {
      tried.push({ backend, taken: false, reason: messageOf(error) });
    }
  }
  throw new SidecarError(
    `The compute backend \`${params.backend}\` does not work here: ${tried[0]?.reason ?? ''}.`,
    {
      next: 'Choose another one, or `auto`, in the setting layerwise.sidecar.backend.',
    },
  );
}

async function takeTensorflow({ searchFolders }: InitializeParams): Promise<RungTaken> {
  const script = process.argv[1] ?? '';
  const entry = findTensorflow([...searchFolders, path.dirname(script)]);
  if (!entry) throw new Error('@tensorflow/tfjs-node is not installed in any of the folders');
  const trouble = await probeTensorflow(entry, script);
  if (trouble) throw new Error(`@tensorflow/tfjs-node does not work here: ${trouble}`);
  const { version } = loadTensorflow(entry);
  const difference = await prove('tensorflow');
  return {
    description: `TensorFlow (@tensorflow/tfjs-node ${version})`,
    reason: `works, within ${difference.toExponential(0)} of plain JavaScript`,
  };
}

async function takeWasm(): Promise<RungTaken> {
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
    reason: `works, within ${difference.toExponential(0)} of plain JavaScript`,
  };
}

async function takeCpu(): Promise<RungTaken> {
  await tf.setBackend('cpu');
  return {
    description: 'plain JavaScript (about 100 times slower than WebAssembly)',
    reason: 'always works, but is slow: training LeNet-5 takes hours',
  };
}

async function prove(backend: BackendName): Promise<number> {
  const difference = await differenceFromCpu(backend);
  if (!(difference <= maximumDifference)) {
    throw new Error(`a training step differs by ${difference} from plain JavaScript`);
  }
  return difference;
}

/** `wasm/` beside the bundle; scripts/build.mjs puts the files there. */
function wasmFolder(): string {
  const folder = path.join(path.dirname(process.argv[1] ?? ''), 'wasm');
  if (!existsSync(path.join(folder, 'tfjs-backend-wasm-simd.wasm'))) {
    throw new SidecarError('The WebAssembly files are missing.', {
      where: folder,
      next: 'Install Layerwise again.',
    });
  }
  return folder;
}
