/**
 * Where the volumes view puts things, in pixels at zoom 1. Pure.
 *
 * Two projections, as the field's papers use them. `sheets` (LeNet-5, figure 2): feature maps seen from the front, stacked
 * towards the upper left. `boxes` (AlexNet, VGG): the channels run along the reading direction and the maps recede.
 */
import { type Item, type Scene, splitShape } from './scene';

export type Projection = 'sheets' | 'boxes';

export interface Point {
  x: number;
  y: number;
}

export interface Face {
  points: Point[];
  shade: 'front' | 'top' | 'side';
}

export interface PlacedItem {
  item: Item;
  /** Centre of the shape. */
  x: number;
  y: number;
  /** Extent of the shape around its centre. */
  width: number;
  height: number;
  /** Back to front. */
  faces: Face[];
  /** Cells of a short vector: lines across its front. */
  cells: Point[][];
  /** The map that the next layer looks at: origin and its two edges. */
  map: { origin: Point; across: Point; down: Point } | null;
  isColumn: boolean;
  /** Above everything that is drawn in its row. */
  rowTop: number;
  label: { x: number; y: number; lines: LabelLine[]; width: number };
  /** From the shape down to its label, when they are far apart. */
  leader: Point[] | null;
}

export interface LabelLine {
  text: string;
  role: 'title' | 'class' | 'shape' | 'params';
}

export interface Connector {
  kind: 'flow' | 'skip' | 'window' | 'dense' | 'turn';
  path: string;
  from: string;
  to: string;
}

export interface Bracket {
  label: string;
  from: number;
  to: number;
  y: number;
}

