/** What is drawn: one item for every use of a layer, and the edges between them. Pure; both views start from it. */
import type { WireLayerNode, WireModelGraph, WireShape } from '../../protocol/modelGraph';
import { formatCount, formatShape, formatSizes } from '../shared/format';
import { isGeneratedName, type LayerKind, shortClassName } from '../shared/kinds';

export interface Item {
  /** Stable while the code around the layer is edited. */
  key: string;
  /** Null for the input of a sequential model, which tfjs does not list as a layer. */
  layer: WireLayerNode | null;
  call: number;
  kind: LayerKind;
  /** The name, where the program gives one; else the class. */
  title: string;
  /** The class with its window, `Conv2D 5×5`; empty when the title says it already. */
  subtitle: string;
  shape: WireShape | null;
  /** `28×28×6`; `?` when lost. */
  shapeText: string;
  /** `156 params`; empty when the layer has none. */
  paramsText: string;
  /** Every number exact, some symbolic, or lost. */
  certainty: 'exact' | 'symbolic' | 'lost';
  /** Rows and columns of the input that one output cell looks at. */
  window: [number, number] | null;
  /** The layer changes values but neither sizes nor channels. */
  passesThrough: boolean;
  /** Why nothing is known. */
  reason: string | null;
  problems: LayerProblem[];
  /** What a listener must hear: names, sizes, counts, troubles. */
  facts: string[];
}

export interface Edge {
  from: string;
  to: string;
  shape: WireShape | null;
}

export interface LayerProblem {
  severity: 'error' | 'warning' | 'information';
  message: string;
  layerId?: string;
}

export interface Scene {
  graph: WireModelGraph;
  items: Item[];
  edges: Edge[];
  /** One item after the other, nothing else. */
  isChain: boolean;
  /** Some feature maps to draw. */
  hasVolumes: boolean;
}

const passThroughKinds: readonly LayerKind[] = ['activation', 'normalization', 'regularization'];

export function buildScene(graph: WireModelGraph, problems: LayerProblem[]): Scene {
  const items: Item[] = [];
  const edges: Edge[] = [];
  const keys = new Set(graph.layers.map((layer) => layer.id));
  const needsInput = graph.layers[0]?.kind !== 'input' && graph.kind === 'sequential';
  if (needsInput && graph.layers.length > 0) items.push(inputItem(graph));

  let previousKey = items[0]?.key;
  for (const layer of graph.layers) {
    const own = problems.filter((problem) => problem.layerId === layer.id);
    for (let call = 0; call < Math.max(1, layer.calls.length); call++) {
      const item = layerItem(layer, call, own);
      items.push(item);
      const inbound = (layer.calls[call]?.inbound ?? []).filter((reference) => keys.has(reference.layer));
      if (inbound.length > 0) {
        for (const reference of inbound) {
          const source = graph.layers.find(({ id }) => id === reference.layer);
          edges.push({
            from: itemKey(reference.layer, reference.call),
            to: item.key,
            shape: source?.calls[reference.call]?.outputShapes[reference.output] ?? null,
          });
        }
      } else if (graph.kind === 'sequential' && previousKey !== undefined) {
        edges.push({ from: previousKey, to: item.key, shape: items.at(-2)?.shape ?? null });
      }
      previousKey = item.key;
    }
  }
  const known = new Set(items.map(({ key }) => key));
  const drawn = edges.filter((edge) => known.has(edge.from) && known.has(edge.to));
  return {
    graph,
    items,
    edges: drawn,
    isChain:
      drawn.length === items.length - 1 &&
      items.every(
        (item, index) =>
          index === 0 || drawn.some((edge) => edge.to === item.key && edge.from === items[index - 1]?.key),
      ),
    hasVolumes: items.some(({ shape }) => shape !== null && shape.length >= 4),
  };
}

export function itemKey(layerId: string, call: number): string {
  return call === 0 ? layerId : `${layerId}#${call}`;
}

/** `Conv2D 5×5`. */
export function classWithWindow(layer: WireLayerNode): string {
  const window = windowOf(layer);
  const name = shortClassName(layer.className);
  return window ? `${name} ${window[0]}×${window[1]}` : name;
}

