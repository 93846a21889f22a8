/** A layer's output as maps: which there are, where each value lies, and what it says in numbers. Pure. */
import type { LayerLayout } from '../../protocol/sidecar';

/** How a layer's output lies in memory. */
export interface Form {
  /** Without the batch. */
  shape: readonly number[];
  /** Absent: `channelsLast`. */
  layout?: LayerLayout | undefined;
}

export interface Activation extends Form {
  /** Map after map, each row by row, whatever the form says: as they are drawn. */
  planes: Float32Array;
}

/** @param values As the form says. Taken over where they lie map after map already. */
export function activationOf({ shape, layout }: Form, values: Float32Array): Activation {
  return { shape, layout, planes: planesOf(geometryOf({ shape, layout }), values) };
}

function planesOf(geometry: Geometry, values: Float32Array): Float32Array {
  const { maps, rows, columns, mapStride, rowStride, columnStride } = geometry;
  const cells = rows * columns;
  const areRowsWhole = columnStride === 1 && (rows === 1 || rowStride === columns);
  if (areRowsWhole && (maps === 1 || mapStride === cells)) return values;
  const planes = new Float32Array(maps * cells);
  if (rowStride === columns * columnStride) {
    // Tiles that fit into the first cache: read across all channels, written along each map.
    const tile = Math.max(8, Math.floor(4096 / Math.max(1, columnStride)));
    for (let from = 0; from < cells; from += tile) {
      const to = Math.min(cells, from + tile);
      for (let map = 0; map < maps; map++) {
        let source = map * mapStride + from * columnStride;
        for (let target = map * cells + from; target < map * cells + to; target++) {
          planes[target] = values[source]!;
          source += columnStride;
        }
      }
    }
    return planes;
  }
  for (let map = 0, target = 0; map < maps; map++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, target++) {
        planes[target] = values[map * mapStride + row * rowStride + column * columnStride]!;
      }
    }
  }
  return planes;
}

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

/** One map by itself, no side longer than `most`: where one is, each cell is the mean of those that fall into it. */
export function shrunkMap(activation: Activation, map: number, most: number): Activation {
  const { rows, columns } = geometryOf(activation);
  const [height, width] = [Math.min(most, rows), Math.min(most, columns)];
  const start = map * rows * columns;
  const shape = [height, width, 1];
  if (height === rows && width === columns) {
    return { shape, planes: activation.planes.subarray(start, start + rows * columns) };
  }
  const planes = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = cellsOf(y, height, rows);
    for (let x = 0; x < width; x++) {
      const [left, right] = cellsOf(x, width, columns);
      let sum = 0;
      for (let row = top; row < bottom; row++) {
        const line = start + row * columns;
        for (let column = left; column < right; column++) sum += activation.planes[line + column]!;
      }
      planes[y * width + x] = sum / ((bottom - top) * (right - left));
    }
  }
  return { shape, planes };
}

/** Which of `size` cells fall into cell `at` of fewer; at least one. */
function cellsOf(at: number, fewer: number, size: number): [first: number, end: number] {
  const first = Math.floor((at * size) / fewer);
  return [first, Math.max(first + 1, Math.floor(((at + 1) * size) / fewer))];
}

/** A cell of a map. */
export interface Place {
  map: number;
  row: number;
  column: number;
}

/** Where the cell's value lies in the layer's own shape, without the batch. */
export function flatIndexOf({ mapStride, rowStride, columnStride }: Geometry, place: Place): number {
  return place.map * mapStride + place.row * rowStride + place.column * columnStride;
}

export function valueAt(activation: Activation, { map, row, column }: Place): number {
  const { rows, columns } = geometryOf(activation);
  return activation.planes[(map * rows + row) * columns + column] ?? Number.NaN;
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

/** For each map, in their order. */
export function statisticsOf(activation: Activation): MapStatistics[] {
  const { maps, rows, columns } = geometryOf(activation);
  const cells = rows * columns;
  return Array.from({ length: maps }, (_, map) => statisticsOfMap(activation.planes, map * cells, cells));
}

function statisticsOfMap(planes: Float32Array, start: number, cells: number): MapStatistics {
  let [min, max, sum, size, zeros, broken] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0, 0];
  for (let index = start; index < start + cells; index++) {
    const value = planes[index]!;
    // False for NaN and both infinities.
    if (value - value !== 0) {
      broken++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    size += value < 0 ? -value : value;
    if (value === 0) zeros++;
  }
  const finite = cells - broken;
  return {
    min: finite > 0 ? min : 0,
    max: finite > 0 ? max : 0,
    mean: finite > 0 ? sum / finite : 0,
    strength: finite > 0 ? size / finite : 0,
    zeros: zeros / cells,
    broken,
  };
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
