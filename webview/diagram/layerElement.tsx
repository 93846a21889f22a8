/** What every drawing of a layer has in common: it is a button with a name, a state and marks. */
import type { SVGAttributes, VNode } from 'preact';
import type { Thumbnails } from './picture/thumbnails';
import type { Item } from './scene';
import type { Point } from './volumes/types';

export interface ItemState {
  selected: string | null;
  focusable: string | null;
  highlighted: ReadonlySet<string>;
  /** Keys of what the search found, and the one that is shown. */
  matches: ReadonlySet<string>;
  match: string | null;
  /** Colours of a heat map by key; null: colours by kind. */
  heat: ReadonlyMap<string, string> | null;
  /** What the layers put out for a picture, by `outputKey`. */
  thumbnails: ReadonlyMap<string, Thumbnails>;
}

/**
 * What makes a drawn layer a button. Its name begins with the text that can be seen, so that it can be called by it, and
 * goes on with what only other parts of the drawing say.
 */
export function layerAttributes(item: Item, state: ItemState, visible: string[]): SVGAttributes<SVGGElement> {
  const seen = visible.join(' ');
  const selected = item.key === state.selected;
  const classes = ['layer', `kind-${item.kind}`, item.certainty];
  if (item.passesThrough) classes.push('passes-through');
  if (item.members.length > 0) classes.push('folded');
  if (selected) classes.push('selected');
  if (isHighlighted(item, state.highlighted)) classes.push('highlighted');
  if (state.matches.has(item.key)) classes.push('found');
  if (state.match === item.key) classes.push('shown');
  const heat = state.heat?.get(item.key);
  if (state.heat) classes.push(heat ? 'hot' : 'cold');
  return {
    class: classes.join(' '),
    style: heat ? { '--kind': heat } : undefined,
    'data-layer': item.layer?.id ?? '',
    'data-key': item.key,
    role: 'button',
    // In SVG, attributes are case-sensitive.
    tabindex: item.key === state.focusable ? 0 : -1,
    'aria-label': [seen, ...item.facts.filter((fact) => !seen.includes(fact))].join(', '),
    'aria-pressed': selected,
  } as SVGAttributes<SVGGElement>;
}

/** The editor's cursor is at this layer, or at one that is folded into it. */
export function isHighlighted(item: Item, highlighted: ReadonlySet<string>): boolean {
  if (highlighted.size === 0) return false;
  if (item.layer) return highlighted.has(item.layer.id);
  return item.members.some(({ layer }) => layer !== null && highlighted.has(layer.id));
}

export function worstProblem(item: Item): 'error' | 'warning' | 'information' | undefined {
  return item.problems.some(({ severity }) => severity === 'error') ? 'error' : item.problems[0]?.severity;
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

/** A plus: there is more inside. */
export function FoldMark({ x, y }: { x: number; y: number }): VNode {
  return (
    <g class="fold-mark" transform={`translate(${x},${y})`}>
      <rect x="-6" y="-6" width="12" height="12" rx="2" />
      <path d="M-3,0H3M0,-3V3" />
    </g>
  );
}

/** A small picture in the parallelogram that begins at `origin`. */
export function Thumbnail({
  url,
  isCoarse,
  plane: { origin, across, down },
}: {
  url: string;
  isCoarse: boolean;
  plane: { origin: Point; across: Point; down: Point };
}): VNode {
  return (
    <image
      class={isCoarse ? 'thumbnail coarse' : 'thumbnail'}
      href={url}
      width="1"
      height="1"
      preserveAspectRatio="none"
      transform={`matrix(${across.x},${across.y},${down.x},${down.y},${origin.x},${origin.y})`}
    />
  );
}