export interface VolumesLayout {
  items: PlacedItem[];
  connectors: Connector[];
  brackets: Bracket[];
  /** The frame around everything. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export type TextMeasure = (text: string, role: LabelLine['role']) => number;

export const lineHeight = 15;
/** Below this, labels cannot be read. */
export const readableZoom = 0.72;
const largestMap = 168;
const smallestMap = 9;
const largestColumn = 176;
const columnThickness = 11;
const unknownSize = 64;
/** More maps than this are one solid box: separate sheets could not be told apart. */
const mostSheets = 24;
const sheetStep = 5;
/** How the width of a map recedes in `boxes`. */
const recede = { x: 0.44, y: -0.3 };

/** Sheets read best for few, small stacks; papers switch to boxes for the rest. */
export function naturalProjection(scene: Scene): Projection {
  const stacks = scene.items.filter(({ shape }) => shape !== null && shape.length === 4);
  const channels = stacks.map((item) => {
    const parts = splitShape(item);
    return parts && !isVector(parts.spatial) && typeof parts.channels === 'number' ? parts.channels : 0;
  });
  return stacks.length <= 10 && Math.max(0, ...channels) <= mostSheets ? 'sheets' : 'boxes';
}

export function layoutVolumes(
  scene: Scene,
  projection: Projection,
  measure: TextMeasure,
  viewport: { width: number; height: number },
): VolumesLayout {
  const scale = scaleFor(scene);
  const solids = scene.items.map((item) => solidOf(item, projection, scale));
  const labels = scene.items.map((item) => labelOf(item, measure));

  // Every way to break the row is tried. A single row is how architectures are read: a broken one must be clearly
  // easier to read. What cannot be seen whole at a readable size fills the width and continues below.
  let best: { layout: VolumesLayout; fits: boolean; zoom: number } | undefined;
  for (const staggered of solids.length > 10 ? [false, true] : [false]) {
    for (let rows = 1; rows <= Math.ceil(solids.length / 3); rows++) {
      const layout = place(scene, solids, labels, rows, staggered);
      const whole = Math.min(1.15, viewport.width / layout.width, viewport.height / layout.height);
      const fits = whole >= readableZoom;
      const zoom = fits ? whole : Math.min(0.95, viewport.width / layout.width);
      if (!best || (fits && !best.fits) || (fits === best.fits && zoom > best.zoom * 1.12)) {
        best = { layout, fits, zoom };
      }
    }
  }
  return best?.layout ?? place(scene, solids, labels, 1, false);
}

// ---------------------------------------------------------------------------------------------------------- shapes

interface Scale {
  map(size: number): number;
  depth(channels: number): number;
  column(units: number): number;
}

interface Solid {
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
function scaleFor(scene: Scene): Scale {
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

function solidOf(item: Item, projection: Projection, scale: Scale): Solid {
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

function isVector(spatial: readonly unknown[]): boolean {
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

// --------------------------------------------------------------------------------------------------------- placing

interface Label {
  lines: LabelLine[];
  width: number;
}

function labelOf(item: Item, measure: TextMeasure): Label {
  const lines: LabelLine[] = [{ text: shorten(item.title), role: 'title' }];
  if (item.subtitle) lines.push({ text: item.subtitle, role: 'class' });
  lines.push({ text: shorten(item.shapeText), role: 'shape' });
  if (item.paramsText) lines.push({ text: shorten(item.paramsText), role: 'params' });
  return { lines, width: Math.max(...lines.map(({ text, role }) => measure(text, role))) };
}

/** Symbolic counts can be as long as a line of code; the details have them in full. */
function shorten(text: string): string {
  return text.length <= 24 ? text : `${text.slice(0, 23)}…`;
}

const labelGap = 14;
const rowGap = 40;
const margin = 20;

function place(
  scene: Scene,
  solids: Solid[],
  labels: Label[],
  rows: number,
  staggered: boolean,
): VolumesLayout {
  const { items } = scene;
  const skips = scene.edges.some((edge) => indexOf(items, edge.to) - indexOf(items, edge.from) > 1);
  const breaks = breakRows(items, solids, labels, rows, staggered);
  const placed: PlacedItem[] = [];
  const connectors: Connector[] = [];
  const brackets: Bracket[] = [];
  let y = 0;
  let width = 0;
  for (const [start, end] of breaks) {
    const xs = offsets(items, solids, labels, start, end, staggered);
    const above = Math.max(...solids.slice(start, end).map((solid) => solid.height / 2));
    const axis = y + above + (skips ? 34 : 0);
    const labelTop = axis + above + 18;
    const tallest = Math.max(...labels.slice(start, end).map(({ lines }) => lines.length)) * lineHeight;
    for (let index = start; index < end; index++) {
      const solid = solids[index]!;
      const label = labels[index]!;
      const x = xs[index - start]!;
      const lower = staggered && (index - start) % 2 === 1;
      const labelY = labelTop + (lower ? tallest + 10 : 0);
      const bottom = axis + solid.height / 2;
      placed.push({
        item: items[index]!,
        x,
        y: axis,
        width: solid.width,
        height: solid.height,
        faces: solid.faces,
        cells: solid.cells,
        map: solid.map,
        isColumn: solid.isColumn,
        rowTop: y,
        label: { x, y: labelY, lines: label.lines, width: label.width },
        leader:
          labelY - bottom > 26
            ? [
                { x, y: bottom + 5 },
                { x, y: labelY - 3 },
              ]
            : null,
      });
    }
    const rowBottom = labelTop + tallest * (staggered ? 2 : 1) + (staggered ? 10 : 0);
    const rowBrackets = bracketsOf(placed.slice(start, end), rowBottom + 8);
    brackets.push(...rowBrackets);
    width = Math.max(
      width,
      ...placed.slice(start, end).map((p) => p.x + Math.max(p.width, p.label.width) / 2),
    );
    y = rowBottom + (rowBrackets.length > 0 ? 30 : 0) + rowGap;
  }
  connectors.push(...connect(scene, placed));
  return {
    items: placed,
    connectors,
    brackets,
    x: -margin,
    y: -margin,
    width: width + 2 * margin,
    height: y - rowGap + 2 * margin,
  };
}

function indexOf(items: readonly Item[], key: string): number {
  return items.findIndex((item) => item.key === key);
}

/** Centres of the items `start … end`, as close as their shapes and labels allow. */
function offsets(
  items: Item[],
  solids: Solid[],
  labels: Label[],
  start: number,
  end: number,
  staggered: boolean,
): number[] {
  const xs: number[] = [];
  for (let index = start; index < end; index++) {
    const solid = solids[index]!;
    const label = labels[index]!;
    let x = Math.max(solid.width, label.width) / 2;
    const before = index - start - 1;
    if (before >= 0) {
      const gap = items[index]!.passesThrough ? 10 : solid.isColumn ? 30 : 24;
      x = xs[before]! + (solids[index - 1]!.width + solid.width) / 2 + gap;
    }
    const neighbour = before - (staggered ? 1 : 0);
    if (neighbour >= 0) {
      x = Math.max(x, xs[neighbour]! + (labels[start + neighbour]!.width + label.width) / 2 + labelGap);
    }
    xs.push(x);
  }
  return xs;
}

function breakRows(
  items: Item[],
  solids: Solid[],
  labels: Label[],
  rows: number,
  staggered: boolean,
): [number, number][] {
  const count = solids.length;
  if (rows <= 1) return [[0, count]];
  const widthOf = (start: number, end: number) => {
    const xs = offsets(items, solids, labels, start, end, staggered);
    return Math.max(
      ...xs.map((x, index) => x + Math.max(solids[start + index]!.width, labels[start + index]!.width) / 2),
    );
  };
  const fill = (limit: number) => {
    const result: [number, number][] = [];
    let start = 0;
    while (start < count) {
      let end = start + 1;
      while (end < count && widthOf(start, end + 1) <= limit) end++;
      end = beforeGroup(items, start, end);
      result.push([start, end]);
      start = end;
    }
    return result;
  };
  // The narrowest limit that still needs no more rows balances them.
  let low = Math.max(...solids.map((solid, index) => Math.max(solid.width, labels[index]!.width)));
  let high = widthOf(0, count);
  while (high - low > 8) {
    const middle = (low + high) / 2;
    if (fill(middle).length <= rows) high = middle;
    else low = middle;
  }
  return fill(high);
}

/** Where a row that would end inside a loop or a block had better end, if that leaves it half full. */
function beforeGroup(items: Item[], start: number, end: number): number {
  const group = items[end]?.layer?.groups[0]?.id;
  if (group === undefined) return end;
  let first = end;
  while (first > start && items[first - 1]?.layer?.groups[0]?.id === group) first--;
  return first - start >= (end - start) / 2 ? first : end;
}

/** Loops and helper functions, as a bracket below the layers that they make. */
function bracketsOf(placed: PlacedItem[], y: number): Bracket[] {
  const result: (Bracket & { id: string })[] = [];
  for (const { item, x, width, label } of placed) {
    const group = item.layer?.groups[0];
    if (!group) continue;
    const half = Math.max(width, label.width) / 2;
    const last = result.at(-1);
    const before = placed[placed.findIndex((other) => other.item === item) - 1];
    if (last && last.id === group.id && before?.item.layer?.groups[0]?.id === group.id) last.to = x + half;
    else result.push({ id: group.id, label: group.label, from: x - half, to: x + half, y });
  }
  return result;
}

// ------------------------------------------------------------------------------------------------------ connectors

function connect(scene: Scene, placed: PlacedItem[]): Connector[] {
  const result: Connector[] = [];
  const byKey = new Map(placed.map((item, index) => [item.item.key, { item, index }]));
  for (const edge of scene.edges) {
    const from = byKey.get(edge.from);
    const to = byKey.get(edge.to);
    if (!from || !to) continue;
    const ends = { from: edge.from, to: edge.to };
    const [a, b] = [from.item, to.item];
    if (a.y !== b.y) {
      result.push({ ...ends, kind: to.index - from.index === 1 ? 'turn' : 'skip', path: turn(a, b) });
    } else if (to.index - from.index === 1) {
      // Behind both shapes, so that it begins and ends at what is drawn and not at a stack's empty corner.
      result.push({ ...ends, kind: 'flow', path: line([a, b]) });
      const fan = a.map && b.item.window ? windowFan(a, b) : denseFan(a, b);
      if (fan) result.push({ ...ends, kind: b.item.window ? 'window' : 'dense', path: fan });
    } else {
      const height = 22 + Math.min(90, 9 * Math.abs(to.index - from.index));
      const top = Math.min(
        ...placed
          .slice(Math.min(from.index, to.index), Math.max(from.index, to.index) + 1)
          .map((p) => p.y - p.height / 2),
      );
      const peak = top - Math.min(height, 30);
      result.push({
        ...ends,
        kind: 'skip',
        path: `M${r(a.x)},${r(a.y + topAtCentre(a.faces))}C${r(a.x)},${r(peak)} ${r(b.x)},${r(peak)} ${r(b.x)},${r(b.y + topAtCentre(b.faces) - 2)}`,
      });
    }
  }
  return result;
}

/** The height of the outline above a shape's middle. */
function topAtCentre(faces: Face[]): number {
  let top = 0;
  for (const { points } of faces) {
    points.forEach((from, index) => {
      const to = points[(index + 1) % points.length]!;
      if (from.x * to.x > 0 || from.x === to.x) return;
      top = Math.min(top, from.y + ((to.y - from.y) * -from.x) / (to.x - from.x));
    });
  }
  return top;
}

/** From the end of a row to the beginning of the next. */
function turn(a: PlacedItem, b: PlacedItem): string {
  const right = a.x + Math.max(a.width, a.label.width) / 2 + 10;
  const left = b.x - b.width / 2 - 12;
  const between = b.rowTop - 14;
  return `M${r(a.x + a.width / 2)},${r(a.y)}H${r(right)}V${r(between)}H${r(left)}V${r(b.y)}H${r(b.x - b.width / 2 - 2)}`;
}

/** The window on one map and the single cell of the next that it decides, as in LeNet-5's and AlexNet's figures. */
function windowFan(a: PlacedItem, b: PlacedItem): string | null {
  const map = a.map!;
  const parts = splitShape(a.item);
  const [rows, columns] = parts?.spatial.slice(-2) ?? [];
  if (typeof rows !== 'number' || typeof columns !== 'number' || rows < 1 || columns < 1) return null;
  const tall = Math.min(1, Math.max(0.09, b.item.window![0] / rows));
  const wide = Math.min(1, Math.max(0.09, b.item.window![1] / columns));
  const [u, v] = [Math.min(0.5, (1 - wide) * 0.62), Math.min(0.24, (1 - tall) / 2)];
  const at = (item: PlacedItem, across: number, down: number): Point => ({
    x: item.x + item.map!.origin.x + item.map!.across.x * across + item.map!.down.x * down,
    y: item.y + item.map!.origin.y + item.map!.across.y * across + item.map!.down.y * down,
  });
  const window = [at(a, u, v), at(a, u + wide, v), at(a, u + wide, v + tall), at(a, u, v + tall)];
  // Boxes hide the side that faces their predecessor: the fan ends at the edge that can be seen.
  const frontal = map.across.y === 0;
  const target = !b.map
    ? { x: b.x + (frontal ? b.width * 0.15 : -b.width * 0.2), y: b.y - b.height * 0.06 }
    : frontal
      ? at(b, 0.3, 0.36)
      : { x: b.x - b.width / 2 + 1, y: b.y + b.height / 2 - b.map.down.y * 0.55 };
  return `${line([...window, window[0]!])}${line([window[1]!, target, window[2]!])}`;
}

function denseFan(a: PlacedItem, b: PlacedItem): string | null {
  if (!b.isColumn || b.item.certainty === 'lost' || b.item.passesThrough) return null;
  const from = outerEdge(a.faces, 'right');
  const to = outerEdge(b.faces, 'left');
  return [0, 1]
    .map((end) =>
      line([
        { x: a.x + from[end]!.x, y: a.y + from[end]!.y },
        { x: b.x + to[end]!.x, y: b.y + to[end]!.y },
      ]),
    )
    .join('');
}

/** Upper and lower end of the edge that is farthest to one side. */
function outerEdge(faces: Face[], side: 'left' | 'right'): [Point, Point] {
  const points = faces.flatMap((face) => face.points);
  const sign = side === 'left' ? -1 : 1;
  const limit = Math.max(...points.map(({ x }) => sign * x));
  const edge = points.filter(({ x }) => sign * x > limit - 0.5).sort((a, b) => a.y - b.y);
  return [edge[0]!, edge.at(-1)!];
}

function line(points: Point[]): string {
  return points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${r(x)},${r(y)}`).join('');
}

/** Tenths of a pixel are enough and keep the document small. */
function r(value: number): number {
  return Math.round(value * 10) / 10;
}

export function polygon(points: Point[]): string {
  return points.map(({ x, y }) => `${r(x)},${r(y)}`).join(' ');
}
