/** How an evaluation ends early. */
import type { Value } from '../values';

/** The program's own `throw`. */
export class ThrowSignal extends Error {
  constructor(readonly value: Value) {
    super('thrown by the program');
  }
}

/** The analysis itself must stop: its budget is used up, or it was cancelled. */
export class StopSignal extends Error {
  constructor(readonly reason: 'budget' | 'cancelled') {
    super(reason);
  }
}
