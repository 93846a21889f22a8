/** A part of a graph that is laid out on its own, and its layout. */
import type { Point } from '../volumes/types';

/** A node's place in its segment is its name there, so that blocks of the same form are the same. */
export interface Segment {
  nodes: { width: number; height: number; group: number }[];
  edges: { from: number; to: number; labelWidth: number }[];
  /** Frames that lie wholly within; `parent` of each comes before it, −1 at the top. */
  groups: { parent: number }[];
}

export interface SegmentLayout {
  /** Upper left corners. */
  nodes: Point[];
  edges: { points: Point[]; label: Point }[];
  groups: { x: number; y: number; width: number; height: number }[];
}
