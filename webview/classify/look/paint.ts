/**
 * Values to colours. A layer's maps together are millions of values, so they go through tables: one pass over the values
 * in the order in which they lie in memory, one write of a whole pixel each.
 */
import type { ColorMap } from '../../shared/colorMaps';
import { type Activation, aroundZero, geometryOf, type Range } from './maps';

/** NaN and infinities are drawn in magenta, which no map has. */
export const brokenColor = [255, 0, 255] as const;
const brokenWord = new Uint32Array(Uint8Array.of(...brokenColor, 255).buffer)[0]!;

/** So many maps at a time that the places they are written to stay in the cache. */
const block = 32;

/**
 * One picture for each of `maps`. Their pixels lie in one buffer, map after map.
 * @param rangeOfMap What the colour map's ends stand for; the same for all, or for each of `maps` its own.
 */
export function paintMaps(
  activation: Activation,
  maps: readonly number[],
  rangeOfMap: Range | readonly Range[],
  { words, isDiverging }: Pick<ColorMap, 'words' | 'isDiverging'>,
): ImageData[] {
  const { values } = activation;
  const { rows, columns, mapStride, rowStride, columnStride } = geometryOf(activation);
  const cells = rows * columns;
  const pixels = new Uint32Array(maps.length * cells);
  const lowest = new Float64Array(maps.length);
  const perUnit = new Float64Array(maps.length);
  for (let i = 0; i < maps.length; i++) {
    const range = 'min' in rangeOfMap ? rangeOfMap : rangeOfMap[i]!;
    const { min, max } = isDiverging ? aroundZero(range) : range;
    lowest[i] = min;
    // A range of nothing: all lowest; around zero, all in the middle.
    perUnit[i] = max > min ? 255 / (max - min) : 0;
    if (isDiverging && max <= min) lowest[i] = Number.NaN;
  }
  const middle = words[128]!;
  if (columnStride === 1) {
    for (let i = 0; i < maps.length; i++) {
      const [low, scale] = [lowest[i]!, perUnit[i]!];
      let target = i * cells;
      for (let row = 0; row < rows; row++) {
        const start = maps[i]! * mapStride + row * rowStride;
        for (let index = start; index < start + columns; index++) {
          pixels[target++] = colorOf(values[index]!, low, scale, words, middle);
        }
      }
    }
  } else {
    for (let from = 0; from < maps.length; from += block) {
      const to = Math.min(maps.length, from + block);
      for (let row = 0, cell = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++, cell++) {
          const start = row * rowStride + column * columnStride;
          for (let i = from; i < to; i++) {
            pixels[i * cells + cell] = colorOf(
              values[start + maps[i]! * mapStride]!,
              lowest[i]!,
              perUnit[i]!,
              words,
              middle,
            );
          }
        }
      }
    }
  }
  return maps.map(
    (_, i) => new ImageData(new Uint8ClampedArray(pixels.buffer, i * cells * 4, cells * 4), columns, rows),
  );
}

/** `low` is NaN for a range of nothing around zero. */
function colorOf(value: number, low: number, scale: number, words: Uint32Array, middle: number): number {
  // False for NaN and both infinities.
  if (value - value !== 0) return brokenWord;
  const place = (value - low) * scale + 0.5;
  if (place >= 255) return words[255]!;
  if (place >= 0) return words[place | 0]!;
  return place < 0 ? words[0]! : middle;
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
