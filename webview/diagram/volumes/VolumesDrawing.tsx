/** The drawing that papers print: feature maps to scale, vectors as columns. */
import { Fragment, type VNode } from 'preact';
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
import { polygon } from './connectors';
import { planeOfFace } from './planes';
import { lineHeight, type PlacedItem, type VolumesLayout } from './types';

/** `window`: the part that can be seen; undefined: all of it. */
export function VolumesDrawing({
  layout,
  state,
  window,
}: {
  layout: VolumesLayout;
  state: ItemState;
  window: Bounds | undefined;
}): VNode {
  const items = window ? layout.items.filter((placed) => overlaps(placed, window)) : layout.items;
  const seen = window ? new Set(items.map(({ item }) => item.key)) : null;
  const connectors = seen
    ? layout.connectors.filter(({ from, to }) => seen.has(from) || seen.has(to))
    : layout.connectors;
  const behind = connectors.filter(({ kind }) => kind !== 'window');
  const inFront = connectors.filter(({ kind }) => kind === 'window');
  return (
    <>
      <ArrowMarker />
      <g aria-hidden class="wiring">
        {behind.map((connector) => (
          <path
            key={`${connector.kind} ${connector.from} ${connector.to}`}
            class={`connector ${connector.kind}`}
            d={connector.path}
            marker-end={connector.kind === 'skip' || connector.kind === 'turn' ? 'url(#arrow)' : undefined}
          />
        ))}
        {layout.brackets.map((bracket) => (
          <g key={`${bracket.key} ${bracket.from} ${bracket.y}`} class="bracket">
            <path d={`M${bracket.from},${bracket.y}v6H${bracket.to}v-6`} />
            <text x={(bracket.from + bracket.to) / 2} y={bracket.y + 20}>
              {bracket.label}
            </text>
          </g>
        ))}
      </g>
      {items.map((placed) => (
        <Layer key={placed.item.key} placed={placed} state={state} />
      ))}
      <g aria-hidden class="wiring">
        {inFront.map((connector) => (
          <Fragment key={`${connector.from} ${connector.to}`}>
            {/* Maps are dark and bright: a rim keeps the lines apart from them. */}
            {state.thumbnails.size > 0 && <path class="connector window rim" d={connector.path} />}
            <path class="connector window" d={connector.path} />
          </Fragment>
        ))}
      </g>
    </>
  );
}

function overlaps(placed: PlacedItem, window: Bounds): boolean {
  const half = Math.max(placed.width, placed.label.width) / 2;
  const bottom = placed.label.y + placed.label.lines.length * lineHeight;
  return (
    placed.x + half > window.x &&
    placed.x - half < window.x + window.width &&
    bottom > window.y &&
    placed.y - placed.height / 2 < window.y + window.height
  );
}

function Layer({ placed, state }: { placed: PlacedItem; state: ItemState }): VNode {
  const { item, x, y, width, height, label } = placed;
  const left = Math.min(x - width / 2, label.x - label.width / 2) - 5;
  const right = Math.max(x + width / 2, label.x + label.width / 2) + 5;
  const top = y - height / 2 - 6;
  const bottom = label.y + label.lines.length * lineHeight + 3;
  const worst = worstProblem(item);
  const seen = item.certainty === 'lost' ? undefined : state.thumbnails.get(item.outputKey);
  return (
    <g
      {...layerAttributes(
        item,
        state,
        label.lines.map(({ text }) => text),
      )}
    >
      {/* Hidden, because the name of the whole says it all, and in better words. */}
      <g aria-hidden>
        <rect class="ring" x={left} y={top} width={right - left} height={bottom - top} rx="6" />
        <g transform={`translate(${x},${y})`}>
          {placed.faces.map((face, index) => {
            const plane = seen && planeOfFace(placed, index);
            const url = plane && seen.urls[plane.rank];
            return (
              <Fragment key={index}>
                <polygon class={`face ${face.shade}`} points={polygon(face.points)} />
                {url && <Thumbnail url={url} isCoarse={seen.isCoarse} plane={plane} />}
              </Fragment>
            );
          })}
          {placed.cells.map((cell, index) => (
            <polyline key={index} class="cell" points={polygon(cell)} />
          ))}
          {item.certainty === 'lost' && <QuestionMark x={0} y={0} />}
          {worst && <ProblemMark severity={worst} x={width / 2} y={-height / 2} />}
          {item.foldKey !== null && <FoldMark x={-width / 2 + 2} y={-height / 2 - 2} />}
        </g>
        {placed.leader && <polyline class="leader" points={polygon(placed.leader)} />}
        {label.lines.map((line, index) => (
          <text
            key={index}
            class={`label ${line.role} ${line.role === 'problem' ? (worst ?? 'reason') : ''}`}
            x={label.x}
            y={label.y + index * lineHeight + 11}
          >
            {/* The space keeps the lines apart where they are read as one. */}
            {`${line.text} `}
          </text>
        ))}
      </g>
    </g>
  );
}
