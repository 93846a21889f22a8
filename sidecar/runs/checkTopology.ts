/**
 * Checks a functional model's wiring before tfjs builds it. tfjs-layers engine/container.ts fromConfig repeats over the
 * calls whose inputs it does not have yet until none is left: with a missing layer or a circle it never ends.
 */
import { SidecarError } from '../errors';

type Json = Record<string, unknown>;

const next = 'Save or download the model again.';

/** @throws SidecarError for wiring that tfjs would never finish. Anything else is left for tfjs to judge. */
export function checkTopology(topology: Json, where: string): void {
  const inner = topology['model_config'] ?? topology;
  // Some converters write model_config as text.
  if (typeof inner === 'string') {
    try {
      checkModel(JSON.parse(inner), where);
    } catch (error) {
      if (error instanceof SidecarError) throw error;
      throw new SidecarError('The model_config is not whole JSON.', { where, next });
    }
  } else checkModel(inner, where);
}

function checkModel(model: unknown, where: string): void {
  if (!isObject(model) || typeof model['class_name'] !== 'string') {
    throw new SidecarError('The topology has no class_name: it is no tfjs layers model.', { where, next });
  }
  const config = model['config'];
  const layers = Array.isArray(config) ? config : isObject(config) ? config['layers'] : undefined;
  if (!Array.isArray(layers)) throw new SidecarError('The topology has no list of layers.', { where, next });
  for (const layer of layers) {
    if (!isObject(layer))
      throw new SidecarError('The topology’s list of layers holds something else.', { where, next });
    if (isModel(layer)) checkModel(layer, where);
  }
  if (model['class_name'] !== 'Sequential') checkWiring(layers as Json[], where);
}

function checkWiring(layers: Json[], where: string): void {
  /** Nodes a layer has so far: an input or a model has one from its construction. */
  const nodes = new Map<string, number>();
  const waiting = new Map<string, unknown[][]>();
  for (const layer of layers) {
    const name = layer['name'];
    if (typeof name !== 'string')
      throw new SidecarError('The topology has a layer without a name.', { where, next });
    const calls = layer['inbound_nodes'];
    if (!Array.isArray(calls) || !calls.every(Array.isArray)) {
      throw new SidecarError(`The layer \`${name}\` has no list of inbound_nodes in the form tfjs reads.`, {
        where,
        next: 'Models of Keras 3 are converted with `tensorflowjs_converter`.',
      });
    }
    nodes.set(name, layer['class_name'] === 'InputLayer' || isModel(layer) ? 1 : 0);
    if (calls.length > 0) waiting.set(name, calls as unknown[][]);
  }
  for (let progress = true; progress && waiting.size > 0; ) {
    progress = false;
    for (const [name, calls] of waiting) {
      const left = calls.filter((call) => {
        const ready = call.every(
          (edge) => Array.isArray(edge) && Number(edge[1]) < (nodes.get(String(edge[0])) ?? 0),
        );
        if (ready) nodes.set(name, (nodes.get(name) ?? 0) + 1);
        return !ready;
      });
      if (left.length < calls.length) progress = true;
      if (left.length === 0) waiting.delete(name);
      else waiting.set(name, left);
    }
  }
  const [stuck] = waiting.keys();
  if (stuck !== undefined) {
    throw new SidecarError(
      `The layer \`${stuck}\` takes its input from a layer that does not exist, or in a circle.`,
      { where, next },
    );
  }
}

function isModel(layer: Json): boolean {
  return ['Sequential', 'Model', 'Functional'].includes(String(layer['class_name']));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
