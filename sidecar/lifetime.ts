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

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

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

const errorEvents = ['uncaughtException', 'unhandledRejection'] as const;
let ownListener: ((error: unknown) => void) | undefined;

/**
 * An uncaught error is written to stderr, from where the client reads it, and ends the process with code 1.
 * @param isForeign Whether it comes from code that is only a guest here: then it is written, and nothing ends.
 */
export function reportUncaughtErrors(isForeign: (error: unknown) => boolean): void {
  const fail = (error: unknown) => {
    if (isForeign(error)) {
      process.stderr.write(`A program that was run to build its model failed later: ${messageOf(error)}\n`);
      return;
    }
    process.stderr.write(
      `Layerwise's compute process failed: ${error instanceof Error && error.stack ? error.stack : messageOf(error)}\n`,
      () => process.exit(1),
    );
    // stderr may be closed already, and then nobody calls back.
    setTimeout(() => process.exit(1), 500).unref();
  };
  for (const event of errorEvents) process.on(event, fail);
  ownListener = fail;
}

/** Emscripten's glue code around WebAssembly throws every uncaught error again, which would end the process. */
export function removeForeignErrorListeners(): void {
  for (const event of errorEvents) {
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (listener !== ownListener) process.off(event, listener);
  }
}
