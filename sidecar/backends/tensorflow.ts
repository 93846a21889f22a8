/** @tensorflow/tfjs-node and @tensorflow/tfjs-node-gpu: TensorFlow's own library, where the user has it. */
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { type Candidate, type Loaded, NotUsable } from './candidate';
import { nvidiaGpu, processorName } from './devices';
import { prove } from './proof';

export type TensorflowName = 'tensorflow-gpu' | 'tensorflow';

/** The packages of each rung. The one for graphics cards computes on the processor where it finds none. */
const packages: Record<TensorflowName, string[]> = {
  'tensorflow-gpu': ['@tensorflow/tfjs-node-gpu'],
  tensorflow: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
};

interface TensorflowBackend {
  binding: { TF_Version: string };
  isUsingGpuDevice: boolean;
}

/** The installed packages, each once: folder by folder. */
export function findTensorflow(backend: TensorflowName, searchFolders: string[]): Candidate[] {
  const entries = new Set<string>();
  for (const folder of searchFolders) {
    const { resolve } = createRequire(path.join(path.resolve(folder), 'package.json'));
    for (const name of packages[backend]) {
      try {
        entries.add(resolve(name));
      } catch {
        // Not here.
      }
    }
  }
  return [...entries].map((entry) => ({ backend, entry }));
}

export function notInstalled(backend: TensorflowName): NotUsable {
  return new NotUsable(
    `${packages[backend][0]} is not installed`,
    backend === 'tensorflow'
      ? 'Run Layerwise: Install Native Backend (in the terminal: layerwise install-backend).'
      : undefined,
  );
}

/** The package's folder, from its entry file. */
export function packageFolder(entry: string): string {
  const at = /[\\/]@tensorflow[\\/]tfjs-node(?:-gpu)?(?=[\\/])/.exec(entry);
  return at ? entry.slice(0, at.index + at[0].length) : path.dirname(entry);
}

/**
 * Registers the backend `tensorflow` with the tfjs of this process (tfjs keeps one engine per process, in a global) and
 * proves it.
 */
export async function loadTensorflow({ backend, entry = '' }: Candidate): Promise<Loaded> {
  definedByOlderNode();
  const loaded = createRequire(entry)(entry) as { version?: { 'tfjs-node'?: string } };
  const difference = await prove('tensorflow');
  const { binding, isUsingGpuDevice } = tf.backend() as unknown as TensorflowBackend;
  if (backend === 'tensorflow-gpu' && !isUsingGpuDevice) {
    throw new NotUsable(
      'it finds no graphics card that it can use',
      `TensorFlow ${binding.TF_Version} needs an NVIDIA card with its driver, CUDA and cuDNN.`,
    );
  }
  const name = path.basename(packageFolder(entry));
  return {
    description: `TensorFlow ${binding.TF_Version} (@tensorflow/${name} ${loaded.version?.['tfjs-node'] ?? 'of unknown version'})`,
    device: (isUsingGpuDevice && (await nvidiaGpu())) || processorName(),
    difference,
  };
}

/** tfjs-node 4.22 calls two functions that Node 23 removed. */
function definedByOlderNode(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  legacy['isArray'] ??= Array.isArray;
}
