/** What a run needs, computed from shapes before anything is allocated, and whether this machine has it. */
import { memoryText } from '../../model-graph/trainingMemory';
import type { InitializeResult } from '../../protocol/sidecar';
import { memoryLimit, requireRoom, wasmAddresses } from '../backends/room';
import type { Network } from './network';

/** In bytes. */
export interface MemoryNeed {
  weights: number;
  /** Of all layers' outputs for one picture. */
  activations: number;
  /** What a run holds at a time at least: the weights, and the two largest of the picture and the layers' outputs. */
  peak: number;
}

/** A network's shapes do not change; hundreds of layers are summed once. */
const needs = new WeakMap<Network, MemoryNeed>();

export function memoryNeed(network: Network): MemoryNeed {
  const known = needs.get(network);
  if (known) return known;
  const need = computeNeed(network);
  needs.set(network, need);
  return need;
}

function computeNeed(network: Network): MemoryNeed {
  const sizes = network.layers.map(({ shape }) => 4 * shape.reduce((product, size) => product * size, 1));
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

/** Where a run takes less, the system is not asked what is free: asking takes a hundredth of a small network's run. */
const alwaysThere = 64 * 1024 * 1024;

/** @throws SidecarError with the numbers, when a run cannot fit. */
export function checkMemory(need: MemoryNeed, network: Network, backend: InitializeResult): void {
  if (need.peak < alwaysThere) return;
  // onnxruntime has memory of its own, whatever computes tfjs's models.
  const limit = memoryLimit(network.format === 'tfjs' ? backend.backend : undefined);
  // The weights are loaded by now: of the machine's free memory they are no part any more, of WebAssembly's they are.
  const bytes = limit.of === wasmAddresses ? need.peak : need.peak - need.weights;
  requireRoom(
    bytes,
    limit,
    `Running \`${network.name}\` on this picture`,
    `weights ${memoryText(need.weights)}, the two largest layers ${memoryText(need.peak - need.weights)}, all layers' outputs together ${memoryText(need.activations)}`,
    { next: 'Use a smaller input, close other programs, or take a machine with more memory.' },
  );
}
