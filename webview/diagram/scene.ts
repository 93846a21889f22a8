/** What is drawn: one item for every use of a layer, and the edges between them. Pure; both views start from it. */
import { modelInputKey, useKey } from '../../model-graph/layerUses';
import type { WireLayerNode, WireModelGraph, WireQuantity, WireShape } from '../../protocol/modelGraph';
import { formatCount, formatShape } from '../shared/format';
import { isGeneratedName, type LayerKind, shortClassName } from '../shared/kinds';

export interface Item {
  /** Stable while the code around the layer is edited. */
  key: string;
  /** Null for the input of a sequential model, which tfjs does not list as a layer, and for folded items. */
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
  /** A layer before it is drawn with the same reason. */
  isReasonSaid: boolean;
  problems: LayerProblem[];
  /** What a listener must hear: names, sizes, counts, troubles. */
  facts: string[];
  /** What it costs. A second use of a layer has no parameters of its own. */
  cost: Cost;
  /** The loops, helper functions and nested models that it belongs to, outermost first. */
  groups: GroupStep[];
  /** What stands behind one folded item; empty for every other. */
  members: Item[];
  /** The use whose output is drawn here: its own key, or that of the last member. */
  outputKey: string;
  /** Places for a picture's maps that its node in the graph keeps; 0: no picture fills it. */
  thumbnails: number;
  /** How to open it: the group, the repetition or the nested model that it stands for. */
  foldKey: string | null;
}

export interface Cost {
  params: WireQuantity | null;
  multiplyAccumulates: WireQuantity | null;
  activationBytes: WireQuantity | null;
}

