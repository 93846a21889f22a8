/** The solids: stacked sheets, boxes in perspective, columns. */
import { type Item, type Scene, splitShape } from '../scene';
import type { Face, PlacedItem, Point, Projection } from './types';

const largestMap = 168;
const smallestMap = 9;
const largestColumn = 176;
const columnThickness = 11;
const unknownSize = 64;
/** More maps than this are one solid box: separate sheets could not be told apart. */
export const mostSheets = 24;
const sheetStep = 5;
/** How the width of a map recedes in `boxes`. */
const recede = { x: 0.44, y: -0.3 };

export interface Scale {
  map(size: number): number;
  depth(channels: number): number;
  column(units: number): number;
}

export interface Solid {
  width: number;
  height: number;
  faces: Face[];
  cells: Point[][];
  map: PlacedItem['map'];
  isColumn: boolean;
}

/**
 * Sizes keep their order and their proportions in a softened form: drawn to the letter, VGG's last 7×7 maps would be
 * thirty times smaller than its first.
 */
export function scaleFor(scene: Scene): Scale {
  let largest = 1;
  let widest = 1;
  for (const item of scene.items) {
    const parts = splitShape(item);
    if (!parts) continue;
    for (const size of parts.spatial) if (typeof size === 'number') largest = Math.max(largest, size);
    if (isVector(parts.spatial) && typeof parts.channels === 'number')
      widest = Math.max(widest, parts.channels);
  }
  const unit = Math.min(largestMap, 60 + largest * 2.6);
  const logWidest = Math.log2(Math.max(1024, widest));
  return {
    map: (size) => Math.max(smallestMap, unit * (Math.max(size, 0) / largest) ** 0.72),
    depth: (channels) => Math.min(64, Math.max(4, 2.1 * Math.sqrt(Math.max(channels, 0)))),
    column: (units) => 26 + (largestColumn - 26) * Math.min(1, Math.log2(Math.max(units, 1)) / logWidest),
  };
}

export function solidOf(item: Item, projection: Projection, scale: Scale): Solid {
  const parts = splitShape(item);
  if (item.certainty === 'lost' || !parts) return flat(unknownSize, unknownSize);
  const channels = typeof parts.channels === 'number' ? parts.channels : null;
  if (isVector(parts.spatial)) return column(channels, item, projection, scale);
  const [rows, columns] = parts.spatial.length === 1 ? [parts.spatial[0], null] : parts.spatial.slice(-2);
  const height = typeof rows === 'number' ? scale.map(rows) : unknownSize;
  const width =
    parts.spatial.length === 1
      ? columnThickness
      : typeof columns === 'number'
        ? scale.map(columns)
        : unknownSize;
  if (projection === 'sheets') return sheets(width, height, item.passesThrough ? 1 : channels, scale);
  return box(width, height, item.passesThrough ? 4 : channels === null ? 24 : scale.depth(channels));
}

export function isVector(spatial: readonly unknown[]): boolean {
  return spatial.every((size) => size === 1);
}

function flat(width: number, height: number): Solid {
  const [left, top] = [-width / 2, -height / 2];
  return {
    width,
    height,
    faces: [{ shade: 'front', points: quad({ x: left, y: top }, { x: width, y: 0 }, { x: 0, y: height }) }],
    cells: [],
    map: null,
    isColumn: false,
  };
}

function sheets(width: number, height: number, channels: number | null, scale: Scale): Solid {
  const count = channels ?? 3;
  if (count > mostSheets) return frontalBox(width, height, scale.depth(count) * 0.7);
  const step = Math.min(sheetStep, 64 / Math.max(count, 1));
  const spread = step * Math.max(0, count - 1);
  const [left, top] = [-(width + spread) / 2, -(height + spread) / 2];
  const faces = Array.from({ length: Math.max(1, count) }, (_, index): Face => {
    const origin = { x: left + index * step, y: top + index * step };
    return { shade: 'front', points: quad(origin, { x: width, y: 0 }, { x: 0, y: height }) };
  });
  return {
    width: width + spread,
    height: height + spread,
    faces,
    cells: [],
    map: {
      origin: { x: left + spread, y: top + spread },
      across: { x: width, y: 0 },
      down: { x: 0, y: height },
    },
    isColumn: false,
  };
}

/** Seen from the lower right: the front map, the top and the left side. */
function frontalBox(width: number, height: number, depth: number): Solid {
  const [left, top] = [-(width + depth) / 2, -(height + depth) / 2];
  const front = { x: left + depth, y: top + depth };
  const back = { x: -depth, y: -depth };
  const across = { x: width, y: 0 };
  const down = { x: 0, y: height };
  return {
    width: width + depth,
    height: height + depth,
    faces: [
      { shade: 'top', points: quad(front, across, back) },
      { shade: 'side', points: quad(front, down, back) },
      { shade: 'front', points: quad(front, across, down) },
    ],
    cells: [],
    map: { origin: front, across, down },
    isColumn: false,
  };
}

/** The maps recede to the upper right; `depth` runs along the reading direction. */
function box(mapWidth: number, height: number, depth: number): Solid {
  const away = { x: mapWidth * recede.x, y: mapWidth * recede.y };
  const width = depth + away.x;
  const total = height - away.y;
  const [left, top] = [-width / 2, -total / 2 - away.y];
  const corner = { x: left, y: top };
  const along = { x: depth, y: 0 };
  const down = { x: 0, y: height };
  const right = { x: left + depth, y: top };
  return {
    width,
    height: total,
    faces: [
      { shade: 'top', points: quad(corner, along, away) },
      { shade: 'side', points: quad(right, away, down) },
      { shade: 'front', points: quad(corner, along, down) },
    ],
    cells: [],
    map: { origin: right, across: away, down },
    isColumn: false,
  };
}

function column(units: number | null, item: Item, projection: Projection, scale: Scale): Solid {
  const height = units === null ? 0.6 * largestColumn : scale.column(units);
  const thickness = item.passesThrough ? 5 : columnThickness;
  const solid = projection === 'sheets' ? frontalBox(thickness, height, 7) : box(16, height, thickness);
  const front = solid.faces.find(({ shade }) => shade === 'front')!.points;
  const cells: Point[][] = [];
  if (units !== null && units > 1 && units <= 20 && !item.passesThrough) {
    for (let index = 1; index < units; index++) {
      const y = front[0]!.y + (height * index) / units;
      cells.push([
        { x: front[0]!.x, y },
        { x: front[1]!.x, y },
      ]);
    }
  }
  return { ...solid, cells, map: null, isColumn: true };
}

function quad(origin: Point, across: Point, down: Point): Point[] {
  const { x, y } = origin;
  return [
    { x, y },
    { x: x + across.x, y: y + across.y },
    { x: x + across.x + down.x, y: y + across.y + down.y },
    { x: x + down.x, y: y + down.y },
  ];
}
