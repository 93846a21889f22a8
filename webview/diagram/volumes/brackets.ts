/** Loops, helper functions and nested models, as brackets below the layers that they make. */
import type { Bracket, PlacedItem } from './types';

export function bracketsOf(placed: readonly PlacedItem[], y: number): Bracket[] {
  const result: (Bracket & { count: number })[] = [];
  let open: (Bracket & { count: number }) | undefined;
  for (const { item, x, width, label } of placed) {
    const group = item.groups[0];
    if (!group) {
      open = undefined;
      continue;
    }
    const half = Math.max(width, label.width) / 2;
    if (open?.key === group.key) {
      open.to = Math.max(open.to, x + half);
      open.from = Math.min(open.from, x - half);
      open.count++;
    } else {
      open = { key: group.key, label: group.label, from: x - half, to: x + half, y, count: 1 };
      result.push(open);
    }
  }
  return result.filter(({ count, key }) => count > 1 || key.startsWith('loop'));
}