/** One run of a loop, one round of it, one call of a function, or one nested model. */
export interface GroupStep {
  key: string;
  kind: 'loop' | 'round' | 'function' | 'model';
  label: string;
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

/** `opened`: keys of the nested models that are shown with what is inside. */
export function buildScene(
  graph: WireModelGraph,
  problems: LayerProblem[],
  opened: ReadonlySet<string> = new Set(),
): Scene {
  const parts: Parts = { items: [], edges: [], problems: new Map(), opened };
  for (const problem of problems) {
    if (problem.layerId === undefined) continue;
    const known = parts.problems.get(problem.layerId);
    if (known) known.push(problem);
    else parts.problems.set(problem.layerId, [problem]);
  }
  addGraph(parts, graph, '', [], []);
  markRepeatedReasons(parts.items);
  return sceneOf(graph, parts.items, parts.edges);
}

/** Edges to or from what is not drawn are left out. */
export function sceneOf(graph: WireModelGraph, items: Item[], edges: Edge[]): Scene {
  const position = new Map(items.map(({ key }, index) => [key, index]));
  const drawn = edges.filter(({ from, to }) => position.has(from) && position.has(to));
  return {
    graph,
    items,
    edges: drawn,
    isChain:
      drawn.length === items.length - 1 &&
      new Set(drawn.map(({ to }) => to)).size === drawn.length &&
      drawn.every(({ from, to }) => position.get(to) === position.get(from)! + 1),
    hasVolumes: items.some(({ shape }) => shape !== null && shape.length >= 4),
  };
}

interface Parts {
  items: Item[];
  edges: Edge[];
  problems: Map<string, LayerProblem[]>;
  opened: ReadonlySet<string>;
}

/** Where a value comes from: the drawn item, and what flows. */
interface Source {
  from: string;
  shape: WireShape | null;
}

/** Adds a model's layers, and returns where its outputs leave it. `sources` feed the inputs of a nested model. */
function addGraph(
  parts: Parts,
  graph: WireModelGraph,
  prefix: string,
  outer: GroupStep[],
  sources: Source[],
): Source[] {
  const { items, edges } = parts;
  const begin = items.length;
  const layers = new Map(graph.layers.map((layer) => [layer.id, layer]));
  /** Opened nested models are not items themselves: values that leave them come from inside. */
  const leaving = new Map<string, Source[]>();
  const sourceOf = ({ layer, call, output }: WireModelGraph['outputs'][number]): Source | undefined => {
    const key = prefix + useKey(layer, call);
    const inside = leaving.get(key);
    if (inside) return inside[output] ?? inside[0];
    const known = layers.get(layer);
    return known && { from: key, shape: known.calls[call]?.outputShapes[output] ?? null };
  };
  const needsInput = graph.kind === 'sequential' && graph.layers[0]?.kind !== 'input' && prefix === '';
  if (needsInput && graph.layers.length > 0) items.push(inputItem(graph));
  let previous: Source[] = needsInput
    ? [{ from: modelInputKey, shape: items[begin]?.shape ?? null }]
    : sources;
  for (const layer of graph.layers) {
    const own = prefix === '' ? (parts.problems.get(layer.id) ?? []) : [];
    for (let call = 0; call < Math.max(1, layer.calls.length); call++) {
      const key = prefix + useKey(layer.id, call);
      const inbound = (layer.calls[call]?.inbound ?? [])
        .map(sourceOf)
        .filter((source) => source !== undefined);
      const feeding =
        inbound.length > 0
          ? inbound
          : graph.kind === 'sequential'
            ? previous
            : layer.kind === 'input' && prefix !== ''
              ? inputSources(graph, layer.id, sources)
              : [];
      if (layer.nested && parts.opened.has(key)) {
        const step: GroupStep = { key, kind: 'model', label: layer.name };
        const outputs = addGraph(
          parts,
          layer.nested,
          `${key}/`,
          [...outer, ...groupsOf(layer), step],
          feeding,
        );
        leaving.set(key, outputs);
        previous = outputs;
        continue;
      }
      const item = layerItem(layer, call, own, key, [...outer, ...groupsOf(layer)]);
      if (isAfterUnknown(layer, call, graph.layers[0]?.id)) {
        // What it reads is not known: something stands before it that the analysis could not follow.
        const unknown = unknownItem(layer, key, item.groups);
        items.push(unknown, item);
        for (const { from, shape } of feeding) edges.push({ from, to: unknown.key, shape });
        edges.push({ from: unknown.key, to: key, shape: null });
        previous = [{ from: key, shape: item.shape }];
        continue;
      }
      items.push(item);
      for (const { from, shape } of feeding) edges.push({ from, to: key, shape });
      previous = [{ from: key, shape: item.shape }];
    }
  }
  const outputs = graph.outputs.map(sourceOf).filter((source) => source !== undefined);
  return outputs.length > 0 ? outputs : previous;
}

function inputSources(graph: WireModelGraph, layerId: string, sources: Source[]): Source[] {
  const at = graph.inputs.findIndex(({ layer }) => layer === layerId);
  const source = sources[Math.max(0, at)];
  return source ? [source] : [];
}

function groupsOf(layer: WireLayerNode): GroupStep[] {
  return layer.groups.flatMap(({ id, kind, label, run = 0, round }): GroupStep[] => {
    const group: GroupStep = { key: `${id}:${run}`, kind, label };
    return round === undefined ? [group] : [group, { key: `${id}:${run}:${round}`, kind: 'round', label }];
  });
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

/** A lost layer, not the first, of which not even the layer that it reads is known. */
function isAfterUnknown(layer: WireLayerNode, call: number, firstId: string | undefined): boolean {
  return (
    layer.verdict.kind === 'lost' &&
    layer.kind !== 'input' &&
    layer.id !== firstId &&
    (layer.calls[call]?.inbound.length ?? 0) === 0
  );
}

function unknownItem({ verdict }: WireLayerNode, before: string, groups: GroupStep[]): Item {
  const key = `unknown before ${before}`;
  const reason = verdict.kind === 'lost' ? verdict.reason : null;
  return {
    key,
    layer: null,
    call: 0,
    kind: 'custom',
    title: 'Unknown',
    subtitle: '',
    shape: null,
    shapeText: '?',
    paramsText: '? params',
    certainty: 'lost',
    window: null,
    passesThrough: false,
    reason,
    isReasonSaid: false,
    problems: [],
    facts: ['unknown', ...(reason ? [`lost: ${reason}`] : [])],
    cost: { params: null, multiplyAccumulates: null, activationBytes: null },
    groups,
    members: [],
    outputKey: key,
    thumbnails: 0,
    foldKey: null,
  };
}

/** What is lost because of a layer before it has that layer's reason: it is written once. */
function markRepeatedReasons(items: readonly Item[]): void {
  const said: string[] = [];
  for (const item of items) {
    const { reason, problems } = item;
    item.isReasonSaid =
      reason !== null &&
      problems.length === 0 &&
      said.some((text) => text.startsWith(reason) || reason.startsWith(text));
    said.push(...problems.map(({ message }) => message), ...(reason ? [reason] : []));
  }
}

function inputItem(graph: WireModelGraph): Item {
  const shape = graph.inputShapes[0] ?? null;
  const shapeText = formatShape(shape);
  return {
    key: modelInputKey,
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
    isReasonSaid: false,
    problems: [],
    facts: [shapeText],
    cost: { params: 0, multiplyAccumulates: 0, activationBytes: null },
    groups: [],
    members: [],
    outputKey: modelInputKey,
    thumbnails: 0,
    foldKey: null,
  };
}

function layerItem(
  layer: WireLayerNode,
  call: number,
  problems: LayerProblem[],
  key: string,
  groups: GroupStep[],
): Item {
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
    key,
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
    isReasonSaid: false,
    problems,
    facts: [
      layer.name,
      layer.className,
      shapeText === '?' ? 'output unknown' : shapeText,
      paramsText,
      reason ? `lost: ${reason}` : '',
      ...problems.map(({ severity, message }) => `${severity}: ${message}`),
      layer.nested ? `a model of ${layer.nested.layers.length} layers, closed` : '',
    ].filter(Boolean),
    cost: {
      params: call > 0 ? 0 : params,
      multiplyAccumulates: use?.multiplyAccumulates ?? null,
      activationBytes: use?.activationBytes ?? null,
    },
    groups,
    members: [],
    outputKey: key,
    thumbnails: 0,
    foldKey: layer.nested ? key : null,
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
