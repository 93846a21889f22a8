/** The drawing that papers print: feature maps to scale, vectors as columns. */
import type { SVGAttributes, VNode } from 'preact';
import { lineHeight, type PlacedItem, polygon, type VolumesLayout } from './volumesLayout';

export interface ItemState {
  selected: string | null;
  focusable: string | null;
  highlighted: ReadonlySet<string>;
}

export function VolumesDrawing({ layout, state }: { layout: VolumesLayout; state: ItemState }): VNode {
  const behind = layout.connectors.filter(({ kind }) => kind !== 'window');
  const inFront = layout.connectors.filter(({ kind }) => kind === 'window');
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
        {behind.map((connector) => (
          <path
            key={`${connector.kind} ${connector.from} ${connector.to}`}
            class={`connector ${connector.kind}`}
            d={connector.path}
            marker-end={connector.kind === 'skip' || connector.kind === 'turn' ? 'url(#arrow)' : undefined}
          />
        ))}
        {layout.brackets.map((bracket) => (
          <g key={`${bracket.label} ${bracket.from} ${bracket.y}`} class="bracket">
            <path d={`M${bracket.from},${bracket.y}v6H${bracket.to}v-6`} />
            <text x={(bracket.from + bracket.to) / 2} y={bracket.y + 20}>
              {bracket.label}
            </text>
          </g>
        ))}
      </g>
      {layout.items.map((placed) => (
        <Layer key={placed.item.key} placed={placed} state={state} />
      ))}
      <g aria-hidden>
        {inFront.map((connector) => (
          <path key={`${connector.from} ${connector.to}`} class="connector window" d={connector.path} />
        ))}
      </g>
    </>
  );
}

function Layer({ placed, state }: { placed: PlacedItem; state: ItemState }): VNode {
  const { item, x, y, width, height, label } = placed;
  const left = Math.min(x - width / 2, label.x - label.width / 2) - 5;
  const right = Math.max(x + width / 2, label.x + label.width / 2) + 5;
  const top = y - height / 2 - 6;
  const bottom = label.y + label.lines.length * lineHeight + 3;
  const worst = item.problems.some(({ severity }) => severity === 'error')
    ? 'error'
    : item.problems[0]?.severity;
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
          {placed.faces.map((face, index) => (
            <polygon key={index} class={`face ${face.shade}`} points={polygon(face.points)} />
          ))}
          {placed.cells.map((cell, index) => (
            <polyline key={index} class="cell" points={polygon(cell)} />
          ))}
          {item.certainty === 'lost' && <QuestionMark x={0} y={0} />}
          {worst && <ProblemMark severity={worst} x={width / 2} y={-height / 2} />}
        </g>
        {placed.leader && <polyline class="leader" points={polygon(placed.leader)} />}
        {label.lines.map((line, index) => (
          <text
            key={line.role}
            class={`label ${line.role}`}
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

/** Drawn and not written: it is no part of the layer's name. */
export function QuestionMark({ x, y }: { x: number; y: number }): VNode {
  return (
    <path
      class="unknown"
      transform={`translate(${x},${y})`}
      d="M-5,-5a5.2,5.2 0 1 1 7.4,4.6Q0,1 0,4M0,8.6v.6"
    />
  );
}

export function ProblemMark({ severity, x, y }: { severity: string; x: number; y: number }): VNode {
  return (
    <g class={`problem-mark ${severity}`} transform={`translate(${x},${y})`}>
      <circle r="8" />
      <path d={severity === 'information' ? 'M0,-1V4M0,-4v.4' : 'M0,-4V1M0,3.6v.4'} />
    </g>
  );
}

/**
 * What makes a drawn layer a button. Its name begins with the text that can be seen, so that it can be called by it, and
 * goes on with what only other parts of the drawing say.
 */
export function layerAttributes(
  item: PlacedItem['item'],
  state: ItemState,
  visible: string[],
): SVGAttributes<SVGGElement> {
  const seen = visible.join(' ');
  const selected = item.key === state.selected;
  const highlighted = state.highlighted.has(item.layer?.id ?? '');
  const classes = ['layer', `kind-${item.kind}`, item.certainty];
  if (item.passesThrough) classes.push('passes-through');
  if (selected) classes.push('selected');
  if (highlighted) classes.push('highlighted');
  return {
    class: classes.join(' '),
    'data-layer': item.layer?.id ?? '',
    'data-key': item.key,
    role: 'button',
    // In SVG, attributes are case-sensitive.
    tabindex: item.key === state.focusable ? 0 : -1,
    'aria-label': [seen, ...item.facts.filter((fact) => !seen.includes(fact))].join(', '),
    'aria-pressed': selected,
  } as SVGAttributes<SVGGElement>;
}
