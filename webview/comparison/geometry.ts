/** Where everything of the comparison's picture stands. Pure; lengths in CSS pixels. */
import { isVector } from '../../model-graph/comparison/layers';
import { resolutionOf } from '../../model-graph/comparison/stages';
import type { WireDim, WireShape } from '../../protocol/modelGraph';
import type { DrawnItem } from './items';
import { resolutionText } from './items';
import type { ModelMarks } from './marks';
import type { Band } from './rows';

export interface Columns {
  /** Where the first model begins: left of it stand the names of rows. */
  gutter: number;
  width: number;
  /** Of a model's layers, before their labels. */
  drawing: number;
  count: number;
}

/** A column narrower than this gives its labels more of its room, and the names of rows less. */
const roomyWidth = 208;
/** Four models beside an editor; narrower than that a column cannot be read, and the picture scrolls. */
const leastWidth = 128;
const narrowGutter = 74;

/** `available`: the panel's inner width. */
export function columnsFor(available: number, count: number): Columns {
  const models = Math.max(1, count);
  const share = (gutter: number) => Math.floor((available - gutter - 8) / models);
  const roomyGutter = available < 640 ? 94 : 118;
  const isNarrow = share(roomyGutter) < roomyWidth;
  const gutter = isNarrow ? narrowGutter : roomyGutter;
  const width = Math.min(count <= 2 ? 440 : 320, Math.max(leastWidth, share(gutter)));
  const part = isTight({ width }) ? 0.17 : width < 180 ? 0.26 : width < 250 ? 0.36 : 0.42;
  return { gutter, width, drawing: Math.min(190, Math.round(width * part)), count };
}

/** So narrow that labels are set smaller. */
export function isTight({ width }: Pick<Columns, 'width'>): boolean {
  return width < 140;
}

export function columnX({ gutter, width }: Columns, model: number): number {
  return gutter + model * width;
}

export interface PlacedItem {
  item: DrawnItem;
  /** The bar. */
  x: number;
  y: number;
  width: number;
  height: number;
  isVector: boolean;
  /** Where its labels and its mark stand. */
  labelX: number;
  /** The whole row, for pointers. */
  /** Where the column begins. */
  hitX: number;
  rowTop: number;
  rowHeight: number;
  isMarked: boolean;
  sizesKnown: boolean;
}

/** Where a model lacks what the one it is compared with has. */
export interface PlacedGap {
  model: number;
  centre: number;
  y: number;
  width: number;
  height: number;
  /** What is missing. */
  title: string;
  kind: DrawnItem['kind'];
}

export interface PlacedBand {
  band: Band;
  y: number;
  height: number;
  /** Sizes of the stages, above their layers. */
  sizes: { x: number; y: number; text: string }[];
}

/** What flows from one bar to the next of the same model. */
export interface Funnel {
  points: [number, number][];
  /** Between maps and vectors, whose lengths have nothing to do with each other: a line. */
  isLine: boolean;
}

export interface Arc {
  from: [x: number, y: number];
  to: [x: number, y: number];
  /** How far to the left it goes. */
  reach: number;
}

export interface LayersGeometry {
  bands: PlacedBand[];
  items: PlacedItem[];
  gaps: PlacedGap[];
  funnels: Funnel[];
  arcs: Arc[];
  height: number;
}

const rowGap = 4;
const labelHeight = 16;
/** Left of it are the arcs of shortcuts. */
const drawingStart = 12;
/** Between a bar's room and its label: the sign. */
const signWidth = 18;
const sizeLine = 17;
/** Half of `224×224`, which must not reach into the column before. */
const halfSize = 28;
const smallestWidth = 3;

export function placeLayers(
  bands: readonly Band[],
  columns: Columns,
  marks: readonly ModelMarks[],
): LayersGeometry {
  const scale = scaleOf(bands, columns);
  const result: LayersGeometry = { bands: [], items: [], gaps: [], funnels: [], arcs: [], height: 0 };
  let y = 0;
  for (const band of bands) {
    const top = y;
    const sizes: PlacedBand['sizes'] = [];
    band.stages.forEach((stage, model) => {
      if (stage && stage.kind !== 'input')
        sizes.push({
          x: Math.max(centreOf(columns, model), columnX(columns, model) + halfSize),
          y: y + 12,
          text: stage.kind === 'vectors' ? 'vectors' : resolutionText(stage.spatial),
        });
    });
    if (sizes.length > 0) y += sizeLine;
    else y += rowGap;
    for (const row of band.rows) {
      const isMarked = (item: DrawnItem) => isMarkedItem(item, marks[item.model]!);
      const height = Math.max(
        row.removed.size > 0 ? labelHeight : 0,
        ...row.items.map((item) => {
          if (!item) return 0;
          const own = scale.height(item);
          return item.isThin && !isMarked(item) ? own : Math.max(own, labelHeight);
        }),
      );
      row.items.forEach((item, model) => {
        const centre = centreOf(columns, model);
        if (!item) {
          if (!row.removed.has(model)) return;
          const other = row.items[marks[model]!.reference ?? 0];
          if (!other) return;
          const [width, own] = [scale.width(other), scale.height(other)];
          result.gaps.push({
            model,
            centre,
            y: y + (height - own) / 2,
            width,
            height: own,
            title: other.title,
            kind: other.kind,
          });
          return;
        }
        const [width, own] = [scale.width(item), scale.height(item)];
        result.items.push({
          item,
          x: centre - width / 2,
          y: y + (height - own) / 2,
          width,
          height: own,
          isVector: item.spatial !== null && isVector(item.spatial),
          labelX: labelStart(columns, model),
          hitX: columnX(columns, model),
          rowTop: y - rowGap / 2,
          rowHeight: height + rowGap,
          isMarked: isMarked(item),
          sizesKnown:
            item.spatial !== null && (isVector(item.spatial) || resolutionOf(item.spatial) !== null),
        });
      });
      y += height + rowGap;
    }
    y += 4;
    result.bands.push({ band, y: top, height: y - top, sizes });
  }
  result.height = y;
  connect(result);
  return result;
}

