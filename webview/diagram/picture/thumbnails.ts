/** Small pictures of what a layer put out, for the drawing. */
import { colorMaps } from '../../shared/colorMaps';
import { type Activation, type Form, geometryOf, type Range, shrunkMap } from '../../shared/maps';
import { imageOfMap } from '../../shared/paint';
import { decodeBase64, paintPicture } from '../../shared/pixels';
import { hasMaps, type LayerValues } from './drawnMaps';

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

/** How many places of maps a node of the graph keeps for an output of this form; a vector's strip takes two. */
export function thumbnailCount(form: Form): number {
  return hasMaps(form) ? Math.min(mapsAtNode, geometryOf(form).maps) : 2;
}

export function thumbnailsOf({ activation, maps, range }: LayerValues): Thumbnails {
  const wanted = maps.length <= mostMaps ? maps.length : mapsAtNode;
  const { rows, columns } = geometryOf(activation);
  return {
    urls: maps.slice(0, wanted).map(({ map }) => mapUrl(activation, map, range, longest)),
    isCoarse: Math.max(rows, columns) < longest,
    isVector: !hasMaps(activation),
  };
}

export function pictureThumbnail(input: {
  width: number;
  height: number;
  channels: number;
  pixels: string;
}): Thumbnails {
  const { width, height, channels, pixels } = input;
  const image = paintPicture(decodeBase64(pixels), width, height, channels);
  return { urls: [dataUrl(image)], isCoarse: width < longest, isVector: false };
}

/** @param most Pixels of the longer side. */
export function mapUrl(activation: Activation, map: number, range: Range, most: number): string {
  return dataUrl(imageOfMap(shrunkMap(activation, map, most), 0, range, colorMaps.viridis));
}

/** A PNG, because drawings and exports hold it by its address. */
function dataUrl(image: ImageData): string {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: image.width, height: image.height });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas.toDataURL('image/png');
}
