/** The header of a PNG that holds nothing else than pixels. */

export interface PlainPng {
  format: 'png';
  width: number;
  height: number;
  hasAlpha: boolean;
}

/** Parts that leave the pixels as they are: neither a profile nor a turn nor a transparent colour. */
const plainParts = new Set(['PLTE', 'bKGD', 'cHRM', 'gAMA', 'hIST', 'pHYs', 'sBIT', 'sRGB', 'tIME']);
const opening = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1');
const headerEnd = 33;
const withAlpha = 4;

/**
 * What the decoder would say of the file, without another thread being woken for it.
 * @param head A file's first bytes.
 * @returns undefined for all that the decoder has to be asked about: other formats, other parts, damage.
 */
export function plainPng(head: Buffer): PlainPng | undefined {
  if (!head.subarray(0, opening.length).equals(opening)) return undefined;
  let start = headerEnd;
  while (start + 8 <= head.length) {
    const name = head.toString('latin1', start + 4, start + 8);
    // The decoder does not look behind the pixels either.
    if (name === 'IDAT') {
      return {
        format: 'png',
        width: head.readUInt32BE(16),
        height: head.readUInt32BE(20),
        hasAlpha: (head[25]! & withAlpha) !== 0,
      };
    }
    if (!plainParts.has(name)) return undefined;
    start += 12 + head.readUInt32BE(start);
  }
  return undefined;
}
