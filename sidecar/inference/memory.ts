/** What a run needs, computed from shapes before anything is allocated, and whether this machine has it. */
import { freemem } from 'node:os';
import type { InitializeResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import type { Network } from './network';

/** In bytes. */
export interface MemoryNeed {
  weights: number;
  /** Of all layers' outputs for one picture. */
  activations: number;
  /** What a run holds at a time at least: the weights, and the two largest of the picture and the layers' outputs. */
  peak: number;
}

/** WebAssembly addresses 4 GB, and some of it is the backend's own. */
const wasmLimit = 4 * 1024 ** 3 - 64 * 1024 ** 2;

export function memoryNeed(network: Network): MemoryNeed {
  const sizes = network.layers().map(({ shape }) => 4 * shape.reduce((product, size) => product * size, 1));
  const activations = sizes.reduce((sum, size) => sum + size, 0);
  const { height, width, channels } = network.encoding;
  // Two neighbours of the largest kind: what a layer reads and what it writes.
  const largest = [...sizes, 4 * height * width * channels].sort((a, b) => b - a).slice(0, 2);
  return {
    weights: network.weightBytes,
    activations,
    peak: network.weightBytes + largest.reduce((sum, size) => sum + size, 0),
  };
}

/** @throws SidecarError with the numbers, when a run cannot fit. */
export function checkMemory(need: MemoryNeed, network: Network, backend: InitializeResult): void {
  const free = freemem();
  // What is held already is no longer free: the weights are loaded by now.
  const ahead = need.peak - need.weights;
  if (network.format === 'tfjs' && backend.backend === 'wasm' && need.peak > wasmLimit) {
    throw new SidecarError(
      `Running \`${network.name}\` on this picture needs about ${megabytes(need.peak)} at a time (weights ${megabytes(need.weights)}, two largest layers ${megabytes(ahead)}); WebAssembly can address ${megabytes(wasmLimit)}.`,
      { next: 'Use a smaller input, or a native backend.' },
    );
  }
  if (ahead > free) {
    throw new SidecarError(
      `Running \`${network.name}\` on this picture needs about ${megabytes(ahead)} more at a time (all layers' outputs together: ${megabytes(need.activations)}); ${megabytes(free)} are free on this machine.`,
      { next: 'Close other programs, or use a smaller input.' },
    );
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en-US')} MB`;
}
