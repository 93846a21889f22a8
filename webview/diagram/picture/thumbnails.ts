/** Small pictures of what a layer put out, for the drawing. */
import {
  type Activation,
  hasMaps,
  pictureRaster,
  type Range,
  type Raster,
  type ranked,
  rasterOf,
} from './planes';

export interface Thumbnails {
  /** Data URLs, the strongest map first; one upright strip for a vector. */
  urls: string[];
  /** Strips and small maps have hard edges: every pixel is a value. */
  isCoarse: boolean;
  isVector: boolean;
}

/** The longest side of a thumbnail in pixels. */
const longest = 112;
/** More sheets than this are not drawn one by one; a node has room for less. */
const mostMaps = 24;
/** How many maps stand at a node of the graph. */
export const mapsAtNode = 3;

/** How many places of maps a node of the graph keeps for an output of this shape; a vector's strip takes two. */
export function thumbnailCount(shape: readonly number[], layout: Activation['layout']): number {
  if (!hasMaps(shape)) return 2;
  const channels = (layout === 'channelsFirst' ? shape[0] : shape.at(-1)) ?? 1;
  return Math.min(mapsAtNode, channels);
}

export function thumbnailsOf(
  activation: Activation,
  planes: ReturnType<typeof ranked>,
  range: Range,
): Thumbnails {
  const wanted = planes.length <= mostMaps ? planes.length : mapsAtNode;
  const rasters = planes
    .slice(0, wanted)
    .map(({ plane }) => rasterOf(activation.values, plane, range, longest));
  return {
    urls: rasters.map(dataUrl),
    isCoarse: Math.max(rasters[0]?.width ?? 0, rasters[0]?.height ?? 0) < longest,
    isVector: !hasMaps(activation.shape),
  };
}

export function pictureThumbnail(input: {
  width: number;
  height: number;
  channels: number;
  pixels: string;
}): Thumbnails {
  const pixels = Uint8Array.from(atob(input.pixels), (letter) => letter.charCodeAt(0));
  const raster = pictureRaster(pixels, input.width, input.height, input.channels);
  return { urls: [dataUrl(raster)], isCoarse: input.width < longest, isVector: false };
}

/** A PNG, because drawings and exports hold it by its address. */
export function dataUrl({ width, height, data }: Raster): string {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
  return canvas.toDataURL('image/png');
}
