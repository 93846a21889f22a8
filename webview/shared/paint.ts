/**
 * Values to colours. A layer's maps together are millions of values, so they go through tables: one read of a value, one
 * write of a whole pixel.
 */
import type { ColorMap } from './colorMaps';
import { type Activation, aroundZero, geometryOf, type Range } from './maps';

/** NaN and infinities are drawn in magenta, which no map has. */
export const brokenColor = [255, 0, 255] as const;
const brokenWord = new Uint32Array(Uint8Array.of(...brokenColor, 255).buffer)[0]!;

/**
 * Paints one map.
 * @param range What the colour map's ends stand for.
 * @param pixels Of the map's size; overwritten. So one can serve for many maps, and stays in the cache.
 */
export function paintMap(
  activation: Activation,
  map: number,
  range: Range,
  { words, isDiverging }: Pick<ColorMap, 'words' | 'isDiverging'>,
  pixels: ImageData,
): void {
  const { planes } = activation;
  const target = new Uint32Array(pixels.data.buffer);
  const start = map * target.length;
  const { min, max } = isDiverging ? aroundZero(range) : range;
  // A range of nothing: all lowest; around zero, all in the middle.
  const scale = max > min ? 255 / (max - min) : 0;
  const half = scale === 0 && isDiverging ? 128 : 0.5;
  for (let index = 0; index < target.length; index++) {
    const value = planes[start + index]!;
    const place = (value - min) * scale + half;
    // False for NaN and both infinities.
    if (value - value !== 0) target[index] = brokenWord;
    else target[index] = words[place >= 255 ? 255 : place > 0 ? place | 0 : 0]!;
  }
}

/** A picture of its own for a map. */
export function imageOfMap(
  activation: Activation,
  map: number,
  range: Range,
  colors: Pick<ColorMap, 'words' | 'isDiverging'>,
): ImageData {
  const { rows, columns } = geometryOf(activation);
  const image = new ImageData(columns, rows);
  paintMap(activation, map, range, colors, image);
  return image;
}

/** Draws a map on a canvas, which gets its size. `pixels` as in `paintMap`. */
export function drawMap(
  canvas: HTMLCanvasElement,
  activation: Activation,
  map: number,
  range: Range,
  colors: ColorMap,
  pixels: ImageData,
): void {
  paintMap(activation, map, range, colors, pixels);
  // Setting a size clears the canvas and takes memory anew, even if it is the same.
  if (canvas.width !== pixels.width) canvas.width = pixels.width;
  if (canvas.height !== pixels.height) canvas.height = pixels.height;
  // Pixels come from the processor, so they are kept where it writes.
  canvas.getContext('2d', { alpha: false, willReadFrequently: true })?.putImageData(pixels, 0, 0);
}

/** A colour as the maps have it, for what is drawn by other means. */
export function cssColor(value: number, range: Range, { bytes, isDiverging }: ColorMap): string {
  if (!Number.isFinite(value)) return `rgb(${brokenColor.join(', ')})`;
  const { min, max } = isDiverging ? aroundZero(range) : range;
  const share = max > min ? (value - min) / (max - min) : isDiverging ? 0.5 : 0;
  const index = Math.max(0, Math.min(255, Math.round(share * 255))) * 4;
  return `rgb(${bytes[index]}, ${bytes[index + 1]}, ${bytes[index + 2]})`;
}

/** True where black text on the colour can be read better than white. */
export function isLight(value: number, range: Range, map: ColorMap): boolean {
  const [red = 0, green = 0, blue = 0] = (cssColor(value, range, map).match(/\d+/g) ?? []).map(Number);
  const linear = (channel: number) =>
    channel <= 10 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4;
  // Where contrast with black and with white are equal (WCAG 2).
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) > 0.179;
}
