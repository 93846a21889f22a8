/** A layer's output as pictures: which maps there are, where each value lies, and how it becomes a colour. Pure. */
import { viridis } from '../../shared/viridis';

export interface Activation {
  /** Without the batch; the last axis is the channel. */
  shape: number[];
  values: Float32Array;
}

/** The plane that one channel fills. A vector is one plane for all its units. */
export interface Plane {
  rows: number;
  columns: number;
  /** Where the value at (row, column) lies. */
  indexOf(row: number, column: number): number;
}

export function isVector(shape: readonly number[]): boolean {
  return shape.slice(0, -1).every((size) => size === 1);
}

/** How many separate maps a layer has; a vector or a sequence is drawn as one. */
export function mapCount(shape: readonly number[]): number {
  return shape.length <= 2 ? 1 : (shape.at(-1) ?? 1);
}

export function planeOf(shape: readonly number[], map: number): Plane {
  const channels = shape.at(-1) ?? 1;
  // A sequence: time from left to right, channels downwards.
  if (shape.length === 2) {
    return { rows: channels, columns: shape[0]!, indexOf: (row, column) => column * channels + row };
  }
  const columns = shape.at(-2) ?? 1;
  // Volumes over time or depth are put one below the other.
  const rows = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { rows, columns, indexOf: (row, column) => (row * columns + column) * channels + map };
}

export interface Range {
  min: number;
  max: number;
}

/** Over all channels, so that maps of one layer can be compared. */
export function rangeOf(values: Float32Array): Range {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

/** True when nothing in this picture makes the channel say anything: all its values are exactly zero. */
export function isDead(activation: Activation, map: number): boolean {
  const { shape, values } = activation;
  if (shape.length <= 2) return false;
  const channels = shape.at(-1) ?? 1;
  for (let index = map; index < values.length; index += channels) if (values[index] !== 0) return false;
  return true;
}

/** NaN and infinities are drawn in magenta, which viridis does not have. */
const broken = [255, 0, 255] as const;

export function paint(activation: Activation, map: number, range: Range): ImageData {
  const plane = planeOf(activation.shape, map);
  const image = new ImageData(plane.columns, plane.rows);
  for (let row = 0; row < plane.rows; row++) {
    for (let column = 0; column < plane.columns; column++) {
      const value = activation.values[plane.indexOf(row, column)] ?? Number.NaN;
      const target = (row * plane.columns + column) * 4;
      if (!Number.isFinite(value)) {
        image.data.set([...broken, 255], target);
        continue;
      }
      const source = colorIndex(value, range) * 4;
      image.data.set(viridis.subarray(source, source + 4), target);
    }
  }
  return image;
}

export function colorIndex(value: number, { min, max }: Range): number {
  if (max <= min) return 0;
  return Math.max(0, Math.min(255, Math.round(((value - min) / (max - min)) * 255)));
}

export function cssColor(value: number, range: Range): string {
  const index = colorIndex(value, range) * 4;
  return `rgb(${viridis[index]}, ${viridis[index + 1]}, ${viridis[index + 2]})`;
}
