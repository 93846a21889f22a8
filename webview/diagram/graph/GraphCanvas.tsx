/**
 * A graph of thousands of nodes seen from afar: coloured bars and lines on a canvas, since so many elements would be too
 * slow and no text could be read. Near enough, the graph is drawn as elements again.
 */
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LayerKind } from '../../shared/kinds';
import { onThemeChange } from '../../shared/theme';
import type { Bounds, Transform } from '../viewport';
import type { GraphLayout, PlacedNode } from './types';

interface GraphCanvasProps {
  layout: GraphLayout;
  transform: Transform;
  size: { width: number; height: number };
  heat: ReadonlyMap<string, string> | null;
  marked: ReadonlySet<string>;
}

interface Palette {
  kinds: Map<LayerKind, string>;
  line: string;
  frame: string;
  mark: string;
}

export function GraphCanvas({ layout, transform, size, heat, marked }: GraphCanvasProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [theme, setTheme] = useState(0);
  useEffect(() => onThemeChange(() => setTheme((count) => count + 1)), []);
  const palette = useMemo(() => paletteOf(layout), [layout, theme]);
  const bands = useMemo(() => bandsOf(layout), [layout]);
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const ratio = Math.min(2, devicePixelRatio || 1);
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (element.width !== width || element.height !== height) Object.assign(element, { width, height });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const { zoom, x, y } = transform;
    context.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio);
    const window: Bounds = {
      x: -x / zoom,
      y: -y / zoom,
      width: size.width / zoom,
      height: size.height / zoom,
    };
    paint(context, layout, bands, window, palette, heat, marked, zoom);
  }, [layout, bands, transform, size.width, size.height, palette, heat, marked]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus; the layers of the drawing do.
  return <canvas ref={canvas} class="graph-canvas" aria-hidden="true" />;
}

function paletteOf(layout: GraphLayout): Palette {
  const probe = document.createElement('span');
  document.body.append(probe);
  const read = (value: string) => {
    probe.style.color = value;
    return getComputedStyle(probe).color;
  };
  const kinds = new Map<LayerKind, string>();
  for (const { item } of layout.nodes) {
    if (kinds.has(item.kind)) continue;
    probe.className = `kind-${item.kind}`;
    kinds.set(item.kind, read('var(--kind)'));
  }
  const palette = {
    kinds,
    line: read('var(--lw-gray)'),
    frame: read('var(--lw-border)'),
    mark: read('var(--lw-highlight)'),
  };
  probe.remove();
  return palette;
}

/** Nodes and edges by height, so that only those near the window are looked at. */
interface Bands {
  height: number;
  top: number;
  nodes: PlacedNode[][];
  edges: number[][];
}

function bandsOf(layout: GraphLayout): Bands {
  const height = 400;
  const count = Math.max(1, Math.ceil(layout.height / height));
  const bands: Bands = {
    height,
    top: layout.y,
    nodes: Array.from({ length: count }, () => []),
    edges: Array.from({ length: count }, () => []),
  };
  const at = (y: number) => Math.max(0, Math.min(count - 1, Math.floor((y - layout.y) / height)));
  for (const node of layout.nodes) bands.nodes[at(node.y)]!.push(node);
  layout.edges.forEach(({ points }, index) => {
    const first = at(points[0]?.y ?? 0);
    const last = at(points.at(-1)?.y ?? 0);
    for (let band = Math.min(first, last); band <= Math.max(first, last); band++)
      bands.edges[band]!.push(index);
  });
  return bands;
}

function paint(
  context: CanvasRenderingContext2D,
  layout: GraphLayout,
  bands: Bands,
  window: Bounds,
  palette: Palette,
  heat: ReadonlyMap<string, string> | null,
  marked: ReadonlySet<string>,
  zoom: number,
): void {
  const first = Math.max(0, Math.floor((window.y - bands.top) / bands.height) - 1);
  const last = Math.min(
    bands.nodes.length - 1,
    Math.floor((window.y + window.height - bands.top) / bands.height),
  );
  context.strokeStyle = palette.frame;
  context.lineWidth = 1 / zoom;
  for (const group of layout.groups) {
    if (group.y > window.y + window.height || group.y + group.height < window.y) continue;
    context.strokeRect(group.x, group.y, group.width, group.height);
  }
  context.strokeStyle = palette.line;
  context.beginPath();
  const drawn = new Set<number>();
  for (let band = first; band <= last; band++) {
    for (const index of bands.edges[band]!) {
      if (drawn.has(index)) continue;
      drawn.add(index);
      const { points } = layout.edges[index]!;
      points.forEach(({ x, y }, at) => {
        if (at === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      });
    }
  }
  context.stroke();
  const byColor = new Map<string, PlacedNode[]>();
  for (let band = first; band <= last; band++) {
    for (const node of bands.nodes[band]!) {
      const color = (heat ? heat.get(node.item.key) : palette.kinds.get(node.item.kind)) ?? palette.line;
      const known = byColor.get(color);
      if (known) known.push(node);
      else byColor.set(color, [node]);
    }
  }
  for (const [color, nodes] of byColor) {
    context.fillStyle = color;
    for (const { x, y, width, height } of nodes) context.fillRect(x, y, width, height);
  }
  context.fillStyle = palette.mark;
  if (marked.size === 0) return;
  for (let band = first; band <= last; band++) {
    for (const { item, x, y, width, height } of bands.nodes[band]!) {
      if (marked.has(item.key)) context.fillRect(x - 8, y - 8, width + 16, height + 16);
    }
  }
}
