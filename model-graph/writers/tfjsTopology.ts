/**
 * Writes a `ModelGraph` as a TensorFlow.js layers topology: the `modelTopology` of a model.json, in the Keras style
 * that `tf.loadLayersModel` and `tf.models.modelFromJSON` read (`class_name`, snake_case `config`, `inbound_nodes`).
 *
 * Pure: no tfjs, no file system. What cannot be written (a symbolic size, a layer that was not followed, a custom
 * class) is reported as a `TopologyProblem` that names the layer, never papered over.
 */
import type { WireLayerNode, WireModelGraph } from '../../protocol/modelGraph';
import { toSnakeCase } from '../naming';

export interface TopologyProblem {
  /** The layer's name; nested layers as `outer/inner`. Absent when the model as a whole is meant. */
  layer?: string;
  message: string;
}

/** Keras-style JSON; `class_name` is `Sequential` or `Model`. */
export interface TfjsTopology {
  class_name: string;
  config: Record<string, unknown>;
}

export type TopologyResult =
  | { ok: true; topology: TfjsTopology }
  | { ok: false; problems: TopologyProblem[] };

/** Arguments that tfjs reads as numbers; text in their place is a size that the analysis does not know. */
const numericArguments = new Set([
  'units',
  'filters',
  'kernelSize',
  'strides',
  'poolSize',
  'dilationRate',
  'depthMultiplier',
  'inputShape',
  'batchInputShape',
  'batchShape',
  'shape',
  'targetShape',
  'rate',
  'n',
  'inputDim',
  'outputDim',
  'dims',
  'size',
  'cropping',
  'axis',
  'alpha',
  'momentum',
  'epsilon',
  'height',
  'width',
  'seed',
]);

/** Values of `padding` are words for convolutions and sizes for zeroPadding2d; both may stand there. */
const wordsOrNumbers = new Set(['padding']);

/** Whether text in this argument is a size that the analysis knows as a formula only, and no word. */
export function isSizeArgument(name: string, value: unknown): boolean {
  return numericArguments.has(name) || (wordsOrNumbers.has(name) && Array.isArray(value));
}

export function writeTfjsTopology(graph: WireModelGraph): TopologyResult {
  const problems: TopologyProblem[] = [];
  if (graph.verdict.kind === 'lost') problems.push({ message: graph.verdict.reason });
  const topology = writeModel(graph, '', problems);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, topology };
}

function writeModel(
  graph: WireModelGraph,
  prefix: string,
  problems: TopologyProblem[],
  name?: string,
): TfjsTopology {
  const modelName = name ?? graph.name;
  if (graph.layers.length === 0)
    problems.push({ message: `The model \`${prefix}${modelName}\` has no layers.` });
  return graph.kind === 'sequential'
    ? {
        class_name: 'Sequential',
        config: { name: modelName, layers: graph.layers.map((layer) => writeLayer(layer, prefix, problems)) },
      }
    : writeFunctional(graph, modelName, prefix, problems);
}

function writeFunctional(
  graph: WireModelGraph,
  modelName: string,
  prefix: string,
  problems: TopologyProblem[],
): TfjsTopology {
  const byId = new Map(graph.layers.map((layer) => [layer.id, layer]));
  const reference = (edge: {
    layer: string;
    call: number;
    output: number;
  }): [string, number, number] | null => {
    const source = byId.get(edge.layer);
    if (!source) return null;
    // Mirrors tfjs-layers engine/container.ts: a model used as a layer already has a node of its own, from its
    // construction, so its first call is node 1.
    return [source.name, edge.call + (source.nested ? 1 : 0), edge.output];
  };
  const layers = graph.layers.map((layer) => {
    const isInput = layer.className === 'InputLayer';
    const inbound_nodes = isInput
      ? []
      : layer.calls.map((call) =>
          call.inbound.map((edge) => {
            const from = reference(edge);
            if (!from) {
              problems.push({
                layer: prefix + layer.name,
                message: 'one of its inputs comes from a layer outside this model',
              });
              return ['?', 0, 0, {}];
            }
            return [...from, {}];
          }),
        );
    return { name: layer.name, ...writeLayer(layer, prefix, problems), inbound_nodes };
  });
  const ends = (edges: WireModelGraph['inputs'], what: string) =>
    edges.map((edge) => {
      const end = reference(edge);
      if (!end) problems.push({ message: `One of the model's ${what} is not one of its layers.` });
      return end ?? ['?', 0, 0];
    });
  return {
    class_name: 'Model',
    config: {
      name: modelName,
      layers,
      input_layers: ends(graph.inputs, 'inputs'),
      output_layers: ends(graph.outputs, 'outputs'),
    },
  };
}

