/**
 * A plain layered layout for blocks that are too large for ELK: ranks by the longest way from the top, each rank ordered
 * by where its values come from and go to, edges straight from node to node. Linear in the graph but for the sorting.
 */
import type { Segment, SegmentLayout } from './segment';

const sweeps = 6;
const rankGap = 46;
const nodeGap = 28;

export function layoutByRanks({ nodes, edges }: Segment): SegmentLayout {
  const before: number[][] = nodes.map(() => []);
  const after: number[][] = nodes.map(() => []);
  for (const { from, to } of edges) {
    before[to]!.push(from);
    after[from]!.push(to);
  }
  const rank = new Int32Array(nodes.length);
  for (let node = 0; node < nodes.length; node++) {
    for (const source of before[node]!) rank[node] = Math.max(rank[node]!, rank[source]! + 1);
  }
  const byRank: number[][] = [];
  for (let node = 0; node < nodes.length; node++) {
    byRank[rank[node]!] ??= [];
    byRank[rank[node]!]!.push(node);
  }
  const centre = new Float64Array(nodes.length);
  const spread = (row: number[]) => {
    const total = row.reduce((sum, node) => sum + nodes[node]!.width + nodeGap, -nodeGap);
    let x = -total / 2;
    for (const node of row) {
      centre[node] = x + nodes[node]!.width / 2;
      x += nodes[node]!.width + nodeGap;
    }
  };
  byRank.forEach(spread);
  const mean = (neighbours: number[], fallback: number) =>
    neighbours.length === 0
      ? fallback
      : neighbours.reduce((sum, node) => sum + centre[node]!, 0) / neighbours.length;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? byRank : [...byRank].reverse()) {
      const wish = new Map(
        row.map((node) => [node, mean(down ? before[node]! : after[node]!, centre[node]!)]),
      );
      row.sort((a, b) => wish.get(a)! - wish.get(b)! || a - b);
      spread(row);
    }
  }
  const top = new Float64Array(nodes.length);
  let y = 0;
  for (const row of byRank) {
    for (const node of row) top[node] = y;
    y += Math.max(...row.map((node) => nodes[node]!.height)) + rankGap;
  }
  return {
    nodes: nodes.map(({ width }, node) => ({ x: centre[node]! - width / 2, y: top[node]! })),
    groups: [],
    edges: edges.map(({ from, to }) => {
      const start = { x: centre[from]!, y: top[from]! + nodes[from]!.height };
      const end = { x: centre[to]!, y: top[to]! };
      const middle = end.y - rankGap / 2;
      return {
        points: [start, { x: start.x, y: start.y + rankGap / 4 }, { x: end.x, y: end.y - rankGap / 3 }, end],
        label: { x: end.x, y: middle },
      };
    }),
  };
}
