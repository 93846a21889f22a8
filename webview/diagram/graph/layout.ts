/** Where the graph view puts things: segments between items that all values pass through, one below the other. */
import { formatShape } from '../../shared/format';
import { cutPositions, topologicalOrder } from '../order';
import type { Edge, GroupStep, Item, Scene } from '../scene';
import type { Point, TextMeasure } from '../volumes/types';
import { nodeSize } from './nodeSize';
import type { Segment, SegmentLayout } from './segment';
import { layoutSegment } from './segments';
import type { GraphLayout, PlacedEdge, PlacedGroup, PlacedNode } from './types';

const chainGap = 34;
/** Room for a frame's name above what it holds, and below. */
const frameTop = 28;
const frameBottom = 14;
const margin = 24;
const endLength = 26;

/** A part of the graph between two cuts: `items` begins with the upper one and ends with the lower one. */
interface Part {
  items: Item[];
  edges: Edge[];
  /** Undefined for a single edge, which needs no engine. */
  segment: Segment | undefined;
  /** Keys of the segment's own frames. */
  frames: GroupStep[];
}

/** A chain is laid out at once; anything else when the engine has answered. */
export function layoutGraph(scene: Scene, measure: TextMeasure): GraphLayout | Promise<GraphLayout> {
  const items = topologicalOrder(scene.items, scene.edges);
  const sizes = new Map(items.map((item) => [item.key, nodeSize(item, measure)]));
  const frames = drawnFrames(items);
  const parts = partsOf(items, scene.edges, sizes, measure, frames);
  const assemble = (layouts: (SegmentLayout | undefined)[]) =>
    stack(scene, items, sizes, parts, layouts, measure, frames);
  if (parts.every(({ segment }) => !segment)) return assemble([]);
  return Promise.all(parts.map(({ segment }) => segment && layoutSegment(segment))).then(assemble);
}

/** Groups of two items and more, by key, with the number of their items. */
function drawnFrames(items: readonly Item[]): Map<string, { step: GroupStep; count: number }> {
  const frames = new Map<string, { step: GroupStep; count: number }>();
  for (const { groups } of items) {
    for (const step of groups) {
      if (step.kind === 'round') continue;
      const known = frames.get(step.key);
      if (known) known.count++;
      else frames.set(step.key, { step, count: 1 });
    }
  }
  for (const [key, { count }] of frames) if (count < 2) frames.delete(key);
  return frames;
}

function partsOf(
  items: Item[],
  edges: readonly Edge[],
  sizes: Map<string, { width: number; height: number }>,
  measure: TextMeasure,
  frames: ReturnType<typeof drawnFrames>,
): Part[] {
  const cuts = cutPositions(items, edges);
  const position = new Map(items.map(({ key }, index) => [key, index]));
  // Which part an edge belongs to is where its end lies.
  const partAt = new Int32Array(items.length);
  let part = 0;
  for (let index = 0; index < items.length; index++) {
    partAt[index] = part;
    if (index === cuts[part]) part++;
  }
  const edgesOf: Edge[][] = Array.from({ length: part + 1 }, () => []);
  for (const edge of edges) edgesOf[partAt[position.get(edge.to)!]!]!.push(edge);
  const bounds = cuts.at(-1) === items.length - 1 ? cuts : [...cuts, items.length - 1];
  return bounds.map((end, index): Part => {
    const start = index === 0 ? 0 : bounds[index - 1]!;
    const inside = items.slice(start, end + 1);
    const own = edgesOf[index]!;
    if (inside.length <= 2 && own.length <= 1)
      return { items: inside, edges: own, segment: undefined, frames: [] };
    const place = new Map(inside.map(({ key }, at) => [key, at]));
    const local = localFrames(inside, frames);
    const frameIndex = new Map(local.map(({ key }, at) => [key, at]));
    const innermost = (steps: readonly GroupStep[]) =>
      steps.reduce((found, { key }) => frameIndex.get(key) ?? found, -1);
    const parents = local.map((frame) => {
      const holder = inside.find(({ groups }) => groups.some(({ key }) => key === frame.key))!;
      return innermost(
        holder.groups.slice(
          0,
          holder.groups.findIndex(({ key }) => key === frame.key),
        ),
      );
    });
    return {
      items: inside,
      edges: own,
      frames: local,
      segment: {
        nodes: inside.map(({ key, groups }) => ({ ...sizes.get(key)!, group: innermost(groups) })),
        edges: own.map(({ from, to, shape }) => ({
          from: place.get(from)!,
          to: place.get(to)!,
          labelWidth: labelWidth(formatShape(shape), measure),
        })),
        groups: parents.map((parent) => ({ parent })),
      },
    };
  });
}

