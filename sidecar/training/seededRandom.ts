/**
 * Makes training repeatable. tfjs takes the seeds of initial weights and dropout masks from `Math.random` wherever the
 * program gives none. During a training run, and only in its own chain of calls, `Math.random` follows the run's seed;
 * a classification that happens in between draws from the ordinary one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const sequences = new AsyncLocalStorage<{ next: () => number }>();
const ordinaryRandom = Math.random;
Math.random = () => (sequences.getStore()?.next ?? ordinaryRandom)();

export function withSeed<T>(seed: number, run: () => Promise<T>): Promise<T> {
  return sequences.run({ next: mulberry32(seed) }, run);
}

/**
 * Within `withSeed`: from here on the numbers depend on `seed` alone, not on how many were drawn before. So a run that
 * goes on from a checkpoint draws what it would have drawn without the interruption.
 */
export function reseed(seed: number): void {
  const sequence = sequences.getStore();
  if (sequence) sequence.next = mulberry32(seed);
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

/** One seed from several whole numbers; those of neighbouring numbers have nothing in common (murmur3's finalizer). */
export function mixSeeds(...numbers: number[]): number {
  let mixed = 0x9747b28c;
  for (const number of numbers) {
    mixed = Math.imul(mixed ^ number, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed >>> 0;
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
