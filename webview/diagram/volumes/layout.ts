/**
 * Where the volumes view puts things, in pixels at zoom 1. Pure.
 *
 * Two projections, as the field's papers use them. `sheets` (LeNet-5, figure 2): feature maps seen from the front, stacked
 * towards the upper left. `boxes` (AlexNet, VGG): the channels run along the reading direction and the maps recede.
 * Parallel branches, such as AlexNet's two towers, stand one above the other in the same column.
 */
import { ranks, topologicalOrder } from '../order';
import { type Scene, splitShape } from '../scene';
import { bracketsOf } from './brackets';
import { connect } from './connectors';
import { type Label, labelOf } from './labels';
import { isVector, mostSheets, type Solid, scaleFor, solidOf } from './shapes';
import {
  type Bracket,
  lineHeight,
  type PlacedItem,
  type Projection,
  readableZoom,
  type TextMeasure,
  type VolumesLayout,
} from './types';

/** Sheets read best for few, small stacks; papers switch to boxes for the rest. */
export function naturalProjection(scene: Scene): Projection {
  const stacks = scene.items.filter(({ shape }) => shape !== null && shape.length === 4);
  const channels = stacks.map((item) => {
    const parts = splitShape(item);
    return parts && !isVector(parts.spatial) && typeof parts.channels === 'number' ? parts.channels : 0;
  });
  return stacks.length <= 10 && Math.max(0, ...channels) <= mostSheets ? 'sheets' : 'boxes';
}

/** Branches that run side by side and join again, without shortcuts past other layers: few enough for rows of volumes. */
export function hasTowersOnly(scene: Scene): boolean {
  const rank = ranks(topologicalOrder(scene.items, scene.edges), scene.edges);
  const perRank = new Map<number, number>();
  for (const value of rank.values()) perRank.set(value, (perRank.get(value) ?? 0) + 1);
  return (
    scene.hasVolumes &&
    Math.max(...perRank.values()) <= 3 &&
    scene.edges.every(({ from, to }) => rank.get(to)! - rank.get(from)! === 1)
  );
}

const labelGap = 14;
const rowGap = 40;
const margin = 20;
const laneGap = 26;
/** More columns than this are broken into rows by the panel's width alone. */
const manyColumns = 160;

/** What stands at the same distance from the input. */
interface Column {
  solids: Solid[];
  labels: Label[];
  items: PlacedItem['item'][];
  width: number;
  labelWidth: number;
  passesThrough: boolean;
  isVector: boolean;
}

interface Row {
  columns: Column[];
  first: number;
  /** Centres of the columns. */
  xs: number[];
  width: number;
}

export function layoutVolumes(
  scene: Scene,
  projection: Projection,
  measure: TextMeasure,
  viewport: { width: number; height: number },
): VolumesLayout {
  const columns = columnsOf(scene, projection, measure);
  if (columns.length > manyColumns) {
    return place(scene, fill(columns, viewport.width / 0.95, false), false);
  }
  // Every way to break the row is tried. A single row is how architectures are read: a broken one must be clearly
  // easier to read. What cannot be seen whole at a readable size fills the width and continues below.
  let best: { layout: VolumesLayout; fits: boolean; zoom: number } | undefined;
  for (const staggered of columns.length > 10 ? [false, true] : [false]) {
    for (let rows = 1; rows <= Math.max(1, Math.ceil(columns.length / 3)); rows++) {
      const layout = place(scene, balanced(columns, rows, staggered), staggered);
      const whole = Math.min(1.15, viewport.width / layout.width, viewport.height / layout.height);
      const fits = whole >= readableZoom;
      const zoom = fits ? whole : Math.min(0.95, viewport.width / layout.width);
      if (!best || (fits && !best.fits) || (fits === best.fits && zoom > best.zoom * 1.12)) {
        best = { layout, fits, zoom };
      }
    }
  }
  return best!.layout;
}

