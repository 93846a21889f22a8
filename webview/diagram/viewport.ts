/** Zoom and pan of the drawing. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { prefersReducedMotion } from '../shared/theme';
import { readableZoom } from './volumes/types';

export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Transform {
  zoom: number;
  x: number;
  y: number;
}

export interface Viewport {
  transform: Transform;
  /** True until the user zooms or pans: the drawing then follows the size of the panel and of the model. */
  following: boolean;
  zoomBy(factor: number, at?: { x: number; y: number }): void;
  panBy(x: number, y: number): void;
  fit(): void;
  /** Moves just as far as is needed to see these bounds in the part of the panel that nothing covers. */
  reveal(bounds: Bounds, covered?: { right: number; bottom: number }): void;
}

const smallestZoom = 0.08;
const largestZoom = 6;

export interface SavedView {
  transform: Transform;
  following: boolean;
}

export function useViewport(
  bounds: Bounds | null,
  size: { width: number; height: number },
  saved: SavedView | undefined,
  onChange: (view: SavedView) => void,
): Viewport {
  const [view, setView] = useState<SavedView>(
    saved ?? { transform: { zoom: 1, x: 0, y: 0 }, following: true },
  );
  const current = useRef(view);
  const change = useCallback(
    (next: SavedView) => {
      current.current = next;
      setView(next);
      onChange(next);
    },
    [onChange],
  );

  useLayoutEffect(() => {
    if (!bounds || size.width === 0 || !current.current.following) return;
    change({ transform: startTransform(bounds, size), following: true });
  }, [bounds?.x, bounds?.y, bounds?.width, bounds?.height, size.width, size.height, change]);

  const animation = useRef(0);
  useEffect(() => () => cancelAnimationFrame(animation.current), []);
  const moveTo = (target: Transform) => {
    cancelAnimationFrame(animation.current);
    const from = current.current.transform;
    // A drawing that fits goes on following the panel; one that does not must not jump back while the user types.
    const fits =
      bounds !== null &&
      bounds.width * from.zoom <= size.width + 1 &&
      bounds.height * from.zoom <= size.height + 1;
    const following = current.current.following && fits;
    if (prefersReducedMotion()) {
      change({ transform: target, following });
      return;
    }
    const begun = performance.now();
    const step = (now: number) => {
      const t = Math.min(1, (now - begun) / 180);
      const eased = 1 - (1 - t) ** 3;
      const mix = (a: number, b: number) => a + (b - a) * eased;
      change({
        transform: { zoom: mix(from.zoom, target.zoom), x: mix(from.x, target.x), y: mix(from.y, target.y) },
        following,
      });
      if (t < 1) animation.current = requestAnimationFrame(step);
    };
    animation.current = requestAnimationFrame(step);
  };

  return {
    transform: view.transform,
    following: view.following,
    zoomBy(factor, at = { x: size.width / 2, y: size.height / 2 }) {
      const { zoom, x, y } = current.current.transform;
      const next = Math.min(largestZoom, Math.max(smallestZoom, zoom * factor));
      const ratio = next / zoom;
      change({
        transform: { zoom: next, x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio },
        following: false,
      });
    },
    panBy(x, y) {
      const { transform } = current.current;
      change({ transform: { ...transform, x: transform.x + x, y: transform.y + y }, following: false });
    },
    fit() {
      if (bounds) change({ transform: fitTransform(bounds, size), following: false });
    },
    reveal(target, covered = { right: 0, bottom: 0 }) {
      const { zoom, x, y } = current.current.transform;
      const edge = 16;
      const shift = (start: number, length: number, available: number) => {
        if (length + 2 * edge > available) return edge - start;
        if (start < edge) return edge - start;
        return Math.min(0, available - edge - (start + length));
      };
      const dx = shift(target.x * zoom + x, target.width * zoom, size.width - covered.right);
      const dy = shift(target.y * zoom + y, target.height * zoom, size.height - covered.bottom);
      if (dx !== 0 || dy !== 0) moveTo({ zoom, x: x + dx, y: y + dy });
    },
  };
}

function fitTransform(bounds: Bounds, size: { width: number; height: number }): Transform {
  const zoom = Math.max(smallestZoom, Math.min(1.6, size.width / bounds.width, size.height / bounds.height));
  return centred(bounds, size, zoom);
}

/** A drawing that cannot be read when it fits begins at its top left instead. */
function startTransform(bounds: Bounds, size: { width: number; height: number }): Transform {
  const fitted = fitTransform(bounds, size);
  if (fitted.zoom >= readableZoom) return fitted;
  const zoom = Math.max(Math.min(1, size.width / bounds.width), readableZoom);
  const { x, y } = centred(bounds, size, zoom);
  return {
    zoom,
    x: bounds.width * zoom > size.width ? -bounds.x * zoom : x,
    y: bounds.height * zoom > size.height ? -bounds.y * zoom : y,
  };
}

function centred(bounds: Bounds, size: { width: number; height: number }, zoom: number): Transform {
  return {
    zoom,
    x: (size.width - bounds.width * zoom) / 2 - bounds.x * zoom,
    y: (size.height - bounds.height * zoom) / 2 - bounds.y * zoom,
  };
}