export function certaintyOf(layer: WireLayerNode, shape: WireShape | null): Item['certainty'] {
  if (layer.verdict.kind === 'lost' && shape === null) return 'lost';
  if (shape === null) return 'lost';
  if (shape.slice(1).some((dim) => typeof dim !== 'number')) return 'symbolic';
  return layer.verdict.kind === 'exact' ? 'exact' : 'symbolic';
}

function inputItem(graph: WireModelGraph): Item {
  const shape = graph.inputShapes[0] ?? null;
  const shapeText = formatShape(shape);
  return {
    key: 'model-input',
    layer: null,
    call: 0,
    kind: 'input',
    title: 'Input',
    subtitle: '',
    shape,
    shapeText,
    paramsText: '',
    certainty:
      shape === null ? 'lost' : shape.slice(1).every((dim) => typeof dim === 'number') ? 'exact' : 'symbolic',
    window: null,
    passesThrough: false,
    reason: shape === null ? 'The input shape is not known.' : null,
    problems: [],
    facts: [shapeText],
  };
}

function layerItem(layer: WireLayerNode, call: number, problems: LayerProblem[]): Item {
  const use = layer.calls[call];
  const shape = use?.outputShapes[0] ?? null;
  const named = !isGeneratedName(layer);
  const classText = classWithWindow(layer);
  const shapeText =
    (use?.outputShapes.length ?? 0) > 1 ? use!.outputShapes.map(formatShape).join(', ') : formatShape(shape);
  const params = layer.params;
  const certainty = certaintyOf(layer, shape);
  const reason = layer.verdict.kind === 'lost' ? layer.verdict.reason : null;
  const paramsText =
    params === 0
      ? ''
      : call > 0
        ? 'shared weights'
        : params === null
          ? '? params'
          : `${formatCount(params)} params`;
  return {
    key: itemKey(layer.id, call),
    layer,
    call,
    kind: layer.kind,
    title: named ? layer.name : classText,
    subtitle: named && classText.toLowerCase() !== layer.name.toLowerCase() ? classText : '',
    shape,
    shapeText,
    paramsText,
    certainty,
    window: windowOf(layer),
    passesThrough:
      passThroughKinds.includes(layer.kind) &&
      shape !== null &&
      formatShape(use?.inputShapes[0]) === shapeText,
    reason,
    problems,
    facts: [
      layer.name,
      layer.className,
      shapeText === '?' ? 'output unknown' : shapeText,
      paramsText,
      reason ? `lost: ${reason}` : '',
      ...problems.map(({ severity, message }) => `${severity}: ${message}`),
    ].filter(Boolean),
  };
}

function windowOf(layer: WireLayerNode): [number, number] | null {
  const { kernelSize, poolSize } = layer.config;
  if (layer.kind === 'convolution') return pair(kernelSize);
  if (layer.kind !== 'pooling' || layer.className.startsWith('Global')) return null;
  // tfjs-layers layers/pooling.ts: poolSize defaults to 2.
  return pair(poolSize ?? (layer.className.endsWith('2D') ? 2 : undefined));
}

function pair(value: unknown): [number, number] | null {
  if (typeof value === 'number') return [value, value];
  if (!Array.isArray(value)) return null;
  const [first, second = first] = value as unknown[];
  return typeof first === 'number' && typeof second === 'number' ? [first, second] : null;
}

/** Spatial sizes and channels, wherever the layer keeps its channels. */
export function splitShape(item: Item): { spatial: WireShape; channels: WireShape[number] } | null {
  const sizes = item.shape?.slice(1);
  if (!sizes || sizes.length === 0) return null;
  const channelsFirst = item.layer?.config['dataFormat'] === 'channelsFirst' && sizes.length > 1;
  return channelsFirst
    ? { spatial: sizes.slice(1), channels: sizes[0] ?? null }
    : { spatial: sizes.slice(0, -1), channels: sizes.at(-1) ?? null };
}

export { formatSizes };
