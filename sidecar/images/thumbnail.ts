/** Small pictures to tell one from another by, proportions kept. */
import type { Thumbnail } from '../../protocol/sidecar';
import { type OutsidePicture, readPicture, readPictureSize } from './decode';

/**
 * @param side Of the longer side, in pixels; smaller pictures stay as they are.
 * @throws SidecarError as `readPicture`.
 */
export async function readThumbnail(source: OutsidePicture, side: number): Promise<Thumbnail> {
  const { height, width, channels } = source.kind === 'pixels' ? source : await readPictureSize(source);
  const scale = Math.min(1, side / Math.max(height, width));
  const size = {
    height: Math.max(1, Math.round(height * scale)),
    width: Math.max(1, Math.round(width * scale)),
  };
  if (source.kind === 'pixels') {
    const data = Buffer.from(source.data, 'base64');
    return { ...size, channels, pixels: everyNth(data, source, size).toString('base64') };
  }
  const pixels = await readPicture(source, { ...size, channels, scale: 1, offset: 0, framing: 'fit' });
  return {
    width: pixels.width,
    height: pixels.height,
    channels,
    pixels: Buffer.from(pixels.data).toString('base64'),
  };
}

/** Nearest pixels. */
function everyNth(
  data: Buffer,
  from: { width: number; height: number; channels: number },
  to: { width: number; height: number },
): Buffer {
  const picked = Buffer.alloc(to.width * to.height * from.channels);
  for (let y = 0; y < to.height; y++) {
    const row = Math.floor(((y + 0.5) / to.height) * from.height);
    for (let x = 0; x < to.width; x++) {
      const at = (row * from.width + Math.floor(((x + 0.5) / to.width) * from.width)) * from.channels;
      data.copy(picked, (y * to.width + x) * from.channels, at, at + from.channels);
    }
  }
  return picked;
}
