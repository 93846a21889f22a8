/** Leaves a test out, with the reason that `npm test` prints. From a test or from a `before` hook. */
export function skip(context: Mocha.Context, reason: string): never {
  const runnable = context.runnable();
  // A hook that skips leaves out all tests of its suite.
  const skipped = 'type' in runnable && runnable.type === 'hook' ? runnable.parent : runnable;
  Object.assign(skipped ?? runnable, { skipReason: reason });
  return context.skip();
}
