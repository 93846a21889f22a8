/** How a model looks in lists, heads and charts: a colour and a shape, so that neither is needed alone. */
import type { VNode } from 'preact';

/** Outlines around the origin, about 10 across. */
const shapes = [
  'M-4.5,0a4.5,4.5 0 1 0 9,0a4.5,4.5 0 1 0 -9,0Z',
  'M-4,-4H4V4H-4Z',
  'M0,-5L5,4H-5Z',
  'M0,-5.5L5.5,0L0,5.5L-5.5,0Z',
  'M-5,-4H5L0,5Z',
  'M-1.7,-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7Z',
];

/** For what the tables say to those who listen. */
export const unheard = { 'aria-hidden': true } as const;

export function seriesClass(model: number): string {
  return `series-${model % shapes.length}`;
}

export function Marker({
  model,
  x,
  y,
  scale = 1,
}: {
  model: number;
  x: number;
  y: number;
  scale?: number;
}): VNode {
  const size = scale === 1 ? '' : ` scale(${scale})`;
  return (
    <path
      class={`marker ${seriesClass(model)}`}
      d={shapes[model % shapes.length]!}
      transform={`translate(${x},${y})${size}`}
    />
  );
}
