/**
 * The sidecar never outlives whoever started it, and never dies in silence.
 */
import { Worker } from 'node:worker_threads';
import { messageOf } from './errors';

/**
 * Ends the process when its parent is gone, even while one long computation keeps the event loop busy: a thread of its
 * own looks every second. (While the loop is free, the end of stdin is noticed at once; see `main.ts`.)
 */
export function endWithParent(): void {
  const watch = `
    const { workerData } = require('node:worker_threads');
    setInterval(() => {
      let gone = process.ppid !== workerData.parent;
      // Windows keeps the old parent's id: ask whether that process still exists.
      try { process.kill(workerData.parent, 0); } catch (error) { gone ||= error.code === 'ESRCH'; }
      if (gone) process.kill(process.pid, 'SIGKILL');
    }, 1000);
  `;
  const worker = new Worker(watch, { eval: true, workerData: { parent: process.ppid }, stdin: false });
  worker.on('error', () => {
    // Without the watch the end of stdin still ends the process.
  });
  worker.unref();
}

/** Ctrl-C in a terminal reaches every process in it. What it means is for the one that was started there to say. */
export function leaveInterruptsToParent(): void {
  process.on('SIGINT', () => {});
}

/** An uncaught error is written to stderr, from where the client reads it, and ends the process with code 1. */
export function reportUncaughtErrors(): void {
  const fail = (error: unknown) => {
    process.stderr.write(
      `Layerwise's compute process failed: ${error instanceof Error && error.stack ? error.stack : messageOf(error)}\n`,
      () => process.exit(1),
    );
    // stderr may be closed already, and then nobody calls back.
    setTimeout(() => process.exit(1), 500).unref();
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}
