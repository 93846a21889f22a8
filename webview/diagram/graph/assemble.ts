/** What all ways to lay out the graph share: edges with their shapes, where values leave, the frame around everything. */
import { formatShape } from '../../shared/format';
import type { Edge, Scene } from '../scene';
import type { Point, TextMeasure } from '../volumes/types';
import type { GraphLayout, PlacedEdge, PlacedGroup, PlacedNode } from './types';

const margin = 24;
const endLength = 26;

/** @param index makes edges between the same two nodes differ */
export function placedEdge(
  { from, to, shape }: Edge,
  points: Point[],
  label: Point,
  index: number,
  measure: TextMeasure,
): PlacedEdge {
  const text = formatShape(shape);
  return {
    key: `${from} ${to} ${index}`,
    from,
    to,
    points,
    text,
    label,
    labelWidth: measure(text, 'shape') + 8,
  };
}

/** @param isUpward whether a node's values leave it at its top */
export function endsOf(
  scene: Scene,
  nodes: readonly PlacedNode[],
  isUpward: (node: PlacedNode) => boolean = () => false,
): GraphLayout['ends'] {
  const used = new Set(scene.edges.map(({ from }) => from));
  return nodes
    .filter(({ item }) => !used.has(item.key))
    .map((node) => ({
      from: node.item.key,
      at: { x: node.x + node.width / 2, y: isUpward(node) ? node.y : node.y + node.height },
      isUpward: isUpward(node),
      text: node.item.shapeText,
    }));
}

export function framed(
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
  for (const { at, text, isUpward } of ends)
    include(at.x, isUpward ? at.y - endLength : at.y, 12 + text.length * 7, endLength);
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