function columnsOf(scene: Scene, projection: Projection, measure: TextMeasure): Column[] {
  const scale = scaleFor(scene);
  const order = topologicalOrder(scene.items, scene.edges);
  const rank = scene.isChain ? null : ranks(order, scene.edges);
  const grouped = new Map<number, PlacedItem['item'][]>();
  order.forEach((item, index) => {
    const at = rank ? rank.get(item.key)! : index;
    const known = grouped.get(at);
    if (known) known.push(item);
    else grouped.set(at, [item]);
  });
  const lane = new Map<string, number>();
  const inbound = new Map<string, string[]>();
  for (const { from, to } of scene.edges) inbound.set(to, [...(inbound.get(to) ?? []), from]);
  return [...grouped]
    .sort(([a], [b]) => a - b)
    .map(([, items]) => {
      // A branch stays in its lane.
      const wish = (key: string) => {
        const lanes = (inbound.get(key) ?? []).map((from) => lane.get(from) ?? 0);
        return lanes.length === 0 ? 0 : lanes.reduce((sum, value) => sum + value, 0) / lanes.length;
      };
      const sorted = items.map((item) => ({ item, at: wish(item.key) })).sort((a, b) => a.at - b.at);
      for (const [index, { item }] of sorted.entries()) lane.set(item.key, index - (sorted.length - 1) / 2);
      const ordered = sorted.map(({ item }) => item);
      const solids = ordered.map((item) => solidOf(item, projection, scale));
      const labels = ordered.map((item) => labelOf(item, measure));
      return {
        items: ordered,
        solids,
        labels,
        width: Math.max(...solids.map(({ width }) => width)),
        labelWidth: Math.max(...labels.map(({ width }) => width)),
        passesThrough: ordered.every(({ passesThrough }) => passesThrough),
        isVector: solids.every(({ isColumn }) => isColumn),
      };
    });
}

function isTower({ solids }: Column): boolean {
  return solids.length > 1;
}

// ------------------------------------------------------------------------------------------------------------ rows

/** As many columns in each row as the limit allows, a loop or a block not torn apart if that leaves a row half full. */
function fill(columns: readonly Column[], limit: number, staggered: boolean): Row[] {
  const rows: Row[] = [];
  for (let first = 0; first < columns.length; ) {
    let row = rowOf(columns, first, limit, staggered);
    const end = beforeGroup(columns, first, first + row.columns.length);
    if (end < first + row.columns.length) {
      const shorter = columns.slice(0, end);
      row = rowOf(shorter, first, limit, staggered);
    }
    rows.push(row);
    first += row.columns.length;
  }
  return rows;
}

/** Columns from `first` on, as close as their shapes and labels allow, as many as fit (one at least). */
function rowOf(columns: readonly Column[], first: number, limit: number, staggered: boolean): Row {
  const row: Row = { columns: [], first, xs: [], width: 0 };
  for (let index = first; index < columns.length; index++) {
    const column = columns[index]!;
    const at = index - first;
    let x = Math.max(column.width, column.labelWidth) / 2;
    if (at > 0) {
      const gap = column.passesThrough ? 10 : column.isVector ? 30 : 24;
      x = row.xs[at - 1]! + (columns[index - 1]!.width + column.width) / 2 + gap;
    }
    // Labels at two heights in turn leave room for each other; those of towers stand at one.
    const isBeside = (before: Column) => !staggered || isTower(before) || isTower(column);
    for (const distance of [1, 2]) {
      const before = columns[index - distance];
      if (!before || distance > at || (distance === 1 && !isBeside(before))) continue;
      x = Math.max(x, row.xs[at - distance]! + (before.labelWidth + column.labelWidth) / 2 + labelGap);
    }
    const width = Math.max(row.width, x + Math.max(column.width, column.labelWidth) / 2);
    if (at > 0 && width > limit) break;
    row.columns.push(column);
    row.xs.push(x);
    row.width = width;
  }
  return row;
}

/** The narrowest rows that are still no more than asked for. */
function balanced(columns: readonly Column[], rows: number, staggered: boolean): Row[] {
  if (rows <= 1) return fill(columns, Number.POSITIVE_INFINITY, staggered);
  let low = Math.max(0, ...columns.map(({ width, labelWidth }) => Math.max(width, labelWidth)));
  let high = rowOf(columns, 0, Number.POSITIVE_INFINITY, staggered).width;
  while (high - low > 8) {
    const middle = (low + high) / 2;
    if (fill(columns, middle, staggered).length <= rows) high = middle;
    else low = middle;
  }
  return fill(columns, high, staggered);
}

