/** Where an arrow key leads from a layer. Pure. */
import { ranks, topologicalOrder } from './order';
import type { Scene } from './scene';

export interface Walk {
  next(key: string): string | undefined;
  previous(key: string): string | undefined;
  /** The neighbouring branch: −1 before, 1 after. */
  beside(key: string, step: -1 | 1): string | undefined;
}

export function walkOf(scene: Scene): Walk {
  const order = topologicalOrder(scene.items, scene.edges);
  const rank = ranks(order, scene.edges);
  const after = new Map<string, string>();
  const before = new Map<string, string>();
  for (const { from, to } of scene.edges) {
    if (!after.has(from)) after.set(from, to);
    if (!before.has(to)) before.set(to, from);
  }
  const branches = new Map<number, string[]>();
  for (const { key } of order) {
    const at = rank.get(key)!;
    const known = branches.get(at);
    if (known) known.push(key);
    else branches.set(at, [key]);
  }
  const index = new Map(order.map(({ key }, at) => [key, at]));
  return {
    next: (key) => after.get(key) ?? (scene.edges.length === 0 ? order[index.get(key)! + 1]?.key : undefined),
    previous: (key) =>
      before.get(key) ?? (scene.edges.length === 0 ? order[index.get(key)! - 1]?.key : undefined),
    beside(key, step) {
      const row = branches.get(rank.get(key) ?? -1) ?? [];
      return row[row.indexOf(key) + step];
    },
  };
}
