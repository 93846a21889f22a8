import type { WireLayerNode, WireLocation, WireModelGraph } from '../protocol/modelGraph';

interface Position {
  line: number;
  character: number;
}
type Range = WireLocation['range'];

/** Whether two URIs name the same document, however each was percent-encoded. */
export type SameDocument = (path: string) => boolean;

function compare(a: Position, b: Position): number {
  return a.line - b.line || a.character - b.character;
}

function contains(range: Range, position: Position): boolean {
  return compare(range.start, position) <= 0 && compare(position, range.end) <= 0;
}

function isWithin(inner: Range, outer: Range): boolean {
  return contains(outer, inner.start) && contains(outer, inner.end);
}

function sameRange(a: Range, b: Range): boolean {
  return compare(a.start, b.start) === 0 && compare(a.end, b.end) === 0;
}

/** The innermost layer calls of one model around a position. Several when a loop makes many layers with one call. */
function layersOf(graph: WireModelGraph, isDocument: SameDocument, position: Position): WireLayerNode[] {
  let innermost: Range | undefined;
  let layers: WireLayerNode[] = [];
  for (const layer of graph.layers) {
    const { location } = layer;
    if (!location || !isDocument(location.path) || !contains(location.range, position)) continue;
    if (innermost && sameRange(location.range, innermost)) {
      layers.push(layer);
    } else if (!innermost || isWithin(location.range, innermost)) {
      innermost = location.range;
      layers = [layer];
    }
  }
  return layers;
}

/**
 * The layers to highlight for a cursor: those made by the innermost call around it, in the model that is shown if that
 * has any there, else in the first that has.
 */
export function layersAt(
  graphs: readonly WireModelGraph[],
  isDocument: SameDocument,
  position: Position,
  shownModel?: string,
): { modelId?: string; layerIds: string[] } {
  const shownFirst = [...graphs].sort((a, b) => Number(b.id === shownModel) - Number(a.id === shownModel));
  for (const graph of shownFirst) {
    const layers = layersOf(graph, isDocument, position);
    if (layers.length > 0) return { modelId: graph.id, layerIds: layers.map(({ id }) => id) };
  }
  return { layerIds: [] };
}

/** The model a cursor is about: the one whose layers are around it, else the last one that starts before it. */
export function modelAt(
  graphs: readonly WireModelGraph[],
  isDocument: SameDocument,
  position: Position,
): string | undefined {
  const { modelId } = layersAt(graphs, isDocument, position);
  if (modelId) return modelId;
  const before = graphs.filter(
    ({ location }) => location && isDocument(location.path) && compare(location.range.start, position) <= 0,
  );
  return before.at(-1)?.id;
}

/** The layer that a problem is about: the innermost whose call contains the place. */
export function layerOfProblem(
  graphs: readonly WireModelGraph[],
  location: WireLocation | undefined,
): string | undefined {
  if (!location) return undefined;
  return layersAt(graphs, (path) => path === location.path, location.range.start).layerIds[0];
}
