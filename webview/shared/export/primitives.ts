/** The drawing as a list of outlines and texts with their colours resolved: what every export is written from. */

export interface Point {
  x: number;
  y: number;
}

/** Absolute path commands: everything is lines and cubic curves. */
export type Command =
  | { op: 'M' | 'L'; to: Point }
  | { op: 'C'; control1: Point; control2: Point; to: Point }
  | { op: 'Z' };

export interface Color {
  red: number;
  green: number;
  blue: number;
  /** 0 … 1. */
  alpha: number;
}

export interface Outline {
  kind: 'outline';
  commands: Command[];
  fill: Color | null;
  stroke: Color | null;
  strokeWidth: number;
  /** Lengths of dashes and gaps; empty: a solid line. */
  dashes: number[];
}

export interface Text {
  kind: 'text';
  at: Point;
  text: string;
  anchor: 'start' | 'middle' | 'end';
  size: number;
  bold: boolean;
  fill: Color;
  /** A rim in this colour keeps the text legible across lines. */
  halo: Color | null;
}

/** A small picture, stretched over the parallelogram that begins at `origin`. */
export interface Raster {
  kind: 'raster';
  url: string;
  /** Hard edges: every pixel is a value. */
  isCoarse: boolean;
  origin: Point;
  across: Point;
  down: Point;
}

export type Primitive = Outline | Text | Raster;

/** A layer with its name, or lines between layers (without). */
export interface Group {
  label: string | null;
  primitives: Primitive[];
}

export interface Picture {
  title: string;
  x: number;
  y: number;
  width: number;
  height: number;
  background: Color;
  fontFamily: string;
  groups: Group[];
}
