/** What the readers of all kinds of data have in common. */
import type { InputEncoding, RowEncoding } from '../../protocol/sidecar';

/** Pictures are read with a picture's encoding; anything else is a defect of the caller. */
export function pixelsOnly(encoding: InputEncoding | RowEncoding): InputEncoding {
  if ('height' in encoding) return encoding;
  throw new TypeError('Pictures were asked for as rows');
}

/** `9,000`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}