function writeLayer(layer: WireLayerNode, prefix: string, problems: TopologyProblem[]): TfjsTopology {
  const where = prefix + layer.name;
  if (layer.nested) return writeModel(layer.nested, `${where}/`, problems, layer.name);
  if (layer.kind === 'custom') {
    problems.push({
      layer: where,
      message: `${layer.className} is a class of the program's own; only TensorFlow.js's own layers can be rebuilt outside it`,
    });
    return { class_name: layer.className, config: {} };
  }
  if (layer.verdict.kind === 'lost') {
    problems.push({ layer: where, message: layer.verdict.reason });
    return { class_name: layer.className, config: {} };
  }
  const inner = layer.config['layer'];
  if (isObject(inner) && (inner['className'] === 'Sequential' || inner['className'] === 'Functional')) {
    problems.push({ layer: where, message: 'it holds a model, which cannot be written inside a layer yet' });
    return { class_name: layer.className, config: {} };
  }
  const unknown = symbolicArgument(layer.config);
  if (unknown || layer.verdict.kind === 'symbolic') {
    problems.push({
      layer: where,
      message: unknown
        ? `its \`${unknown.name}\` is known only as \`${unknown.text}\`, not as a number`
        : 'its sizes are known only as formulas, not as numbers',
    });
    return { class_name: layer.className, config: {} };
  }
  return { class_name: layer.className, config: writeConfig(layer) };
}

function writeConfig(layer: WireLayerNode): Record<string, unknown> {
  const { inputShape, batchInputShape, batchShape, shape, batchSize, ...rest } = layer.config;
  const config = snakeCaseKeys(rest) as Record<string, unknown>;
  // Mirrors tfjs-layers layers/recurrent.ts: RNN's constructor makes one cell of a list of them, its fromConfig does not.
  if (Array.isArray(config['cell'])) {
    config['cell'] = { class_name: 'StackedRNNCells', config: { cells: config['cell'] } };
  }
  config['name'] = layer.name;
  config['trainable'] = layer.trainable;
  // tfjs takes inputShape, batchInputShape (and, for tf.input, shape and batchShape); files know batch_input_shape only.
  const isInput = layer.className === 'InputLayer';
  const withoutBatch = inputShape ?? (isInput ? shape : undefined);
  const withBatch = batchInputShape ?? (isInput ? batchShape : undefined);
  if (Array.isArray(withBatch)) config['batch_input_shape'] = withBatch;
  else if (Array.isArray(withoutBatch)) config['batch_input_shape'] = [batchSize ?? null, ...withoutBatch];
  else if (isInput) config['batch_input_shape'] = layer.calls[0]?.outputShapes[0] ?? [null];
  if (!isInput && shape !== undefined) config['shape'] = shape;
  return config;
}

/** The first argument that should be a number, or a list of them, and holds text. */
function symbolicArgument(config: Record<string, unknown>): { name: string; text: string } | undefined {
  for (const [name, value] of Object.entries(config)) {
    if (isSizeArgument(name, value)) {
      const text = [value].flat(3).find((entry) => typeof entry === 'string');
      if (typeof text === 'string') return { name, text };
    } else if (isObject(value) && isObject(value['config'])) {
      const inner = symbolicArgument(value['config']);
      if (inner) return { name: `${name}.${inner.name}`, text: inner.text };
    }
  }
  return undefined;
}

/**
 * Keys and enumerated words in snake_case, as Keras writes them. Mirrors tfjs-layers utils/serialization_utils.ts
 * convertTsToPythonic: class names and names stay as they are.
 */
function snakeCaseKeys(value: unknown, key?: string): unknown {
  if (value === undefined) return null;
  if (typeof value === 'string') return key === 'name' || key === 'className' ? value : toSnakeCase(value);
  if (Array.isArray(value)) return value.map((entry) => snakeCaseKeys(entry, key));
  if (!isObject(value)) return value;
  // A serializable given without arguments still needs its config for tfjs to read it.
  const complete =
    typeof value['className'] === 'string' && !isObject(value['config']) ? { ...value, config: {} } : value;
  const result: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(complete)) {
    if (entry !== undefined) result[toSnakeCase(name)] = snakeCaseKeys(entry, name);
  }
  // A wrapped layer travels as { className, name, config }; tfjs reads the name from the config.
  const config = result['config'];
  if (typeof value['name'] === 'string' && isObject(config) && typeof value['className'] === 'string') {
    config['name'] ??= value['name'];
    delete result['name'];
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
