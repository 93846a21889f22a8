/**
 * Models that shrink and grow again, with connections from the one side to the other, as a U: down on the left, up on
 * the right, every such connection level (Ronneberger, Fischer, Brox: "U-Net", 2015, figure 1).
 */
import { formatShape } from '../../shared/format';
import type { Edge, Item, Scene } from '../scene';
import { splitShape } from '../scene';
import type { Point, TextMeasure } from '../volumes/types';
import { endsOf, framed, placedEdge } from './assemble';
import { closed, type Frames, frameBottom, frameRest, frameTop, opened } from './frames';
import type { GraphLayout, PlacedGroup, PlacedNode } from './types';

const gap = 34;
/** Between what the two columns' frames surround. */
const leastBetween = 90;
/** Room at a node's side for the frames around it. */
const frameSide = 14;
/** Placing takes time that grows with the square of the nodes. */
const mostNodes = 300;

/** An edge by the places of its ends in the order of computation. */
interface Span {
  edge: Edge;
  from: number;
  to: number;
}

export interface Hourglass {
  /** In the order of computation, which is from node to node. */
  items: Item[];
  /** How many of them are on the left: the last one is where the model is narrowest. */
  turn: number;
  spans: Span[];
}

/** @returns null when the model is none: then its branches are laid out by the engine. */
export function hourglassOf(items: Item[], edges: readonly Edge[]): Hourglass | null {
  if (items.length > mostNodes) return null;
  const position = new Map(items.map(({ key }, index) => [key, index]));
  const spans = edges.map((edge) => ({
    edge,
    from: position.get(edge.from)!,
    to: position.get(edge.to)!,
  }));
  const follows = new Set(spans.filter((span) => !isAcross(span)).map(({ from }) => from));
  if (follows.size !== items.length - 1) return null;
  const across = spans.filter(isAcross).sort((a, b) => a.from - b.from);
  if (across.length < 2) return null;
  for (let index = 1; index < across.length; index++) {
    const [outer, inner] = [across[index - 1]!, across[index]!];
    const isNested = inner.from > outer.from && inner.to < outer.to;
    if (!isNested || !(cellsOf(items[inner.from]!) < cellsOf(items[outer.from]!))) return null;
  }
  const { from: last, to: join } = across.at(-1)!;
  let narrowest = last;
  for (let index = last; index < join; index++)
    if (cellsOf(items[index]!) <= cellsOf(items[narrowest]!)) narrowest = index;
  return cellsOf(items[narrowest]!) < cellsOf(items[last]!) ? { items, turn: narrowest + 1, spans } : null;
}

/** From one side of the U to the other, past the nodes between. */
function isAcross({ from, to }: Span): boolean {
  return to !== from + 1;
}

/** Rows times columns of an item's output; not a number where they are not known. */
function cellsOf(item: Item): number {
  const spatial = splitShape(item)?.spatial ?? [];
  return spatial.length === 0
    ? Number.NaN
    : spatial.reduce<number>((product, size) => product * (typeof size === 'number' ? size : Number.NaN), 1);
}

export function layoutHourglass(
  scene: Scene,
  hourglass: Hourglass,
  sizes: ReadonlyMap<string, { width: number; height: number }>,
  frames: Frames,
  measure: TextMeasure,
): GraphLayout {
  const { items, turn, spans } = hourglass;
  const size = (index: number) => sizes.get(items[index]!.key)!;
  const room = (above: number, below: number) =>
    gap +
    opened(frames, items[above], items[below]!) * frameTop +
    closed(frames, items[above]!, items[below]!) * frameBottom;
  const tops = topsOf(hourglass, (index) => size(index).height, room);

  const drawnDepth = (item: Item) => item.groups.filter(({ key }) => frames.has(key)).length;
  const halfOf = (column: number[]) =>
    Math.max(...column.map((index) => size(index).width / 2 + drawnDepth(items[index]!) * frameSide));
  const all = items.map((_, index) => index);
  const acrossWidth = Math.max(
    ...spans.filter(isAcross).map(({ edge }) => measure(formatShape(edge.shape), 'shape')),
  );
  const right =
    halfOf(all.slice(0, turn)) + Math.max(leastBetween, acrossWidth + 50) + halfOf(all.slice(turn));
  const axisOf = (index: number) => (index < turn ? 0 : right);
  const nodes = items.map((item, index): PlacedNode => {
    const { width, height } = size(index);
    return { item, x: axisOf(index) - width / 2, y: tops[index]!, width, height };
  });

  const placed = spans.map((span, index) => {
    const { edge, from, to } = span;
    const { points, label } = route(nodes, turn, span, closed(frames, items[from]!, items[to]!));
    const width = measure(formatShape(edge.shape), 'shape') + 8;
    const isBeside = from >= turn || to < turn;
    return placedEdge(
      edge,
      points,
      isBeside ? { ...label, x: label.x + width / 2 + 5 } : label,
      index,
      measure,
    );
  });
  const boxes = new Map<string, PlacedGroup>();
  frameRest(nodes, frames, boxes);
  const groups = [...frames.keys()].flatMap((key) => boxes.get(key) ?? []);
  const goingUp = new Set(nodes.slice(turn));
  const ends = endsOf(scene, nodes, (node) => goingUp.has(node));
  return framed(nodes, placed, groups, ends);
}

