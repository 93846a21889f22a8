/** Layers as nodes, shapes on the edges: for models with branches. */
import type { VNode } from 'preact';
import { ArrowMarker } from '../../shared/ArrowMarker';
import {
  FoldMark,
  type ItemState,
  layerAttributes,
  ProblemMark,
  QuestionMark,
  Thumbnail,
  worstProblem,
} from '../layerElement';
import type { Bounds } from '../viewport';
import { problemLines } from '../volumes/labels';
import type { Point } from '../volumes/types';
import {
  nodeHeight,
  problemLineHeight,
  secondLine,
  thumbnailGap,
  thumbnailRoom,
  thumbnailSide,
} from './nodeSize';
import type { GraphLayout, PlacedEdge, PlacedGroup, PlacedNode } from './types';

interface GraphDrawingProps {
  layout: GraphLayout;
  state: ItemState;
  /** The part that can be seen; undefined: all of it. */
  window: Bounds | undefined;
  /** Closes a frame to a single node. */
  onFold: (key: string) => void;
}

export function GraphDrawing({ layout, state, window, onFold }: GraphDrawingProps): VNode {
  const nodes = window ? layout.nodes.filter((node) => overlaps(node, window)) : layout.nodes;
  const edges = window ? layout.edges.filter((edge) => overlaps(edgeBounds(edge), window)) : layout.edges;
  const groups = window ? layout.groups.filter((group) => overlaps(group, window)) : layout.groups;
  return (
    <>
      <ArrowMarker />
      <g aria-hidden class="wiring">
        {groups.map(({ key, x, y, width, height }) => (
          <g key={key} class="group">
            <rect x={x} y={y} width={width} height={height} rx="6" />
          </g>
        ))}
        {edges.map((edge) => (
          <path key={edge.key} class="edge" d={rounded(edge.points)} marker-end="url(#arrow)" />
        ))}
        {groups.map((group) => (
          <FrameTitle key={group.key} group={group} onFold={onFold} />
        ))}
        {layout.ends.map((end) => (
          <g key={end.from} class="end">
            <path
              class="edge"
              d={`M${end.at.x},${end.at.y}v${end.isUpward ? -24 : 24}`}
              marker-end="url(#arrow)"
            />
            <text class="edge-label start" x={end.at.x + 9} y={end.at.y + (end.isUpward ? -10 : 17)}>
              {end.text}
            </text>
          </g>
        ))}
        {edges.map((edge) => (
          <text key={edge.key} class="edge-label" x={edge.label.x} y={edge.label.y + 4}>
            {edge.text}
          </text>
        ))}
      </g>
      {nodes.map((node) => (
        <Node key={node.item.key} node={node} state={state} />
      ))}
    </>
  );
}

/** In front of the edges, which go through it. */
function FrameTitle({ group, onFold }: { group: PlacedGroup; onFold: (key: string) => void }): VNode {
  return (
    <g class="group">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: likewise. */}
      <g
        class="frame-title"
        onClick={(event) => {
          event.stopPropagation();
          onFold(group.key);
        }}
      >
        <rect class="hit" x={group.x + 4} y={group.y + 4} width={group.label.length * 6.4 + 24} height="16" />
        <rect class="box" x={group.x + 8} y={group.y + 6} width="10" height="10" rx="2" />
        <path d={`M${group.x + 10.5},${group.y + 11}h5`} />
        <text x={group.x + 23} y={group.y + 15}>
          {group.label}
        </text>
      </g>
    </g>
  );
}

function Node({ node, state }: { node: PlacedNode; state: ItemState }): VNode {
  const { item, x, y, width, height } = node;
  const worst = worstProblem(item);
  const problem = problemLines(item, 44);
  const seen = state.thumbnails.get(item.outputKey);
  const right = width - thumbnailRoom(item);
  return (
    <g
      {...layerAttributes(item, state, [item.title, secondLine(item), ...problem])}
      transform={`translate(${x},${y})`}
    >
      <g aria-hidden class="node">
        <rect class="ring" x={-4} y={-4} width={width + 8} height={height + 8} rx="8" />
        {item.members.length > 0 && <path class="card behind" d={`M5,${height}v4H${width + 4}V5h-4`} />}
        <rect class="card" width={width} height={height} rx="5" />
        <path class="stripe" d={`M5,0H6V${height}H5A5,5 0 0 1 0,${height - 5}V5A5,5 0 0 1 5,0Z`} />
        <text class="label title" x="16" y="18">
          {`${item.title} `}
        </text>
        <text class="label params" x="16" y="34">
          {`${secondLine(item)} `}
        </text>
        {problem.map((line, index) => (
          <text
            key={index}
            class={`label problem ${worst ?? 'reason'}`}
            x="16"
            y={nodeHeight + 6 + index * problemLineHeight}
          >
            {`${line} `}
          </text>
        ))}
        {seen?.urls.slice(0, item.thumbnails).map((url, index) => (
          <Thumbnail
            key={index}
            url={url}
            isCoarse={seen.isCoarse}
            plane={
              seen.isVector
                ? // A strip lies: as in the drawing of volumes, the first unit comes first.
                  {
                    origin: { x: right, y: nodeHeight / 2 - 7 },
                    across: { x: 0, y: 14 },
                    down: { x: thumbnailRoom(item) - 8, y: 0 },
                  }
                : {
                    origin: { x: right + index * (thumbnailSide + thumbnailGap), y: 5 },
                    across: { x: thumbnailSide, y: 0 },
                    down: { x: 0, y: thumbnailSide },
                  }
            }
          />
        ))}
        {item.certainty === 'lost' && <QuestionMark x={width - 16} y={nodeHeight / 2 - 2} />}
        {item.foldKey !== null && <FoldMark x={right - 14} y={nodeHeight / 2} />}
        {worst && <ProblemMark severity={worst} x={width} y={0} />}
      </g>
    </g>
  );
}

function overlaps(box: Bounds, window: Bounds): boolean {
  return (
    box.x + box.width >= window.x &&
    box.x <= window.x + window.width &&
    box.y + box.height >= window.y &&
    box.y <= window.y + window.height
  );
}

function edgeBounds({ points }: PlacedEdge): Bounds {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Edges with soft corners. */
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
