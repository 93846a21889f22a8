/** Loads a candidate into this process, and proves it there. */
import * as tf from '@tensorflow/tfjs';
import type { Candidate, Loaded } from './candidate';
import { correctCpuKernels } from './cpuCorrections';
import { processorName } from './devices';
import { loadTensorflow } from './tensorflow';
import { loadWasm } from './wasm';
import { loadWebgpu } from './webgpu';

/** @throws NotUsable, or whatever native code and tfjs throw, when it does not work. */
export async function load(candidate: Candidate): Promise<Loaded> {
  switch (candidate.backend) {
    case 'tensorflow-gpu':
    case 'tensorflow':
      return await loadTensorflow(candidate);
    case 'webgpu':
      return await loadWebgpu();
    case 'wasm':
      return await loadWasm();
    case 'cpu':
      return await loadCpu();
  }
}

async function loadCpu(): Promise<Loaded> {
  await tf.setBackend('cpu');
  correctCpuKernels();
  return {
    description: 'plain JavaScript (about 100 times slower than WebAssembly)',
    device: processorName(),
    warning:
      'Layerwise computes in plain JavaScript, about 100 times slower than with WebAssembly: training LeNet-5 takes hours.',
  };
}
