/** Picture files made from raw pixels. */
import sharp from 'sharp';

/** A grey PNG, enlarged `scale` times (nearest neighbour), on `margin` pixels more of background, perhaps inverted. */
export async function greyPng(
  file: string,
  pixels: Uint8Array,
  side: number,
  { scale = 1, invert = false, margin = 0 } = {},
): Promise<string> {
  const drawn = invert ? pixels.map((value) => 255 - value) : pixels;
  const background = invert ? '#ffffff' : '#000000';
  await sharp(Buffer.from(drawn), { raw: { width: side, height: side, channels: 1 } })
    .resize(side * scale, side * scale, { kernel: 'nearest' })
    .extend({ top: margin, bottom: margin * 2, left: margin * 3, right: margin, background })
    .png()
    .toFile(file);
  return file;
}
