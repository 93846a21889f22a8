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

/** What was under way was cancelled, and nothing is left of it. */
export class Cancelled extends SidecarError {}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The first of what a schema finds wrong with a file's content: `epochs.3.loss is missing`. */
export function describeIssue([issue]: readonly Issue[]): string {
  if (!issue) return 'it is of another form';
  const place = issue.path.map(String).join('.') || 'its content';
  if (/received undefined$/.test(issue.message)) return `${place} is missing`;
  const expected = /^Invalid input: expected (\w+), received (\w+)$/.exec(issue.message);
  if (expected) return `${place} is ${expected[2]} instead of ${expected[1]}`;
  return `${place} is not as it should be (${issue.message.replace(/NaN/g, 'no number')})`;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a failed system call, e.g. `ENOENT`. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
