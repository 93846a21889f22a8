/**
 * A model as the sequence of layers that is compared: one entry for every use of a layer, branch by branch, nested models
 * opened. Pure.
 */
import type {
  WireDim,
  WireLayerNode,
  WireModelGraph,
  WireQuantity,
  WireShape,
} from '../../protocol/modelGraph';

export interface ComparedLayer {
  /** Unique within the model. */
  key: string;
  /** Ids from the model's own layer inwards; empty for the input that a sequential model implies. */
  path: string[];
  layer: WireLayerNode;
  call: number;
  /** Keys of what feeds it. */
  inbound: string[];
  /** Batch first; null when lost. */
  shape: WireShape | null;
  inputShape: WireShape | null;
  /** Rows and columns (steps, …) of its output; empty for a vector. Null when lost. */
  spatial: WireShape | null;
  channels: WireDim;
  /** A second use of a layer has no parameters of its own. Null: not known. */
  params: WireQuantity | null;
  multiplyAccumulates: WireQuantity | null;
  activationBytes: WireQuantity | null;
  /** Input cells that one output cell sees along the axis where it sees most; null when that is not known as a number. */
  receptiveField: number | null;
  /** Layers with weights on the longest way from an input to here, this one included. */
  depth: number;
}

/** The layers of a model, every one after what feeds it, and every branch in one piece. */
export function layersOf(graph: WireModelGraph): ComparedLayer[] {
  const entries: ComparedLayer[] = [];
  addModel(entries, graph, graph, { prefix: '', path: [], feeding: [], seesInput: true });
  const ordered = branchByBranch(entries);
  const depths = new Map<string, number>();
  for (const entry of ordered) {
    const before = entry.inbound.reduce((most, key) => Math.max(most, depths.get(key) ?? 0), 0);
    entry.depth = before + depthOf(entry.layer);
    depths.set(entry.key, entry.depth);
  }
  return ordered;
}

/**
 * Whether a layer counts for the depth of a network, as papers count: VGG-16 has sixteen of them. Normalizations and
 * learned activations have parameters, too, and are not counted.
 */
export function isWeighted({ kind, params }: WireLayerNode): boolean {
  if (kind === 'normalization' || kind === 'activation' || kind === 'model' || kind === 'input') return false;
  if (kind === 'convolution' || kind === 'dense' || kind === 'recurrent') return true;
  return params !== null && params !== 0;
}

/** A model that is not opened is as deep as what is inside. */
function depthOf(layer: WireLayerNode): number {
  if (!layer.nested) return isWeighted(layer) ? 1 : 0;
  return layersOf(layer.nested).reduce((most, { depth }) => Math.max(most, depth), 0);
}

/** A vector, or maps of one cell. */
export function isVector(spatial: WireShape): boolean {
  return spatial.every((size) => size === 1);
}

interface Surroundings {
  prefix: string;
  path: string[];
  /** Keys of what feeds the model; none for the outermost. */
  feeding: string[];
  /** Receptive fields inside are fields on the outermost model's input. */
  seesInput: boolean;
}

/** Adds a model's layers; returns the keys of what puts out its values. */
function addModel(
  entries: ComparedLayer[],
  root: WireModelGraph,
  graph: WireModelGraph,
  around: Surroundings,
): string[] {
  const { prefix, path } = around;
  const isInner = path.length > 0;
  const inputs = new Set(graph.inputs.map(({ layer }) => layer));
  /** What stands for a layer's output outside of it: of an opened model, what is inside. */
  const outputs = new Map<string, string[]>();
  const keyOf = (layer: string, call: number) => `${prefix}${layer}${call === 0 ? '' : `#${call}`}`;
  let previous = around.feeding;
  if (!isInner && graph.kind === 'sequential' && graph.layers[0] && graph.layers[0].kind !== 'input') {
    const implied = impliedInput(graph);
    entries.push(implied);
    previous = [implied.key];
  }
  for (const layer of graph.layers) {
    for (let call = 0; call < Math.max(1, layer.calls.length); call++) {
      const use = layer.calls[call];
      const key = keyOf(layer.id, call);
      const named = (use?.inbound ?? []).flatMap((from) => {
        const source = keyOf(from.layer, from.call);
        return outputs.get(source) ?? [source];
      });
      const isModelInput = inputs.has(layer.id) && layer.kind === 'input';
      const inbound =
        named.length > 0
          ? named
          : isModelInput
            ? feedingOf(graph, layer.id, around.feeding)
            : graph.kind === 'sequential'
              ? previous
              : [];
      // The input of a model that is used as a layer puts out what it is given: it is no layer of the whole.
      if (isInner && isModelInput && inbound.length > 0) {
        outputs.set(key, inbound);
        previous = inbound;
        continue;
      }
      const inside = { prefix: `${key}/`, path: [...path, layer.id], feeding: inbound };
      if (layer.nested && canOpen(layer)) {
        const seesInput = around.seesInput && inbound.every((from) => isInput(entries, from));
        const leaving = addModel(entries, root, layer.nested, { ...inside, seesInput });
        outputs.set(key, leaving);
        previous = leaving;
        continue;
      }
      entries.push(entryOf(root, layer, call, key, inside.path, inbound, around.seesInput));
      previous = [key];
    }
  }
  const leaving = graph.outputs.flatMap(({ layer, call }) => {
    const source = keyOf(layer, call);
    return outputs.get(source) ?? [source];
  });
  return leaving.length > 0 ? leaving : previous;
}

