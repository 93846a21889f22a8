/** A layer's output as planes of values: which there are, which are strongest, and what they look like small. Pure. */
import { viridis } from '../../shared/viridis';

export interface Activation {
  /** Without the batch. */
  shape: readonly number[];
  /** Which axis of maps is the channel; absent: the last. */
  layout?: 'channelsLast' | 'channelsFirst' | undefined;
  values: Float32Array;
}

/** Where the values of one plane lie: `offset + row · rowStep + column · columnStep`. */
export interface Plane {
  channel: number;
  rows: number;
  columns: number;
  offset: number;
  rowStep: number;
  columnStep: number;
}

export interface Strength {
  /** Mean of the values' sizes. */
  mean: number;
  min: number;
  max: number;
  /** Exactly zero everywhere: nothing in this picture makes the channel say anything. */
  isDead: boolean;
}

/** Maps with rows and columns; else one plane holds everything: a vector, a sequence. */
export function hasMaps(shape: readonly number[]): boolean {
  return shape.length >= 3 && !isVector(shape);
}

export function isVector(shape: readonly number[]): boolean {
  return shape.filter((size) => size !== 1).length <= 1;
}

export function planesOf({
  shape,
  layout,
}: {
  shape: readonly number[];
  layout?: Activation['layout'];
}): Plane[] {
  const count = shape.reduce((product, size) => product * size, 1);
  if (!hasMaps(shape)) {
    // A vector stands upright; of a sequence, time runs from left to right and channels downwards.
    const [columns, rows] = shape.length === 2 && !isVector(shape) ? [shape[0]!, shape[1]!] : [1, count];
    return [{ channel: 0, rows, columns, offset: 0, rowStep: 1, columnStep: rows }];
  }
  if (layout === 'channelsFirst') {
    const columns = shape.at(-1)!;
    const rows = count / shape[0]! / columns;
    return Array.from({ length: shape[0]! }, (_, channel) => {
      return { channel, rows, columns, offset: channel * rows * columns, rowStep: columns, columnStep: 1 };
    });
  }
  const channels = shape.at(-1)!;
  const columns = shape.at(-2)!;
  // Volumes over time or depth are put one below the other.
  const rows = count / channels / columns;
  return Array.from({ length: channels }, (_, channel) => {
    return { channel, rows, columns, offset: channel, rowStep: columns * channels, columnStep: channels };
  });
}

export function strengthOf(values: Float32Array, plane: Plane): Strength {
  let [sum, min, max, isDead] = [0, Infinity, -Infinity, true];
  for (let row = 0; row < plane.rows; row++) {
    let at = plane.offset + row * plane.rowStep;
    for (let column = 0; column < plane.columns; column++, at += plane.columnStep) {
      const value = values[at]!;
      if (value !== 0) isDead = false;
      if (!Number.isFinite(value)) continue;
      sum += Math.abs(value);
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  const isEmpty = min > max;
  return { mean: sum / (plane.rows * plane.columns), min: isEmpty ? 0 : min, max: isEmpty ? 0 : max, isDead };
}

/** Planes with their strengths, the strongest first. */
export function ranked(activation: Activation): { plane: Plane; strength: Strength }[] {
  return planesOf(activation)
    .map((plane) => ({ plane, strength: strengthOf(activation.values, plane) }))
    .sort((a, b) => b.strength.mean - a.strength.mean || a.plane.channel - b.plane.channel);
}

export interface Range {
  min: number;
  max: number;
}

/** Over all planes, so that maps of one layer can be compared. */
export function rangeOf(planes: readonly { strength: Strength }[]): Range {
  let [min, max] = [Infinity, -Infinity];
  for (const { strength } of planes) {
    min = Math.min(min, strength.min);
    max = Math.max(max, strength.max);
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

/** Pixels of a colour picture, four values each. */
export interface Raster {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
}

/** Not a number and infinite: magenta, which viridis does not have. */
const broken = [255, 0, 255, 255] as const;

/** The plane in colours, no side longer than `most`: where it is, each pixel is the mean of its values. */
export function rasterOf(values: Float32Array, plane: Plane, range: Range, most: number): Raster {
  const width = Math.min(most, plane.columns);
  const height = Math.min(most, plane.rows);
  const data = new Uint8ClampedArray(width * height * 4);
  const span = range.max - range.min;
  for (let y = 0; y < height; y++) {
    const [top, bottom] = cells(y, height, plane.rows);
    for (let x = 0; x < width; x++) {
      const [left, right] = cells(x, width, plane.columns);
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          sum += values[plane.offset + row * plane.rowStep + column * plane.columnStep]!;
        }
      }
      const value = sum / ((bottom - top) * (right - left));
      const target = (y * width + x) * 4;
      if (!Number.isFinite(value)) {
        data.set(broken, target);
        continue;
      }
      const share = span > 0 ? (value - range.min) / span : 0;
      const source = Math.max(0, Math.min(255, Math.round(share * 255))) * 4;
      data[target] = viridis[source]!;
      data[target + 1] = viridis[source + 1]!;
      data[target + 2] = viridis[source + 2]!;
      data[target + 3] = 255;
    }
  }
  return { width, height, data };
}

/** Which cells of `size` fall into pixel `at` of `pixels`; at least one. */
function cells(at: number, pixels: number, size: number): [first: number, end: number] {
  const first = Math.floor((at * size) / pixels);
  return [first, Math.max(first + 1, Math.floor(((at + 1) * size) / pixels))];
}

/** Grey or colour values 0 … 255, channels interleaved. */
export function pictureRaster(pixels: Uint8Array, width: number, height: number, channels: number): Raster {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let index = 0; index < width * height; index++) {
    for (let channel = 0; channel < 3; channel++) {
      data[index * 4 + channel] = pixels[index * channels + (channels >= 3 ? channel : 0)] ?? 0;
    }
    data[index * 4 + 3] = 255;
  }
  return { width, height, data };
}
