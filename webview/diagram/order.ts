/** Items in the order in which values flow, and where all values pass through one of them. Pure. */
import type { Edge, Item } from './scene';

/** Every edge leads onwards; items keep their order where they can. */
export function topologicalOrder(items: readonly Item[], edges: readonly Edge[]): Item[] {
  const position = new Map(items.map(({ key }, index) => [key, index]));
  const isForward = ({ from, to }: Edge) => position.get(from)! < position.get(to)!;
  if (edges.every(isForward)) return [...items];
  const waiting = new Map(items.map(({ key }) => [key, 0]));
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) {
    waiting.set(to, waiting.get(to)! + 1);
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const ready = items.filter(({ key }) => waiting.get(key) === 0);
  const byKey = new Map(items.map((item) => [item.key, item]));
  const ordered: Item[] = [];
  for (let item = ready.shift(); item; item = ready.shift()) {
    ordered.push(item);
    for (const key of next.get(item.key) ?? []) {
      const left = waiting.get(key)! - 1;
      waiting.set(key, left);
      if (left === 0) ready.unshift(byKey.get(key)!);
    }
  }
  return ordered;
}

/**
 * Positions of the items that no edge goes past: what comes before and after such an item can be laid out, folded and
 * compared on its own. `items` in topological order.
 */
export function cutPositions(items: readonly Item[], edges: readonly Edge[]): number[] {
  const position = new Map(items.map(({ key }, index) => [key, index]));
  const change = new Int32Array(items.length + 1);
  for (const { from, to } of edges) {
    const [start, end] = [position.get(from)! + 1, position.get(to)!];
    if (end <= start) continue;
    change[start]!++;
    change[end]!--;
  }
  const cuts: number[] = [];
  let open = 0;
  for (let index = 0; index < items.length; index++) {
    open += change[index]!;
    if (open === 0) cuts.push(index);
  }
  return cuts;
}

/** The longest way from an input to each item, in edges. `items` in topological order. */
export function ranks(items: readonly Item[], edges: readonly Edge[]): Map<string, number> {
  const inbound = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const known = inbound.get(to);
    if (known) known.push(from);
    else inbound.set(to, [from]);
  }
  const result = new Map<string, number>();
  for (const { key } of items) {
    let rank = 0;
    for (const from of inbound.get(key) ?? []) rank = Math.max(rank, (result.get(from) ?? 0) + 1);
    result.set(key, rank);
  }
  return result;
}
