/**
 * Every use of a layer in a model, nested models taken apart: under the key that a drawing gives it, and under the name
 * that running the model gives it. Pure.
 */
import type { WireLayerNode, WireModelGraph, WireShape } from '../protocol/modelGraph';

export interface LayerUse {
  /** `id`, `id#1` for the second call; inside nested models `outer/inner`. */
  key: string;
  /** As in `Classification.layers`: `name`, `name (2)` for the second call, `outer/inner`. */
  name: string;
  layer: WireLayerNode;
  shape: WireShape | null;
  /** Keys of the uses that it reads; a sequential model's layer reads the one before it. */
  inbound: string[];
}

/** The input that a sequential model does not list as a layer. */
export const modelInputKey = 'model-input';

export function useKey(layerId: string, call: number): string {
  return call === 0 ? layerId : `${layerId}#${call}`;
}

/** In the model's own order; a nested model's layers come in its place. */
export function layerUses(graph: WireModelGraph): LayerUse[] {
  const uses: LayerUse[] = [];
  addUses(uses, graph, '', '', [], new Map());
  return uses;
}

/** `fed`: what a nested model's inputs read. */
function addUses(
  uses: LayerUse[],
  graph: WireModelGraph,
  keyPrefix: string,
  namePrefix: string,
  fed: readonly string[],
  callsSeen: Map<string, number>,
): void {
  /** Of a nested model: the key of the layer inside whose output is the model's. */
  const standsFor = new Map<string, string>();
  let previous: string | undefined;
  for (const layer of graph.layers) {
    for (let call = 0; call < Math.max(1, layer.calls.length); call++) {
      const key = keyPrefix + useKey(layer.id, call);
      const written = (layer.calls[call]?.inbound ?? []).map((reference) => {
        const from = keyPrefix + useKey(reference.layer, reference.call);
        return standsFor.get(from) ?? from;
      });
      const before =
        previous !== undefined && graph.kind === 'sequential' ? [previous] : inputOf(graph, layer, fed);
      const inbound = written.length > 0 ? written : before;
      if (layer.nested) {
        addUses(uses, layer.nested, `${key}/`, `${namePrefix}${layer.name}/`, inbound, callsSeen);
        const end = outputKey(layer.nested);
        if (end !== undefined) {
          standsFor.set(key, `${key}/${end}`);
          previous = `${key}/${end}`;
        }
        continue;
      }
      const name = namePrefix + layer.name;
      const count = (callsSeen.get(name) ?? 0) + 1;
      callsSeen.set(name, count);
      uses.push({
        key,
        name: count > 1 ? `${name} (${count})` : name,
        layer,
        shape: layer.calls[call]?.outputShapes[0] ?? null,
        inbound,
      });
      previous = key;
    }
  }
}

/** What a layer reads that reads nothing of its own model. */
function inputOf(graph: WireModelGraph, layer: WireLayerNode, fed: readonly string[]): string[] {
  const at = graph.inputs.findIndex((input) => input.layer === layer.id);
  const own = fed[at];
  return own === undefined ? [...fed] : [own];
}

/** The key, inside a model, of the use that gives its first output. */
export function outputKey(graph: WireModelGraph): string | undefined {
  const output = graph.outputs[0];
  const last = graph.layers.at(-1);
  const [id, call] = output
    ? [output.layer, output.call]
    : [last?.id, Math.max(0, (last?.calls.length ?? 1) - 1)];
  if (id === undefined) return undefined;
  const key = useKey(id, call);
  const inside = graph.layers.find((layer) => layer.id === id)?.nested;
  const deeper = inside && outputKey(inside);
  return deeper === undefined ? key : `${key}/${deeper}`;
}
