/** The lines between the solids: the flow, the window of a kernel, what a dense layer sees, shortcuts, new rows. */
import { type Scene, splitShape } from '../scene';
import type { Connector, Face, PlacedItem, Point } from './types';

export function connect(scene: Scene, placed: PlacedItem[]): Connector[] {
  const result: Connector[] = [];
  const byKey = new Map(placed.map((item) => [item.item.key, item]));
  for (const edge of scene.edges) {
    const a = byKey.get(edge.from);
    const b = byKey.get(edge.to);
    if (!a || !b) continue;
    const ends = { from: edge.from, to: edge.to };
    const isNext = b.column - a.column === 1;
    if (a.row !== b.row) {
      result.push({ ...ends, kind: isNext ? 'turn' : 'skip', path: turn(a, b) });
    } else if (isNext) {
      // Behind both shapes, so that it begins and ends at what is drawn and not at a stack's empty corner.
      result.push({ ...ends, kind: 'flow', path: line([a, b]) });
      const fan = a.map && b.item.window ? windowFan(a, b) : denseFan(a, b);
      if (fan) result.push({ ...ends, kind: b.item.window ? 'window' : 'dense', path: fan });
    } else {
      const height = 22 + Math.min(90, 9 * (b.column - a.column));
      const between = placed.filter(
        ({ row, column }) => row === a.row && column >= a.column && column <= b.column,
      );
      const top = Math.min(...between.map((one) => one.y - one.height / 2));
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
  const left = Math.min(b.x - b.width / 2 - 12, b.label.x - b.label.width / 2 - 8);
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
