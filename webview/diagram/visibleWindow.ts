/** Large drawings are drawn as needed: the part that can be seen and some around it, so that not every step draws anew. */
import { useRef } from 'preact/hooks';
import type { Bounds, Transform } from './viewport';

/** Fewer items than this are drawn all. */
const drawnWhole = 150;
/** More than this at once are no elements but a picture. */
const mostElements = 320;
const surplus = 0.5;

/** The part of a large drawing to draw; undefined: all of it. The same object while the view stays inside. */
export function useVisibleWindow(
  { zoom, x, y }: Transform,
  size: { width: number; height: number },
  itemCount: number,
): Bounds | undefined {
  const known = useRef<Bounds | undefined>(undefined);
  if (itemCount <= drawnWhole) return undefined;
  const seen = { x: -x / zoom, y: -y / zoom, width: size.width / zoom, height: size.height / zoom };
  const { current } = known;
  const isInside =
    current !== undefined &&
    seen.x >= current.x &&
    seen.y >= current.y &&
    seen.x + seen.width <= current.x + current.width &&
    seen.y + seen.height <= current.y + current.height;
  // Zoomed in far, the old window holds much too much.
  if (!isInside || current.width > seen.width * (1 + 2 * surplus) * 1.8) {
    known.current = {
      x: seen.x - seen.width * surplus,
      y: seen.y - seen.height * surplus,
      width: seen.width * (1 + 2 * surplus),
      height: seen.height * (1 + 2 * surplus),
    };
  }
  return known.current;
}

/**
 * The picture is painted for more than can be seen, half a panel on each side, and then only moved: painting thousands of
 * lines anew for every frame would make panning stutter. `painted` changes with the zoom and when the margin is used up.
 */
export function usePaintedTransform(
  transform: Transform,
  size: { width: number; height: number },
): { painted: Transform; shift: { x: number; y: number } } {
  const known = useRef(transform);
  const shift = {
    // Whole pixels: text between pixels is blurred.
    x: Math.round(transform.x - known.current.x),
    y: Math.round(transform.y - known.current.y),
  };
  const isPainted =
    known.current.zoom === transform.zoom &&
    Math.abs(shift.x) <= size.width / 2 &&
    Math.abs(shift.y) <= size.height / 2;
  if (isPainted) return { painted: known.current, shift };
  known.current = transform;
  return { painted: transform, shift: { x: 0, y: 0 } };
}

/** Whether what is in the window can be drawn as elements. */
export function isNear(boxes: readonly Bounds[], window: Bounds): boolean {
  let count = 0;
  for (const { x, y, width, height } of boxes) {
    if (x + width < window.x || x > window.x + window.width) continue;
    if (y + height < window.y || y > window.y + window.height) continue;
    if (++count > mostElements) return false;
  }
  return true;
}
