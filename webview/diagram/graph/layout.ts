/**
 * Where the graph view puts things: segments between items that all values pass through, one below the other; an
 * hourglass as a U.
 */
import { formatShape } from '../../shared/format';
import { cutPositions, topologicalOrder } from '../order';
import type { Edge, GroupStep, Item, Scene } from '../scene';
import type { TextMeasure } from '../volumes/types';
import { endsOf, framed, placedEdge } from './assemble';
import { closed, drawnFrames, type Frames, frameBottom, frameRest, frameTop, opened } from './frames';
import { hourglassOf, layoutHourglass } from './hourglass';
import { nodeSize } from './nodeSize';
import type { Segment, SegmentLayout } from './segment';
import { layoutSegment } from './segments';
import type { GraphLayout, PlacedEdge, PlacedGroup, PlacedNode } from './types';

const chainGap = 34;

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
  const hourglass = hourglassOf(items, scene.edges);
  if (hourglass) return layoutHourglass(scene, hourglass, sizes, frames, measure);
  const parts = partsOf(items, scene.edges, sizes, measure, frames);
  const assemble = (layouts: (SegmentLayout | undefined)[]) =>
    stack(scene, items, sizes, parts, layouts, measure, frames);
  if (parts.every(({ segment }) => !segment)) return assemble([]);
  return Promise.all(parts.map(({ segment }) => segment && layoutSegment(segment))).then(assemble);
}

function partsOf(
  items: Item[],
  edges: readonly Edge[],
  sizes: Map<string, { width: number; height: number }>,
  measure: TextMeasure,
  frames: Frames,
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
function localFrames(inside: readonly Item[], frames: Frames): GroupStep[] {
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
  frames: Frames,
): GraphLayout {
  const nodes = new Map<string, PlacedNode>();
  const edges: PlacedEdge[] = [];
  const boxes = new Map<string, PlacedGroup>();
  const put = (item: Item, x: number, y: number) =>
    nodes.set(item.key, { item, x, y, ...sizes.get(item.key)! });
  parts.forEach((part, index) => {
    const [first] = part.items;
    const last = part.items.at(-1)!;
    if (index === 0 && first)
      put(first, -sizes.get(first.key)!.width / 2, opened(frames, undefined, first) * frameTop);
    const upper = nodes.get(first!.key)!;
    const axis = upper.x + upper.width / 2;
    const bottom = upper.y + upper.height;
    const layout = layouts[index];
    if (!part.segment || !layout) {
      if (first === last) return;
      const gap =
        chainGap + opened(frames, first, last) * frameTop + closed(frames, first!, last) * frameBottom;
      put(last, axis - sizes.get(last.key)!.width / 2, bottom + gap);
      for (const [at, own] of part.edges.entries()) {
        const width = measure(formatShape(own.shape), 'shape') + 8;
        const points = [
          { x: axis, y: bottom },
          { x: axis, y: bottom + gap },
        ];
        const y = bottom + closed(frames, first!, last) * frameBottom + chainGap / 2;
        edges.push(placedEdge(own, points, { x: axis + width / 2 + 5, y }, at, measure));
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
    const opening = Math.max(0, opened(frames, first, second) - own);
    const shift = opening * frameTop + closed(frames, first!, second) * frameBottom;
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
      edges.push(placedEdge(drawn, moved, { x: label.x + dx, y: label.y + dy + shift }, at, measure));
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
