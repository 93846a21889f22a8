/** A request that cannot be carried out as written: what is wrong, where, and what to do. Ends the command. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** `exitCode` 2: the command line is wrong; 1: what it names is. */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 2,
  ) {
    super(message.replace(/^layerwise: /, ''));
  }
}
