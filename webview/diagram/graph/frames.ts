/** The frames around loops, helper functions and nested models in the graph: which there are, and the room they need. */
import type { GroupStep, Item } from '../scene';
import type { PlacedGroup, PlacedNode } from './types';

/** Room for a frame's name above what it holds, and below. */
export const frameTop = 28;
export const frameBottom = 14;

export type Frames = Map<string, { step: GroupStep; count: number }>;

/** Groups of two items and more, by key, with the number of their items. */
export function drawnFrames(items: readonly Item[]): Frames {
  const frames: Frames = new Map();
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

/** How many frames begin between an item and the one below it. */
export function opened(frames: Frames, above: Item | undefined, below: Item): number {
  return below.groups.filter(({ key }) => frames.has(key) && !above?.groups.some((step) => step.key === key))
    .length;
}

/** How many frames end between an item and the one below it. */
export function closed(frames: Frames, above: Item, below: Item): number {
  return above.groups.filter(({ key }) => frames.has(key) && !below.groups.some((step) => step.key === key))
    .length;
}

/** Frames that go over several parts lie around what they hold, inner ones first. */
export function frameRest(
  nodes: readonly PlacedNode[],
  frames: Frames,
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
