/** The change between two views of one model: every layer moves from where it was to where it is now. */
import type { ViewName } from './host';
import type { Bounds, Transform } from './viewport';

export interface Positions {
  graphId: string;
  view: ViewName;
  boxes: ReadonlyMap<string, Bounds>;
  transform: Transform;
}

const milliseconds = 420;
/** More layers than this just change: moving them all would stutter. */
const mostMoving = 250;

export function movesFrom(
  before: Positions,
  picture: SVGSVGElement,
  boxes: ReadonlyMap<string, Bounds>,
  transform: Transform,
): void {
  const timing: KeyframeAnimationOptions = { duration: milliseconds, easing: 'cubic-bezier(.2,.7,.2,1)' };
  const layers = [...picture.querySelectorAll<SVGGElement>('.layer')];
  for (const lines of picture.querySelectorAll('.wiring')) {
    lines.animate([{ opacity: 0 }, { opacity: 0, offset: 0.5 }, { opacity: 1 }], timing);
  }
  if (layers.length > mostMoving) return;
  for (const layer of layers) {
    const key = layer.dataset['key'] ?? '';
    const [from, to] = [before.boxes.get(key), boxes.get(key)];
    if (!from || !to) {
      layer.animate([{ opacity: 0 }, { opacity: 1 }], timing);
      continue;
    }
    // In the drawing's own units: the layers stand inside the group that is panned and zoomed.
    const dx = (centre(from, before.transform).x - centre(to, transform).x) / transform.zoom;
    const dy = (centre(from, before.transform).y - centre(to, transform).y) / transform.zoom;
    // Added to the place that the element's own attribute gives it.
    layer.animate(
      [
        { transform: `translate(${dx}px, ${dy}px)`, opacity: 0.3 },
        { transform: 'none', opacity: 1 },
      ],
      {
        ...timing,
        composite: 'accumulate',
      },
    );
  }
}

function centre(box: Bounds, { zoom, x, y }: Transform): { x: number; y: number } {
  return { x: (box.x + box.width / 2) * zoom + x, y: (box.y + box.height / 2) * zoom + y };
}