/**
 * The nodes' upper sides: the two ends of a connection across at one height and as high as all that stands above them
 * allows; what lies between, on the left, close to what follows it, on the right to what it follows.
 */
function topsOf(
  { items, turn, spans }: Hourglass,
  heightOf: (index: number) => number,
  room: (above: number, below: number) => number,
): number[] {
  /** Of a node and its successor: from the upper side of the upper one to that of the other one. */
  const distances = items.slice(1).map((_, index) => {
    const next = index + 1;
    if (next < turn) return heightOf(index) + room(index, next);
    if (next > turn) return heightOf(next) + room(next, index);
    // The turn goes from the side of the last one on the left to the lower side of the first one on the right.
    return heightOf(next) + gap - heightOf(index) / 2;
  });
  const level = items.map((_, index) => index);
  const isLevel = new Set<number>();
  for (const { from, to } of spans.filter(isAcross)) {
    level[to] = from;
    isLevel.add(from).add(to);
  }
  const tops = items.map(() => 0);
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const [index, distance] of distances.entries()) {
      const [above, below] = index + 1 < turn ? [index, index + 1] : [index + 1, index];
      const least = tops[level[above]!]! + distance;
      if (tops[level[below]!]! >= least) continue;
      tops[level[below]!] = least;
      isSettled = false;
    }
  }
  for (const [index, at] of level.entries()) tops[index] = tops[at]!;
  for (let index = turn - 2; index >= 0; index--)
    if (!isLevel.has(index)) tops[index] = tops[index + 1]! - distances[index]!;
  for (let index = turn; index < items.length; index++)
    if (!isLevel.has(index)) tops[index] = tops[index - 1]! - distances[index - 1]!;
  return tops;
}

/** The line of an edge, and the place for its shape. */
function route(
  nodes: readonly PlacedNode[],
  turn: number,
  span: Span,
  framesClosed: number,
): { points: Point[]; label: Point } {
  const { from, to } = span;
  const [start, end] = [nodes[from]!, nodes[to]!];
  const [startX, endX] = [start.x + start.width / 2, end.x + end.width / 2];
  const startY = start.y + start.height / 2;
  if (isAcross(span)) {
    const points = [
      { x: start.x + start.width, y: startY },
      { x: end.x, y: startY },
    ];
    return { points, label: { x: (points[0]!.x + points[1]!.x) / 2, y: startY - 9 } };
  }
  if (to === turn) {
    const points = [
      { x: start.x + start.width, y: startY },
      { x: endX, y: startY },
      { x: endX, y: end.y + end.height },
    ];
    return { points, label: { x: (points[0]!.x + endX) / 2, y: startY - 9 } };
  }
  const isDown = to < turn;
  const upper = isDown ? start : end;
  const top = upper.y + upper.height;
  const points = isDown
    ? [
        { x: startX, y: top },
        { x: startX, y: end.y },
      ]
    : [
        { x: startX, y: start.y },
        { x: startX, y: top },
      ];
  return { points, label: { x: startX, y: top + framesClosed * (isDown ? frameBottom : 0) + gap / 2 } };
}
