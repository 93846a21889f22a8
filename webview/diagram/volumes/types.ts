/** What a drawing of volumes consists of, in pixels at zoom 1. */
import type { Item } from '../scene';

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
  row: number;
  /** Items in the same column are parallel branches. */
  column: number;
  label: { x: number; y: number; lines: LabelLine[]; width: number };
  /** From the shape down to its label, when they are far apart. */
  leader: Point[] | null;
}

export interface LabelLine {
  text: string;
  role: 'title' | 'class' | 'shape' | 'params' | 'problem';
}

export interface Connector {
  kind: 'flow' | 'skip' | 'window' | 'dense' | 'turn';
  path: string;
  from: string;
  to: string;
}

export interface Bracket {
  /** The group's. */
  key: string;
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
