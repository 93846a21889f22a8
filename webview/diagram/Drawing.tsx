/** The stage: the drawing itself with pan, zoom, keys, minimap, and the change from one view to another. */
import type { ComponentChildren, RefObject, VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { prefersReducedMotion } from '../shared/theme';
import { itemBoxes, layoutBounds, useLayout } from './drawingLayout';
import type { ExportSource } from './export/exportDiagram';
import { GraphCanvas } from './graph/GraphCanvas';
import { GraphDrawing } from './graph/GraphDrawing';
import type { ViewName } from './host';
import { isHighlighted } from './layerElement';
import { Minimap } from './Minimap';
import { movesFrom, type Positions } from './morph';
import type { Thumbnails } from './picture/thumbnails';
import type { Item, Scene } from './scene';
import { useSize } from './size';
import { Toolbar } from './Toolbar';
import { type Bounds, type SavedView, useViewport } from './viewport';
import { isNear, usePaintedTransform, useVisibleWindow } from './visibleWindow';
import { VolumesDrawing } from './volumes/VolumesDrawing';
import { walkOf } from './walk';

export interface DrawingProps {
  scene: Scene;
  view: ViewName;
  selected: string | null;
  highlighted: ReadonlySet<string>;
  matches: ReadonlySet<string>;
  match: string | null;
  heat: ReadonlyMap<string, string> | null;
  thumbnails: ReadonlyMap<string, Thumbnails>;
  savedView: SavedView | undefined;
  /** Where everything was when another view of the same model was shown. */
  positions: { current: Positions | null };
  /** What an export would show. */
  exportSource: { current: ExportSource | null };
  searchField: RefObject<HTMLInputElement | null>;
  onViewChange: (view: SavedView) => void;
  onSelect: (key: string | null) => void;
  onReveal: (item: Item) => void;
  onView: (view: ViewName) => void;
  onFold: (key: string) => void;
  /** Which items can be seen, once the view has come to rest. */
  onVisible: (items: Item[]) => void;
  /** The rest of the toolbar. */
  tools: ComponentChildren;
  /** The details, which lie over the drawing. */
  children: ComponentChildren;
}

/** How long the view must stay as it is before what can be seen is worth fetching. */
const restMilliseconds = 120;

export function Drawing(props: DrawingProps): VNode {
  const { scene, view, selected, highlighted, matches, match, heat, thumbnails } = props;
  const { onSelect, onReveal, onFold, onVisible } = props;
  const container = useRef<HTMLDivElement>(null);
  const size = useSize(container);
  const layout = useLayout(scene, view, size);
  const bounds = layout && layoutBounds(layout);
  const viewport = useViewport(bounds, size, props.savedView, props.onViewChange);
  const { transform } = viewport;
  const walk = useMemo(() => walkOf(scene), [scene]);
  const boxes = useMemo(() => (layout ? itemBoxes(layout) : new Map<string, Bounds>()), [layout]);
  const items = useMemo(() => new Map(scene.items.map((item) => [item.key, item])), [scene]);

  props.exportSource.current = layout && { scene, layout, view, heat, thumbnails };

  const [focusable, setFocusable] = useState<string | null>(selected);
  const lastFocused = useRef<Item | null>(null);
  const focused = focusedItem(scene, items, focusable, lastFocused.current);
  lastFocused.current = focused;
  const reachable = focused?.key ?? null;
  const wantsFocus = useRef(false);
  useLayoutEffect(() => {
    if (!wantsFocus.current || reachable === null) return;
    const element = container.current?.querySelector<SVGElement>(`[data-key="${CSS.escape(reachable)}"]`);
    if (!element) return;
    wantsFocus.current = false;
    element.focus({ preventScroll: true });
  });

  // What the cursor stands in, what was chosen in a list and what was found must be seen.
  const revealItem = (key: string | undefined) => {
    const target = key === undefined ? undefined : boxes.get(key);
    if (target) viewport.reveal(target, coveredBy(selected, size));
  };
  useEffect(() => {
    revealItem(scene.items.find((item) => isHighlighted(item, highlighted))?.key);
  }, [highlighted, layout === null]);
  useEffect(() => revealItem(selected ?? undefined), [selected]);
  useEffect(() => revealItem(match ?? undefined), [match]);

  const walkTo = (target: string | undefined) => {
    if (target === undefined) return;
    wantsFocus.current = true;
    setFocusable(target);
    onSelect(target);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !focused) return;
    const { key } = focused;
    const [next, previous] = [walk.next(key), walk.previous(key)];
    const isGraph = view === 'graph';
    const actions: Record<string, () => void> = {
      ArrowRight: () => walkTo(isGraph ? (walk.beside(key, 1) ?? next) : next),
      ArrowDown: () => walkTo(isGraph ? next : (walk.beside(key, 1) ?? next)),
      ArrowLeft: () => walkTo(isGraph ? (walk.beside(key, -1) ?? previous) : previous),
      ArrowUp: () => walkTo(isGraph ? previous : (walk.beside(key, -1) ?? previous)),
      Home: () => walkTo(scene.items[0]?.key),
      End: () => walkTo(scene.items.at(-1)?.key),
      Enter: () => onReveal(focused),
      ' ': () => onSelect(key === selected ? null : key),
      Escape: () => onSelect(null),
      f: () => {
        const group = focused.foldKey ?? focused.groups.findLast(({ kind }) => kind !== 'loop')?.key;
        if (group === undefined) return;
        wantsFocus.current = true;
        onFold(group);
      },
      '/': () => props.searchField.current?.focus(),
      '+': () => viewport.zoomBy(1.25),
      '=': () => viewport.zoomBy(1.25),
      '-': () => viewport.zoomBy(0.8),
      '0': () => viewport.fit(),
    };
    const shifted: Record<string, () => void> = {
      ArrowRight: () => viewport.panBy(-60, 0),
      ArrowLeft: () => viewport.panBy(60, 0),
      ArrowDown: () => viewport.panBy(0, -60),
      ArrowUp: () => viewport.panBy(0, 60),
    };
    const action = (event.shiftKey && shifted[event.key]) || actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };

  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const onPointerDown = (event: PointerEvent) => {
    if (event.button === 0) drag.current = { x: event.clientX, y: event.clientY, moved: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    const held = drag.current;
    if (!held) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moved && Math.hypot(dx, dy) < 4) return;
    if (!held.moved) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, y: event.clientY, moved: true };
    viewport.panBy(dx, dy);
  };
  const onPointerUp = () => {
    // The click that ends a drag comes after this and must still see that it was one.
    const held = drag.current;
    if (held?.moved) setTimeout(() => (drag.current = null));
    else drag.current = null;
  };
  /** From afar the layers are no elements: where the pointer is decides. */
  const itemAt = (event: MouseEvent): string | undefined => {
    const key = (event.target as Element).closest<SVGGElement>('[data-key]')?.dataset['key'];
    if (key !== undefined || !isFar) return key;
    const box = container.current!.getBoundingClientRect();
    const x = (event.clientX - box.left - transform.x) / transform.zoom;
    const y = (event.clientY - box.top - transform.y) / transform.zoom;
    for (const [candidate, at] of boxes) {
      if (x >= at.x && x <= at.x + at.width && y >= at.y && y <= at.y + at.height) return candidate;
    }
    return undefined;
  };
  const onClick = (event: MouseEvent) => {
    if (drag.current?.moved) return;
    const item = items.get(itemAt(event) ?? '');
    onSelect(item?.key ?? null);
    if (!item) return;
    setFocusable(item.key);
    if ((event.target as Element).closest('.fold-mark') && item.foldKey) onFold(item.foldKey);
    else onReveal(item);
  };
  const onDoubleClick = (event: MouseEvent) => {
    const item = items.get(itemAt(event) ?? '');
    if (item?.foldKey) onFold(item.foldKey);
  };

  // Preact would register a passive listener's equivalent; zooming must keep the page from scrolling.
  useEffect(() => {
    const element = container.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.shiftKey) {
        viewport.panBy(-(event.deltaX || event.deltaY), 0);
        return;
      }
      const box = element!.getBoundingClientRect();
      const step = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * 20;
      viewport.zoomBy(Math.exp(-Math.max(-120, Math.min(120, step)) * 0.0022), {
        x: event.clientX - box.left,
        y: event.clientY - box.top,
      });
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  });

  const { painted, shift } = usePaintedTransform(transform, size);
  // Whole pixels, or every line would lie between two of them.
  const margin = { x: Math.round(size.width / 2), y: Math.round(size.height / 2) };
  const seen = useVisibleWindow(transform, size, scene.items.length);
  const isFar = useMemo(
    () => layout?.view === 'graph' && seen !== undefined && !isNear(layout.graph.nodes, seen),
    [layout, seen],
  );
  const state = useMemo(
    () => ({ selected, focusable: reachable, highlighted, matches, match, heat, thumbnails }),
    [selected, reachable, highlighted, matches, match, heat, thumbnails],
  );
  // The same object while the drawing only moves, so that nothing inside is compared.
  const drawing = useMemo(() => {
    if (!layout) return null;
    if (layout.view === 'volumes') {
      return <VolumesDrawing layout={layout.volumes} state={state} window={seen} />;
    }
    const shown = isFar ? { ...layout.graph, edges: [], groups: [], ends: [] } : layout.graph;
    const window = isFar ? { x: 0, y: 0, width: 0, height: 0 } : seen;
    return <GraphDrawing layout={shown} state={state} window={window} onFold={onFold} />;
  }, [layout, state, seen, isFar, onFold]);
  const marked = useMemo(
    () =>
      new Set([
        ...matches,
        ...scene.items.filter((item) => isHighlighted(item, highlighted)).map(({ key }) => key),
      ]),
    [matches, highlighted, scene],
  );

  useEffect(() => {
    if (boxes.size === 0 || size.width === 0) return;
    const timer = setTimeout(() => {
      const { zoom, x, y } = transform;
      const isSeen = (box: Bounds) =>
        (box.x + box.width) * zoom + x > 0 &&
        box.x * zoom + x < size.width &&
        (box.y + box.height) * zoom + y > 0 &&
        box.y * zoom + y < size.height;
      onVisible(scene.items.filter(({ key }) => boxes.has(key) && isSeen(boxes.get(key)!)));
    }, restMilliseconds);
    return () => clearTimeout(timer);
  }, [boxes, transform, size, scene, onVisible]);

  // The other view left everything somewhere: it moves from there to its new place.
  const picture = useRef<SVGSVGElement>(null);
  useLayoutEffect(() => {
    const before = props.positions.current;
    if (!layout || !picture.current || !before || before.graphId !== scene.graph.id || before.view === view)
      return;
    props.positions.current = null;
    if (!prefersReducedMotion()) movesFrom(before, picture.current, boxes, transform);
  }, [layout]);
  const latest = useRef({ boxes, transform });
  latest.current = { boxes, transform };
  useEffect(
    () => () => {
      props.positions.current = { graphId: scene.graph.id, view, ...latest.current };
    },
    [scene.graph.id, view],
  );

  const overflows =
    bounds !== null &&
    (bounds.width * transform.zoom > size.width + 40 || bounds.height * transform.zoom > size.height + 40);
  return (
    <section class="drawing" aria-label={`Diagram of ${scene.graph.name}`}>
      <Toolbar view={view} onView={props.onView} viewport={viewport}>
        {props.tools}
      </Toolbar>
      <div class="stage">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys work on the layers inside, which are buttons. */}
        <div
          ref={container}
          class="canvas"
          onKeyDown={onKeyDown}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={onPointerUp}
          onClick={onClick}
          onDblClick={onDoubleClick}
        >
          {isFar && layout?.view === 'graph' && (
            <GraphCanvas
              layout={layout.graph}
              transform={transform}
              size={size}
              heat={heat}
              marked={marked}
            />
          )}
          {/* biome-ignore lint/a11y/useSemanticElements: an SVG drawing cannot be a fieldset. */}
          <svg
            ref={picture}
            class={`picture ${view}`}
            role="group"
            aria-label="Layers; arrow keys walk, Enter shows the source, F folds, / searches"
            viewBox={`${-margin.x} ${-margin.y} ${2 * Math.max(1, size.width)} ${2 * Math.max(1, size.height)}`}
            preserveAspectRatio="xMidYMid meet"
            style={{
              left: `${-margin.x}px`,
              top: `${-margin.y}px`,
              width: `${2 * size.width}px`,
              height: `${2 * size.height}px`,
              transform: `translate(${shift.x}px, ${shift.y}px)`,
            }}
          >
            {layout && (
              <g transform={`translate(${painted.x},${painted.y}) scale(${painted.zoom})`}>{drawing}</g>
            )}
          </svg>
          {layout && overflows && (
            <Minimap
              layout={layout}
              scene={scene}
              transform={transform}
              size={size}
              onMove={(x, y) =>
                viewport.panBy(
                  size.width / 2 - x * transform.zoom - transform.x,
                  size.height / 2 - y * transform.zoom - transform.y,
                )
              }
            />
          )}
        </div>
        {props.children}
      </div>
    </section>
  );
}

/** The item that the Tab key reaches. After folding it may be inside another one, or be one of those inside it. */
function focusedItem(
  scene: Scene,
  items: ReadonlyMap<string, Item>,
  key: string | null,
  last: Item | null,
): Item | null {
  const same = items.get(last?.key ?? key ?? '');
  const wanted = items.get(key ?? '');
  if (wanted) return wanted;
  if (same) return same;
  const inside = last?.members.map((member) => items.get(member.key)).find((item) => item !== undefined);
  if (inside) return inside;
  const around = last && scene.items.find(({ members }) => members.some((member) => member.key === last.key));
  return around ?? scene.items[0] ?? null;
}

/** What the details take from the drawing; diagram.css has the same numbers. */
function coveredBy(selected: string | null, size: { height: number }): { right: number; bottom: number } {
  if (selected === null) return { right: 0, bottom: 0 };
  return matchMedia('(max-width: 760px)').matches
    ? { right: 0, bottom: size.height / 2 + 16 }
    : { right: 320, bottom: 0 };
}
