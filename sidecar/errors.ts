/**
 * What goes wrong in the sidecar and is not a defect of Layerwise itself: a file that is not an image, a model with an
 * unknown size, … The message is for people: what happened, where, and what to do next.
 */
export class SidecarError extends Error {
  override readonly name = 'SidecarError';

  /**
   * @param what What happened, a full sentence.
   * @param details `where`: the file or layer; `next`: what to do about it, a full sentence.
   */
  constructor(
    readonly what: string,
    readonly details: { where?: string; next?: string; cause?: unknown } = {},
  ) {
    super(
      [details.where ? `${details.where}: ${what}` : what, details.next].filter(Boolean).join(' '),
      details.cause === undefined ? undefined : { cause: details.cause },
    );
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a failed system call, e.g. `ENOENT`. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
