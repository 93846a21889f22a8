/**
 * The sidecar never outlives whoever started it, and never dies in silence.
 */
import { Worker } from 'node:worker_threads';
import { messageOf } from './errors';

/** Leaders of process groups that end with this process, however it ends; 0 is a free place. Shared with the watch. */
const groups = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * 16));

/**
 * Ends a process group when this process ends, also where that is for want of its parent.
 * @param leader its process id
 * @returns call it when the group has ended
 */
export function endWithProcess(leader: number): () => void {
  const place = groups.indexOf(0);
  if (place < 0) return () => {};
  groups[place] = leader;
  return () => {
    groups[place] = 0;
  };
}

process.on('exit', () => {
  for (const leader of groups) {
    if (leader === 0) continue;
    try {
      process.kill(process.platform === 'win32' ? leader : -leader, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }
});

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
      if (!gone) return;
      for (const leader of workerData.groups) {
        try { if (leader) process.kill(process.platform === 'win32' ? leader : -leader, 'SIGKILL'); } catch {}
      }
      process.kill(process.pid, 'SIGKILL');
    }, 1000);
  `;
  const worker = new Worker(watch, {
    eval: true,
    workerData: { parent: process.ppid, groups },
    stdin: false,
  });
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
