/** What a drawing of the graph consists of, in pixels at zoom 1. */
import type { Item } from '../scene';
import type { Point } from '../volumes/types';

export interface PlacedNode {
  item: Item;
  /** Upper left corner. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge {
  key: string;
  from: string;
  to: string;
  points: Point[];
  text: string;
  /** Centre of the text. */
  label: Point;
  labelWidth: number;
}

export interface PlacedGroup {
  key: string;
  kind: 'loop' | 'function' | 'model';
  label: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface GraphLayout {
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  groups: PlacedGroup[];
  /** Where values leave the model. */
  ends: { from: string; at: Point; isUpward: boolean; text: string }[];
  x: number;
  y: number;
  width: number;
  height: number;
}