/** Frames whose items all lie strictly within a part, outermost first. */
function localFrames(inside: readonly Item[], frames: ReturnType<typeof drawnFrames>): GroupStep[] {
  const counts = new Map<string, number>();
  for (const { groups } of inside.slice(1, -1)) {
    for (const { key } of groups) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const depth = (key: string) =>
    inside
      .find(({ groups }) => groups.some((step) => step.key === key))!
      .groups.findIndex((step) => step.key === key);
  return [...counts]
    .filter(([key, count]) => frames.get(key)?.count === count)
    .map(([key]) => frames.get(key)!.step)
    .sort((a, b) => depth(a.key) - depth(b.key));
}

/** In steps, so that the layout of a block stays valid while its numbers change. */
function labelWidth(text: string, measure: TextMeasure): number {
  return Math.ceil((measure(text, 'shape') + 8) / 12) * 12;
}

function stack(
  scene: Scene,
  items: Item[],
  sizes: Map<string, { width: number; height: number }>,
  parts: Part[],
  layouts: (SegmentLayout | undefined)[],
  measure: TextMeasure,
  frames: ReturnType<typeof drawnFrames>,
): GraphLayout {
  const nodes = new Map<string, PlacedNode>();
  const edges: PlacedEdge[] = [];
  const boxes = new Map<string, PlacedGroup>();
  const put = (item: Item, x: number, y: number) =>
    nodes.set(item.key, { item, x, y, ...sizes.get(item.key)! });
  const opens = (previous: Item | undefined, item: Item) =>
    item.groups.filter(({ key }) => frames.has(key) && !previous?.groups.some((step) => step.key === key))
      .length;
  const closes = (item: Item, next: Item) =>
    item.groups.filter(({ key }) => frames.has(key) && !next.groups.some((step) => step.key === key)).length;
  const edge = (from: Edge, points: Point[], label: Point, index: number): PlacedEdge => {
    const text = formatShape(from.shape);
    return {
      key: `${from.from} ${from.to} ${index}`,
      from: from.from,
      to: from.to,
      points,
      text,
      label,
      labelWidth: measure(text, 'shape') + 8,
    };
  };
  parts.forEach((part, index) => {
    const [first] = part.items;
    const last = part.items.at(-1)!;
    if (index === 0 && first)
      put(first, -sizes.get(first.key)!.width / 2, opens(undefined, first) * frameTop);
    const upper = nodes.get(first!.key)!;
    const axis = upper.x + upper.width / 2;
    const bottom = upper.y + upper.height;
    const layout = layouts[index];
    if (!part.segment || !layout) {
      if (first === last) return;
      const gap = chainGap + opens(first, last) * frameTop + closes(first!, last) * frameBottom;
      put(last, axis - sizes.get(last.key)!.width / 2, bottom + gap);
      for (const [at, own] of part.edges.entries()) {
        const width = measure(formatShape(own.shape), 'shape') + 8;
        const points = [
          { x: axis, y: bottom },
          { x: axis, y: bottom + gap },
        ];
        const y = bottom + closes(first!, last) * frameBottom + chainGap / 2;
        edges.push(edge(own, points, { x: axis + width / 2 + 5, y }, at));
      }
      return;
    }
    // The engine put the upper item somewhere; the part moves so that it lies where it is.
    const placed = layout.nodes[0]!;
    const dx = upper.x - placed.x;
    const second = part.items[1]!;
    const dy = upper.y - placed.y;
    // Room for the frames that end above and begin below; the engine made room for those that it knows.
    const own = part.frames.filter((frame) => second.groups.some(({ key }) => key === frame.key)).length;
    const opening = Math.max(0, opens(first, second) - own);
    const shift = opening * frameTop + closes(first!, second) * frameBottom;
    part.items.forEach((item, at) => {
      if (at === 0) return;
      const { x, y } = layout.nodes[at]!;
      put(item, x + dx, y + dy + shift);
    });
    part.edges.forEach((drawn, at) => {
      const { points, label } = layout.edges[at]!;
      const moved = points.map((point, pointIndex) => ({
        x: point.x + dx,
        y: point.y + dy + (pointIndex === 0 && drawn.from === first!.key ? 0 : shift),
      }));
      edges.push(edge(drawn, moved, { x: label.x + dx, y: label.y + dy + shift }, at));
    });
    part.frames.forEach(({ key, kind, label }, at) => {
      const box = layout.groups[at];
      if (box && box.width > 0) {
        boxes.set(key, {
          key,
          kind: kind as PlacedGroup['kind'],
          label,
          ...box,
          x: box.x + dx,
          y: box.y + dy + shift,
        });
      }
    });
  });
  const placed = items.map(({ key }) => nodes.get(key)!);
  frameRest(placed, frames, boxes);
  // Outer frames before inner ones, so that the inner ones are drawn on top.
  const ordered = [...frames.keys()].flatMap((key) => boxes.get(key) ?? []);
  return framed(placed, edges, ordered, endsOf(scene, placed));
}

/** Frames that go over several parts lie around what they hold, inner ones first. */
function frameRest(
  nodes: readonly PlacedNode[],
  frames: ReturnType<typeof drawnFrames>,
  boxes: Map<string, PlacedGroup>,
): void {
  const depth = new Map<string, number>();
  const held = new Map<string, PlacedNode[]>();
  for (const node of nodes) {
    node.item.groups.forEach(({ key }, at) => {
      if (!frames.has(key) || boxes.has(key)) return;
      depth.set(key, at);
      held.set(key, [...(held.get(key) ?? []), node]);
    });
  }
  const known: PlacedGroup[] = [...boxes.values()];
  for (const [key, inside] of [...held].sort(([a], [b]) => depth.get(b)! - depth.get(a)!)) {
    const { step } = frames.get(key)!;
    const own = new Set(inside.flatMap(({ item }) => item.groups.map((group) => group.key)));
    const within = [
      ...inside,
      ...known.filter((group) => own.has(group.key) && (depth.get(group.key) ?? 99) > depth.get(key)!),
    ];
    const left = Math.min(...within.map(({ x }) => x)) - 14;
    const top = Math.min(...within.map(({ y }) => y)) - (frameTop - 4);
    const right = Math.max(...within.map(({ x, width }) => x + width)) + 14;
    const bottom = Math.max(...within.map(({ y, height }) => y + height)) + frameBottom - 3;
    const box: PlacedGroup = {
      key,
      kind: step.kind as PlacedGroup['kind'],
      label: step.label,
      x: left,
      y: top,
      width: right - left,
      height: bottom - top,
    };
    boxes.set(key, box);
    known.push(box);
  }
}

function endsOf(scene: Scene, nodes: readonly PlacedNode[]): GraphLayout['ends'] {
  const used = new Set(scene.edges.map(({ from }) => from));
  return nodes
    .filter(({ item }) => !used.has(item.key))
    .map((node) => ({
      from: node.item.key,
      at: { x: node.x + node.width / 2, y: node.y + node.height },
      text: node.item.shapeText,
    }));
}

function framed(
  nodes: PlacedNode[],
  edges: PlacedEdge[],
  groups: PlacedGroup[],
  ends: GraphLayout['ends'],
): GraphLayout {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  const include = (x: number, y: number, width: number, height: number) => {
    left = Math.min(left, x);
    right = Math.max(right, x + width);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y + height);
  };
  for (const { x, y, width, height } of [...nodes, ...groups]) include(x, y, width, height);
  for (const { label, labelWidth: width, points } of edges) {
    include(label.x - width / 2, label.y, width, 0);
    for (const { x, y } of points) include(x, y, 0, 0);
  }
  for (const { at, text } of ends) include(at.x, at.y, 12 + text.length * 7, endLength);
  if (nodes.length === 0) [left, right, top, bottom] = [0, 0, 0, 0];
  return {
    nodes,
    edges,
    groups,
    ends,
    x: left - margin,
    y: top - margin,
    width: right - left + 2 * margin,
    height: bottom - top + 2 * margin,
  };
}
