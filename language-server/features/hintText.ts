/** The short text of an inlay hint, and why it may say `?`. */
import { formatCount, formatShape, type Shape } from '../../model-graph/dims';
import type { LayerNode } from '../../model-graph/graph';
import type { LayerSite } from '../analysis/analyze';

/** All providers together get 43 characters a line by default; these are ours. */
const maximumLength = 25;

/** `→ 28×28×6 · 156`; `→ ?` when lost. */
export function hintText(site: LayerSite, options: { parameters: boolean }): string {
  const first = site.layers[0]!;
  const text = textOf(first, options.parameters);
  const others = new Set(
    [...site.layers, ...site.alternatives].map((layer) => textOf(layer, options.parameters)),
  );
  if (others.size > 1) {
    const all = [...others].join(' | ').replaceAll('| → ', '| ');
    return all.length <= maximumLength ? all : `${shorten(text, maximumLength - 2)} …`;
  }
  const repeated = site.layers.length > 1 ? ` ×${site.layers.length}` : '';
  return shorten(text, maximumLength - repeated.length) + repeated;
}

function textOf(layer: LayerNode, parameters: boolean): string {
  const shapes = layer.calls[0]?.outputShapes ?? [];
  const shape =
    shapes.length === 0
      ? '?'
      : shapes.length === 1
        ? formatShape(shapes[0]!, { batch: false })
        : listOf(shapes);
  const { params } = layer;
  if (!parameters || params === 0) return `→ ${shape}`;
  if (params === null) return shapes.length === 0 ? '→ ?' : `→ ${shape} · ?`;
  return `→ ${shape} · ${formatCount(params)}`;
}

function listOf(shapes: Shape[]): string {
  return `[${shapes.map((shape) => formatShape(shape, { batch: false })).join(', ')}]`;
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