export function isMarkedItem(item: DrawnItem, { byLayer, isRelated }: ModelMarks): boolean {
  return isRelated && item.members.some(({ key }) => (byLayer.get(key)?.difference ?? 'same') !== 'same');
}

export function labelStart(columns: Columns, model: number): number {
  return columnX(columns, model) + drawingStart + columns.drawing + signWidth;
}

/** How long a label may be. */
export function labelRoom({ width, drawing }: Columns): number {
  return width - drawingStart - drawing - signWidth - 4;
}

function centreOf(columns: Columns, model: number): number {
  return columnX(columns, model) + drawingStart + columns.drawing / 2;
}

/** One scale for all models: widths of maps to scale, heights by the logarithm of the channels. */
function scaleOf(
  bands: readonly Band[],
  { drawing }: Columns,
): { width(item: DrawnItem): number; height(item: DrawnItem): number } {
  let largest = 1;
  for (const { rows } of bands) {
    for (const { items } of rows) {
      for (const item of items) largest = Math.max(largest, resolutionOf(item?.spatial ?? null) ?? 1);
    }
  }
  return {
    width: ({ spatial, channels }) => {
      if (spatial && isVector(spatial)) return vectorLength(channels, drawing);
      const size = resolutionOf(spatial);
      return size === null ? drawing * 0.4 : Math.max(smallestWidth, (drawing * size) / largest);
    },
    height: ({ kind, isThin, spatial, channels }) => {
      if (isThin) return 4;
      if (isVector(spatial ?? [null])) return 9;
      const thickness = typeof channels === 'number' ? 5 + 1.9 * Math.log2(1 + Math.max(0, channels)) : 12;
      return kind === 'pooling' ? thickness * 0.55 : thickness;
    },
  };
}

/** Vectors have no size on the maps' scale: their length is the logarithm of their units. */
function vectorLength(units: WireDim, drawing: number): number {
  if (typeof units !== 'number') return 40;
  return Math.min(drawing, 8 + 5.6 * Math.log2(1 + Math.max(0, units)));
}

export function isVectorShape(spatial: WireShape | null): boolean {
  return spatial !== null && isVector(spatial);
}

/** Lines from what feeds a layer: straight on to the next one, an arc past others. */
function connect(result: LayersGeometry): void {
  const models = new Map<number, PlacedItem[]>();
  for (const placed of result.items) {
    const known = models.get(placed.item.model);
    if (known) known.push(placed);
    else models.set(placed.item.model, [placed]);
  }
  for (const column of models.values()) {
    const owner = new Map<string, number>();
    column.forEach(({ item }, index) => {
      for (const { key } of item.members) owner.set(key, index);
    });
    column.forEach((placed, index) => {
      const sources = new Set<number>();
      for (const { inbound } of placed.item.members) {
        for (const key of inbound) {
          const source = owner.get(key);
          if (source !== undefined && source !== index) sources.add(source);
        }
      }
      for (const source of sources) {
        const from = column[source]!;
        if (source === index - 1) result.funnels.push(funnel(from, placed));
        else if (from.y < placed.y) result.arcs.push(arc(from, placed, placed.hitX));
      }
    });
  }
}

function funnel(from: PlacedItem, to: PlacedItem): Funnel {
  const [top, bottom] = [from.y + from.height, to.y];
  if (from.isVector !== to.isVector) {
    const [start, end] = [from.x + from.width / 2, to.x + to.width / 2];
    return {
      points: [
        [start, top],
        [end, bottom],
      ],
      isLine: true,
    };
  }
  return {
    isLine: false,
    points: [
      [from.x, top],
      [from.x + from.width, top],
      [to.x + to.width, bottom],
      [to.x, bottom],
    ],
  };
}

function arc(from: PlacedItem, to: PlacedItem, leftmost: number): Arc {
  const [start, end] = [from.y + from.height / 2, to.y + to.height / 2];
  const reach = Math.max(leftmost - 4, Math.min(from.x, to.x) - Math.min(26, 8 + (end - start) / 12));
  return { from: [from.x - 1.5, start], to: [to.x - 1.5, end], reach };
}
