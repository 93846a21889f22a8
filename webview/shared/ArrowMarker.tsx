import type { VNode } from 'preact';

/** The head of every arrow, in the colour of its line: `marker-end="url(#arrow)"`. Once in each SVG that has arrows. */
export function ArrowMarker(): VNode {
  return (
    <defs>
      <marker
        id="arrow"
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="7"
        markerHeight="7"
        markerUnits="userSpaceOnUse"
        orient="auto-start-reverse"
      >
        <path class="arrow-head" d="M0,0L8,4L0,8Z" />
      </marker>
    </defs>
  );
}
