/** A layer's output as maps: which there are, where each value lies, and what it says in numbers. Pure. */
import type { LayerLayout } from '../../../protocol/sidecar';

export interface Activation {
  /** Without the batch. */
  shape: readonly number[];
  /** Absent: `channelsLast`. */
  layout?: LayerLayout | undefined;
  values: Float32Array;
}

type Form = Pick<Activation, 'shape' | 'layout'>;

/**
 * How the maps lie in memory: the value of a map at a row and column is at
 * `map · mapStride + row · rowStride + column · columnStride`.
 */
export interface Geometry {
  maps: number;
  rows: number;
  columns: number;
  mapStride: number;
  rowStride: number;
  columnStride: number;
}

/** One value for each channel: neither rows nor columns. */
export function isVector({ shape, layout }: Form): boolean {
  const spatial = layout === 'channelsFirst' ? shape.slice(1) : shape.slice(0, -1);
  return spatial.every((size) => size === 1);
}

/**
 * Each channel is a map; volumes over time or depth are put one below the other. A sequence is one map: time from left
 * to right, channels downwards. A vector is one map of one row.
 */
export function geometryOf(form: Form): Geometry {
  const { shape, layout } = form;
  const isFirst = layout === 'channelsFirst';
  const channels = (isFirst ? shape[0] : shape.at(-1)) ?? 1;
  if (isVector(form)) {
    return { maps: 1, rows: 1, columns: channels, mapStride: 0, rowStride: 0, columnStride: 1 };
  }
  if (shape.length === 2) {
    const [rowStride, columnStride] = isFirst ? [shape[1]!, 1] : [1, channels];
    const columns = isFirst ? shape[1]! : shape[0]!;
    return { maps: 1, rows: channels, columns, mapStride: 0, rowStride, columnStride };
  }
  const spatial = isFirst ? shape.slice(1) : shape.slice(0, -1);
  const columns = spatial.at(-1)!;
  const rows = spatial.slice(0, -1).reduce((product, size) => product * size, 1);
  return isFirst
    ? { maps: channels, rows, columns, mapStride: rows * columns, rowStride: columns, columnStride: 1 }
    : { maps: channels, rows, columns, mapStride: 1, rowStride: columns * channels, columnStride: channels };
}

/** A cell of a map. */
export interface Place {
  map: number;
  row: number;
  column: number;
}

export function flatIndexOf({ mapStride, rowStride, columnStride }: Geometry, place: Place): number {
  return place.map * mapStride + place.row * rowStride + place.column * columnStride;
}

export function valueAt(activation: Activation, place: Place): number {
  return activation.values[flatIndexOf(geometryOf(activation), place)] ?? Number.NaN;
}

/** The cell's index in the layer's own shape, without the batch. */
export function indexOfPlace(form: Form, place: Place): number[] {
  let left = flatIndexOf(geometryOf(form), place);
  const index: number[] = [];
  for (const size of form.shape.toReversed()) {
    index.unshift(left % size);
    left = Math.floor(left / size);
  }
  return index;
}

/** The opposite of `indexOfPlace`. */
export function placeOfIndex(form: Form, index: readonly number[]): Place {
  const flat = form.shape.reduce((sum, size, axis) => sum * size + (index[axis] ?? 0), 0);
  const { maps, rows, columns, mapStride, rowStride, columnStride } = geometryOf(form);
  const along = (stride: number, count: number) => (count > 1 ? Math.floor(flat / stride) % count : 0);
  return { map: along(mapStride, maps), row: along(rowStride, rows), column: along(columnStride, columns) };
}

export interface Range {
  min: number;
  max: number;
}

/** Of one map, or of all. Minimum, maximum and mean leave out what is no number. */
export interface MapStatistics extends Range {
  mean: number;
  /** Mean of the values' sizes: how much the channel has to say of this picture. */
  strength: number;
  /** Share of exact zeros, 0 … 1. */
  zeros: number;
  /** How many values are NaN or infinite. */
  broken: number;
}

/** For each map, in their order; in one pass, however they lie in memory. */
export function statisticsOf(activation: Activation): MapStatistics[] {
  const { values } = activation;
  const { maps, rows, columns, mapStride } = geometryOf(activation);
  const cells = rows * columns;
  const min = new Float64Array(maps).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(maps).fill(Number.NEGATIVE_INFINITY);
  const [sum, size, zeros, broken] = [0, 1, 2, 3].map(() => new Float64Array(maps)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const take = (map: number, value: number) => {
    // False for NaN and both infinities.
    if (value - value !== 0) {
      broken[map]!++;
      return;
    }
    if (value < min[map]!) min[map] = value;
    if (value > max[map]!) max[map] = value;
    sum[map]! += value;
    size[map]! += Math.abs(value);
    if (value === 0) zeros[map]!++;
  };
  if (mapStride === 1) {
    for (let index = 0, map = 0; index < values.length; index++) {
      take(map, values[index]!);
      if (++map === maps) map = 0;
    }
  } else {
    for (let map = 0; map < maps; map++) {
      for (let index = map * cells; index < (map + 1) * cells; index++) take(map, values[index]!);
    }
  }
  return Array.from({ length: maps }, (_, map) => {
    const finite = cells - broken[map]!;
    return {
      min: finite > 0 ? min[map]! : 0,
      max: finite > 0 ? max[map]! : 0,
      mean: finite > 0 ? sum[map]! / finite : 0,
      strength: finite > 0 ? size[map]! / finite : 0,
      zeros: zeros[map]! / cells,
      broken: broken[map]!,
    };
  });
}

/** True when nothing in this picture makes the channel say anything: all its values are exactly zero. */
export function isDead({ zeros }: MapStatistics): boolean {
  return zeros === 1;
}

/** Over several maps, so that they can be compared. */
export function rangeOf(maps: readonly Range[]): Range {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const map of maps) {
    min = Math.min(min, map.min);
    max = Math.max(max, map.max);
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

/** With zero in its middle. */
export function aroundZero({ min, max }: Range): Range {
  const most = Math.max(Math.abs(min), Math.abs(max));
  return { min: -most, max: most };
}
