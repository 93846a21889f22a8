/** The drawing that papers print: feature maps to scale, vectors as columns. */
import type { VNode } from 'preact';
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
    <g class={layerClass(item.key, item, state)} data-layer={item.layer?.id ?? ''} data-key={item.key}>
      <g aria-hidden>
        <g transform={`translate(${x},${y})`}>
          {placed.faces.map((face, index) => (
            <polygon key={index} class={`face ${face.shade}`} points={polygon(face.points)} />
          ))}
          {placed.cells.map((cell, index) => (
            <polyline key={index} class="cell" points={polygon(cell)} />
          ))}
          {item.certainty === 'lost' && (
            <text class="unknown" y="9">
              ?
            </text>
          )}
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
            {line.text}
          </text>
        ))}
      </g>
      <Target item={item} state={state} x={left} y={top} width={right - left} height={bottom - top} />
    </g>
  );
}

export interface TargetProps {
  item: PlacedItem['item'];
  state: ItemState;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is pointed at and focused: a frame over the layer, named by everything its drawing says. */
export function Target({ item, state, x, y, width, height }: TargetProps): VNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: there is no button element inside an SVG drawing.
    <rect
      class="ring"
      x={x}
      y={y}
      width={width}
      height={height}
      rx="6"
      role="button"
      // In SVG, attributes are case-sensitive.
      tabindex={item.key === state.focusable ? 0 : -1}
      aria-label={item.description}
      aria-pressed={item.key === state.selected}
    />
  );
}

export function ProblemMark({ severity, x, y }: { severity: string; x: number; y: number }): VNode {
  return (
    <g class={`problem-mark ${severity}`} transform={`translate(${x},${y})`}>
      <circle r="8" />
      <text y="4">{severity === 'information' ? 'i' : '!'}</text>
    </g>
  );
}

export function layerClass(
  key: string,
  item: PlacedItem['item'],
  { selected, highlighted }: ItemState,
): string {
  return [
    'layer',
    `kind-${item.kind}`,
    item.certainty,
    item.passesThrough && 'passes-through',
    key === selected && 'selected',
    highlighted.has(item.layer?.id ?? '') && 'highlighted',
  ]
    .filter(Boolean)
    .join(' ');
}
