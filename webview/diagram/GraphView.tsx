/** Layers as nodes, shapes on the edges: for models with branches. */
import type { VNode } from 'preact';
import { type GraphLayout, nodeHeight, type PlacedNode, secondLine } from './graphLayout';
import { type ItemState, layerAttributes, ProblemMark, QuestionMark } from './VolumesView';
import type { Point } from './volumesLayout';

export function GraphDrawing({ layout, state }: { layout: GraphLayout; state: ItemState }): VNode {
  return (
    <>
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto-start-reverse"
        >
          <path class="arrow-head" d="M0,0L8,4L0,8Z" />
        </marker>
      </defs>
      <g aria-hidden>
        {layout.groups.map((group) => (
          <g key={group.id} class="group">
            <rect x={group.x} y={group.y} width={group.width} height={group.height} rx="6" />
            <text x={group.x + 10} y={group.y + 14}>
              {group.label}
            </text>
          </g>
        ))}
        {layout.edges.map((edge) => (
          <path
            key={`${edge.from} ${edge.to} ${edge.label.x}`}
            class="edge"
            d={rounded(edge.points)}
            marker-end="url(#arrow)"
          />
        ))}
        {layout.ends.map((end) => (
          <g key={end.from} class="end">
            <path class="edge" d={`M${end.at.x},${end.at.y}v24`} marker-end="url(#arrow)" />
            <text class="edge-label start" x={end.at.x + 9} y={end.at.y + 17}>
              {end.text}
            </text>
          </g>
        ))}
        {layout.edges.map((edge) => (
          <text
            key={`${edge.from} ${edge.to} ${edge.label.x}`}
            class="edge-label"
            x={edge.label.x}
            y={edge.label.y + 4}
          >
            {edge.text}
          </text>
        ))}
      </g>
      {layout.nodes.map((node) => (
        <Node key={node.item.key} node={node} state={state} />
      ))}
    </>
  );
}

function Node({ node, state }: { node: PlacedNode; state: ItemState }): VNode {
  const { item, x, y, width } = node;
  const worst = item.problems.some(({ severity }) => severity === 'error')
    ? 'error'
    : item.problems[0]?.severity;
  return (
    <g {...layerAttributes(item, state, [item.title, secondLine(item)])} transform={`translate(${x},${y})`}>
      <g aria-hidden class="node">
        <rect class="ring" x={-4} y={-4} width={width + 8} height={nodeHeight + 8} rx="8" />
        <rect class="card" width={width} height={nodeHeight} rx="5" />
        <path class="stripe" d={`M5,0H6V${nodeHeight}H5A5,5 0 0 1 0,${nodeHeight - 5}V5A5,5 0 0 1 5,0Z`} />
        <text class="label title" x="16" y="18">
          {`${item.title} `}
        </text>
        <text class="label params" x="16" y="34">
          {secondLine(item)}
        </text>
        {item.certainty === 'lost' && <QuestionMark x={width - 16} y={nodeHeight / 2 - 2} />}
        {worst && <ProblemMark severity={worst} x={width} y={0} />}
      </g>
    </g>
  );
}

/** Orthogonal edges with soft corners. */
function rounded(points: Point[]): string {
  if (points.length === 0) return '';
  const radius = 7;
  let path = `M${points[0]!.x},${points[0]!.y}`;
  for (let index = 1; index < points.length - 1; index++) {
    const [before, corner, after] = [points[index - 1]!, points[index]!, points[index + 1]!];
    const a = towards(corner, before, radius);
    const b = towards(corner, after, radius);
    path += `L${a.x},${a.y}Q${corner.x},${corner.y} ${b.x},${b.y}`;
  }
  const last = points.at(-1)!;
  return `${path}L${last.x},${last.y}`;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const t = length === 0 ? 0 : Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t };
}
