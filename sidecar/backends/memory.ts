/** What computing holds of the machine's memory. */
import * as tf from '@tensorflow/tfjs';
import type { MemoryUsage } from '../../protocol/sidecar';

const intervalMilliseconds = 2000;
/** Short requests follow each other: asking the system after each would take longer than some of them. */
const quietMilliseconds = 250;

export function memoryUsage(): MemoryUsage {
  // Not `tf.memory()`: that starts a backend where none is chosen yet.
  return { tensorBytes: tf.engine().state.numBytes, processBytes: process.memoryUsage.rss() };
}

/** Tells of the memory in use while anything is under way, and once soon after it. */
export class MemoryReporter {
  private underWay = 0;
  private timer: NodeJS.Timeout | undefined;
  private last: NodeJS.Timeout | undefined;

  constructor(private readonly report: (usage: MemoryUsage) => void) {}

  /** Resolves and rejects as `work` does. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.underWay++;
    clearTimeout(this.last);
    this.timer ??= setInterval(() => this.report(memoryUsage()), intervalMilliseconds);
    try {
      return await work();
    } finally {
      if (--this.underWay === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
        this.last = setTimeout(() => this.report(memoryUsage()), quietMilliseconds);
      }
    }
  }
}
