/** Work that people wait for: it tells how far it is, and stops when it is asked to. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SidecarError } from '../errors';

export interface LongWork {
  isCancelled(): boolean;
  /** `fraction`: 0 … 1. */
  report(fraction: number, message: string): void;
}

/** Lets requests in between, and ends the work if it was cancelled. @throws SidecarError then. */
export async function breathe(work: LongWork, fraction: number, message: string): Promise<void> {
  work.report(fraction, message);
  await nextTurn();
  if (work.isCancelled()) throw new SidecarError('The computation was cancelled.');
}