function isInput(entries: readonly ComparedLayer[], key: string): boolean {
  return entries.find((entry) => entry.key === key)?.layer.kind === 'input';
}

function feedingOf(graph: WireModelGraph, layerId: string, feeding: string[]): string[] {
  const at = graph.inputs.findIndex(({ layer }) => layer === layerId);
  return graph.inputs.length === 1 ? feeding : feeding.slice(at, at + 1);
}

/** What is inside was computed for the inputs that the model was made with; used once on the same, it holds. */
function canOpen({ nested, calls }: WireLayerNode): boolean {
  const [use] = calls;
  if (!nested || nested.layers.length === 0 || calls.length !== 1) return false;
  // The first layer of a sequential model has no inbound tensors there.
  return (
    use!.inputShapes.length === 0 || JSON.stringify(use!.inputShapes) === JSON.stringify(nested.inputShapes)
  );
}

function entryOf(
  root: WireModelGraph,
  layer: WireLayerNode,
  call: number,
  key: string,
  path: string[],
  inbound: string[],
  seesInput: boolean,
): ComparedLayer {
  const use = layer.calls[call];
  const shape = use?.outputShapes[0] ?? null;
  const sizes = seesInput ? (use?.receptiveField?.size ?? []) : [];
  return {
    key,
    path,
    layer,
    call,
    inbound,
    shape,
    inputShape: use?.inputShapes[0] ?? null,
    ...splitShape(root, layer, shape),
    params: call > 0 ? 0 : layer.params,
    multiplyAccumulates: use?.multiplyAccumulates ?? null,
    activationBytes: use?.activationBytes ?? null,
    receptiveField:
      sizes.length > 0 && sizes.every((size) => typeof size === 'number') ? Math.max(...sizes) : null,
    depth: 0,
  };
}

/** tfjs does not list the input of a sequential model as a layer. It costs nothing here, as there. */
function impliedInput(graph: WireModelGraph): ComparedLayer {
  const shape = graph.inputShapes[0] ?? null;
  const layer: WireLayerNode = {
    id: '',
    name: 'input1',
    className: 'InputLayer',
    kind: 'input',
    config: shape ? { batchInputShape: shape } : {},
    calls: [],
    weights: [],
    params: 0,
    trainableParams: 0,
    trainable: true,
    verdict: shape ? { kind: 'exact' } : { kind: 'lost', reason: 'the input shape is not known' },
    groups: [],
  };
  const first = graph.layers[0]!;
  return {
    key: 'model-input',
    path: [],
    layer,
    call: 0,
    inbound: [],
    shape,
    inputShape: null,
    ...splitShape(graph, first, shape),
    params: 0,
    multiplyAccumulates: 0,
    activationBytes: 0,
    receptiveField: null,
    depth: 0,
  };
}

/** Spatial sizes and channels, wherever the layer keeps its channels. */
function splitShape(
  root: WireModelGraph,
  layer: WireLayerNode,
  shape: WireShape | null,
): { spatial: WireShape | null; channels: WireDim } {
  if (!shape) return { spatial: null, channels: null };
  const sizes = shape.slice(1);
  if (sizes.length === 0) return { spatial: [], channels: null };
  // ONNX keeps images as batch, channels, rows, columns.
  const channelsFirst =
    layer.config['dataFormat'] === 'channelsFirst' || (root.format === 'onnx' && sizes.length >= 3);
  return channelsFirst && sizes.length > 1
    ? { spatial: sizes.slice(1), channels: sizes[0] ?? null }
    : { spatial: sizes.slice(0, -1), channels: sizes.at(-1) ?? null };
}

/**
 * Depth first from what nobody uses: `model.layers` goes through parallel branches in turns, so that a layer more in one
 * of them would mix up all of the others.
 */
function branchByBranch(entries: readonly ComparedLayer[]): ComparedLayer[] {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const used = new Set(entries.flatMap(({ inbound }) => inbound));
  const state = new Map<string, 'open' | 'done'>();
  const ordered: ComparedLayer[] = [];
  const ends = entries.filter(({ key }) => !used.has(key));
  for (const end of ends.length > 0 ? ends : entries) {
    const waiting: { entry: ComparedLayer; next: number }[] = [{ entry: end, next: 0 }];
    while (waiting.length > 0) {
      const top = waiting.at(-1)!;
      if (state.get(top.entry.key) === 'done') {
        waiting.pop();
        continue;
      }
      state.set(top.entry.key, 'open');
      const from = top.entry.inbound[top.next++];
      if (from === undefined) {
        state.set(top.entry.key, 'done');
        ordered.push(top.entry);
        waiting.pop();
        continue;
      }
      const source = byKey.get(from);
      // Broken models may go in circles.
      if (source && !state.has(from)) waiting.push({ entry: source, next: 0 });
    }
  }
  return ordered;
}
