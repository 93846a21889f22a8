/** Sixteen-pixel line icons. Drawn here, so that no font has to be loaded. */
import type { VNode } from 'preact';

const paths = {
  zoomIn: 'M7 3v8M3 7h8M10.2 10.2 14 14M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0Z',
  zoomOut: 'M4.5 7h5M10.6 10.6 14 14M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0Z',
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4M5.5 5.5h5v5h-5Z',
  table: 'M2 3h12v10H2ZM2 6.5h12M2 10h12M6.5 3v10',
  play: 'M4.5 2.5v11l9-5.5Z',
  pause: 'M5.5 3v10M10.5 3v10',
  first: 'M11.5 3l-5 5 5 5M4.5 3v10',
  last: 'M4.5 3l5 5-5 5M11.5 3v10',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  source: 'M5.5 4 1.5 8l4 4M10.5 4l4 4-4 4',
  previous: 'M10 3 5 8l5 5',
  next: 'M6 3l5 5-5 5',
  warning: 'M8 2 14.5 13.5h-13ZM8 6.5V10M8 11.6v.4',
  error: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  information: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2ZM8 7.4v3.4M8 5.2v.3',
  fold: 'M3 2.5h10M3 13.5h10M8 4.5v3M6.2 6 8 7.8 9.8 6M8 11.5v-3M6.2 10 8 8.2 9.8 10',
  save: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  add: 'M8 3v10M3 8h10',
  history: 'M2.6 9.2A5.5 5.5 0 1 0 3.4 5M2.5 2.5v3h3M8 5v3.2l2.2 1.4',
  check: 'M2.5 8.5 6 12l7.5-8',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): VNode {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
