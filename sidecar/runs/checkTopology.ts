/**
 * Checks names, windows and a functional model's wiring before tfjs builds it. tfjs-layers engine/container.ts fromConfig repeats over the
 * calls whose inputs it does not have yet until none is left: with a missing layer or a circle it never ends.
 */
import { SidecarError } from '../errors';

type Json = Record<string, unknown>;

const next = 'Save or download the model again.';

/** Layers in layers, and what they hold: more than any model has, and little enough for what walks through them. */
const deepestTopology = 400;

/** @throws SidecarError for names that are no text and for wiring that tfjs would never finish; the rest is for tfjs to judge. */
export function checkTopology(topology: Json, where: string): void {
  const model = modelIn(topology, where);
  if (isDeeper(model, deepestTopology))
    throw new SidecarError('The topology nests too deeply to be a model.', { where, next });
  checkModel(model, where);
}

function modelIn(topology: Json, where: string): unknown {
  const inner = topology['model_config'] ?? topology;
  if (typeof inner !== 'string') return inner;
  // Some converters write model_config as text.
  try {
    return JSON.parse(inner);
  } catch {
    throw new SidecarError('The model_config is not whole JSON.', { where, next });
  }
}

function checkModel(model: unknown, where: string): void {
  if (!isObject(model) || typeof model['class_name'] !== 'string') {
    throw new SidecarError('The topology has no class_name: it is no tfjs layers model.', { where, next });
  }
  const config = model['config'];
  checkName(isObject(config) ? config['name'] : undefined, where);
  const layers = Array.isArray(config) ? config : isObject(config) ? config['layers'] : undefined;
  if (!Array.isArray(layers)) throw new SidecarError('The topology has no list of layers.', { where, next });
  for (const layer of layers) {
    if (!isObject(layer))
      throw new SidecarError('The topology’s list of layers holds something else.', { where, next });
    if (isModel(layer)) checkModel(layer, where);
    else checkLayer(layer['config'], where);
  }
  if (model['class_name'] !== 'Sequential') checkWiring(layers as Json[], where);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}

/** What says how a window moves. */
const windowKeys = ['kernel_size', 'pool_size', 'strides', 'dilation_rate'];

function checkLayer(config: unknown, where: string): void {
  if (!isObject(config)) return;
  checkName(config['name'], where);
  for (const key of windowKeys) {
    // tfjs computes an output size of any number; kernels of backends then read beside their memory.
    const numbers = [config[key]].flat().filter((value) => typeof value === 'number');
    if (numbers.every((value) => Number.isInteger(value) && value > 0)) continue;
    throw new SidecarError(
      `The layer \`${config['name']}\` has ${key} ${JSON.stringify(config[key])}: they are whole numbers from 1 on.`,
      { where, next },
    );
  }
  const shape = config['batch_input_shape'];
  const isSize = (size: unknown) => size === null || (Number.isInteger(size) && Number(size) >= 0);
  if (Array.isArray(shape) && !shape.slice(1).every(isSize)) {
    throw new SidecarError(
      `The layer \`${config['name']}\` has batch_input_shape ${JSON.stringify(shape)}: sizes are whole numbers, or null.`,
      { where, next },
    );
  }
  // Wrappers hold a layer, or a model; recurrent layers hold cells.
  for (const part of Object.values(config).flat()) {
    if (!isObject(part) || typeof part['class_name'] !== 'string') continue;
    if (isModel(part)) checkModel(part, where);
    else checkLayer(part['config'], where);
  }
}

/** tfjs takes anything for a name, and what it names is asked for by it later. @throws SidecarError for what is no text */
function checkName(name: unknown, where: string): void {
  if (name === undefined || name === null || typeof name === 'string') return;
  throw new SidecarError(`A layer's or model's name is no text but ${JSON.stringify(name).slice(0, 40)}.`, {
    where,
    next,
  });
}

/** Calls looked at while layers wait for others; tfjs takes some seconds for so many, and minutes for ten times as many. */
const mostSteps = 4e6;

function checkWiring(layers: Json[], where: string): void {
  /** Nodes a layer has so far: an input or a model has one from its construction. */
  const nodes = new Map<string, number>();
  const waiting = new Map<string, unknown[][]>();
  for (const layer of layers) {
    const name = layer['name'];
    if (typeof name !== 'string')
      throw new SidecarError('The topology has a layer without a name.', { where, next });
    checkOneName(name, layer['config'], nodes.has(name), where);
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
  let steps = 0;
  for (let progress = true; progress && waiting.size > 0; ) {
    progress = false;
    for (const [name, calls] of waiting) {
      steps += calls.length;
      if (steps > mostSteps) {
        throw new SidecarError(
          'The topology lists its layers too far from the order in which they are called: building it would take minutes.',
          { where, next: 'List each layer behind those it takes its inputs from.' },
        );
      }
      const left = calls.filter((call) => {
        const ready = call.every(
          (edge) => Array.isArray(edge) && Number(edge[1]) < (nodes.get(String(edge[0])) ?? 0),
        );
        // A call without inputs is none: tfjs passes over it.
        if (ready && call.length > 0) nodes.set(name, (nodes.get(name) ?? 0) + 1);
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
      `The layer \`${stuck}\` takes its input from a layer that does not exist or is never called, or in a circle.`,
      { where, next },
    );
  }
}

/** tfjs finds a layer by one of its names and its calls by the other: where they differ, or occur twice, it waits forever. */
function checkOneName(name: string, config: unknown, isTaken: boolean, where: string): void {
  if (isTaken) throw new SidecarError(`The topology has two layers named \`${name}\`.`, { where, next });
  const own = isObject(config) ? config['name'] : undefined;
  if (typeof own === 'string' && own !== name)
    throw new SidecarError(`The layer \`${name}\` is named \`${own}\` in its configuration.`, {
      where,
      next,
    });
}

function isModel(layer: Json): boolean {
  return ['Sequential', 'Model', 'Functional'].includes(String(layer['class_name']));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
