/** The small pictures of a drawing taken apart into their pixels, for formats that cannot hold picture files. */
import type { Picture } from './primitives';

export interface Pixels {
  width: number;
  height: number;
  /** Red, green, blue, alpha, row by row. */
  data: Uint8ClampedArray;
}

/** By their addresses. */
export async function pixelsOf(picture: Picture): Promise<ReadonlyMap<string, Pixels>> {
  const urls = new Set(
    picture.groups.flatMap(({ primitives }) =>
      primitives.flatMap((one) => (one.kind === 'raster' ? [one.url] : [])),
    ),
  );
  return new Map(await Promise.all([...urls].map(async (url) => [url, await decode(url)] as const)));
}

async function decode(url: string): Promise<Pixels> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}
