/**
 * Makes training repeatable. tfjs takes the seeds of initial weights and dropout masks from `Math.random` wherever the
 * program gives none. During a training run, and only in its own chain of calls, `Math.random` follows the run's seed;
 * a classification that happens in between draws from the ordinary one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const generators = new AsyncLocalStorage<() => number>();
const ordinaryRandom = Math.random;
Math.random = () => (generators.getStore() ?? ordinaryRandom)();

export function withSeed<T>(seed: number, run: () => Promise<T>): Promise<T> {
  return generators.run(mulberry32(seed), run);
}

/** Numbers in [0, 1) with a 32-bit state: enough for shuffling and seeding. Source: Tommy Ettinger's mulberry32. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** 0 … size − 1 in an order that depends on `random` alone (Fisher and Yates). */
export function shuffledIndices(size: number, random: () => number): Uint32Array {
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swapped = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = swapped;
  }
  return order;
}