/** Where a row that would end inside a loop or a block had better end, if that leaves it half full. */
function beforeGroup(columns: readonly Column[], start: number, end: number): number {
  const groupOf = (index: number) => columns[index]?.items[0]?.groups[0]?.key;
  const group = groupOf(end);
  if (group === undefined) return end;
  let first = end;
  while (first > start && groupOf(first - 1) === group) first--;
  return first - start >= (end - start) / 2 ? first : end;
}

// --------------------------------------------------------------------------------------------------------- placing

function place(scene: Scene, rows: Row[], staggered: boolean): VolumesLayout {
  const hasShortcuts = !scene.isChain && !rows.every(({ columns }) => columns.length === 0);
  const placed: PlacedItem[] = [];
  const brackets: Bracket[] = [];
  let y = 0;
  rows.forEach((row, rowIndex) => {
    const towers = row.columns.filter(isTower);
    const single = row.columns.filter((column) => !isTower(column));
    const halfOf = (columns: Column[]) =>
      Math.max(0, ...columns.flatMap(({ solids }) => solids.map(({ height }) => height / 2)));
    const linesOf = (columns: Column[]) =>
      Math.max(0, ...columns.flatMap(({ labels }) => labels.map(({ lines }) => lines.length))) * lineHeight;
    const lanes = Math.max(1, ...towers.map(({ solids }) => solids.length));
    const towerHalf = halfOf(towers);
    const towerLines = linesOf(towers);
    // From one lane's axis to the next.
    const pitch = 2 * towerHalf + 18 + towerLines + laneGap;
    const singleHalf = halfOf(single);
    const above = Math.max(singleHalf, towers.length > 0 ? ((lanes - 1) * pitch) / 2 + towerHalf : 0);
    const axis = y + above + (hasShortcuts && towers.length === 0 ? 34 : 0);
    const singleLines = linesOf(single);
    const stagger = staggered ? singleLines + 10 : 0;
    row.columns.forEach((column, at) => {
      const x = row.xs[at]!;
      const count = column.solids.length;
      column.solids.forEach((solid, lane) => {
        const label = column.labels[lane]!;
        const centre = axis + (count > 1 ? (lane - (count - 1) / 2) * pitch : 0);
        const half = count > 1 ? towerHalf : singleHalf;
        const lower = count === 1 && staggered && at % 2 === 1;
        const labelY = centre + half + 18 + (lower ? stagger : 0);
        const bottom = centre + solid.height / 2;
        placed.push({
          item: column.items[lane]!,
          x,
          y: centre,
          width: solid.width,
          height: solid.height,
          faces: solid.faces,
          cells: solid.cells,
          map: solid.map,
          isColumn: solid.isColumn,
          rowTop: y,
          row: rowIndex,
          column: row.first + at,
          label: { x, y: labelY, lines: label.lines, width: label.width },
          leader:
            labelY - bottom > 26
              ? [
                  { x, y: bottom + 5 },
                  { x, y: labelY - 3 },
                ]
              : null,
        });
      });
    });
    const rowBottom = Math.max(
      single.length > 0 ? axis + singleHalf + 18 + singleLines + stagger : 0,
      towers.length > 0 ? axis + ((lanes - 1) * pitch) / 2 + towerHalf + 18 + towerLines : 0,
    );
    const rowBrackets = bracketsOf(
      placed.filter((one) => one.row === rowIndex),
      rowBottom + 8,
    );
    brackets.push(...rowBrackets);
    y = rowBottom + (rowBrackets.length > 0 ? 30 : 0) + rowGap;
  });
  // Read aloud and walked in the order of the layers, whatever the branches.
  const position = new Map(scene.items.map(({ key }, index) => [key, index]));
  placed.sort((a, b) => position.get(a.item.key)! - position.get(b.item.key)!);
  return {
    items: placed,
    connectors: connect(scene, placed),
    brackets,
    x: -margin,
    y: -margin,
    width: Math.max(0, ...rows.map(({ width }) => width)) + 2 * margin,
    height: Math.max(0, y - rowGap) + 2 * margin,
  };
}
