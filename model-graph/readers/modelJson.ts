/**
 * Reads a `model.json` of the TensorFlow.js layers format: what `model.save()` writes, and what the converter makes of
 * Keras 2 files. The layers are wired as `tf.loadLayersModel` would wire them; weights are not looked at.
 *
 * Pure and total: text in, a model or one sentence that says what is wrong out. Mirrors tfjs-layers models.ts
 * modelFromJSON and Sequential.fromConfig, engine/container.ts Container.fromConfig and utils/serialization_utils.ts.
 */
// The small build: zod itself would take as long to load as the analysis of a file takes.
import * as z from 'zod/mini';
import { toModelGraph } from '../fromTopology';
import type { CompileArguments, ModelGraph, SourceLocation } from '../graph';
import { ruleForClassName } from '../layers';
import type { ConfigValue, LayerConfig } from '../layers/rule';
import { Topology } from '../topology';
import type { Layer, Model, SymbolicTensor } from '../wired';
import { ruleOfModel } from '../wrappedModel';

export type ModelJsonResult = { ok: true; graph: ModelGraph } | { ok: false; message: string };

/** `id` becomes the graph's id. The message is a full sentence, without the file's name. */
export function readModelJson(text: string, id = 'model'): ModelJsonResult {
  const read = readModelInto(new Topology(), text);
  return read.ok ? { ok: true, graph: toModelGraph(read.model, id) } : read;
}

/**
 * Reads the model into a topology that may hold other layers, as a program that loads it has. What is wrong with the
 * file is told in the result, never as a problem of the topology.
 */
export function readModelInto(
  topology: Topology,
  text: string,
  location?: SourceLocation,
): { ok: true; model: Model } | { ok: false; message: string } {
  const before = topology.problems.length;
  try {
    const { topology: root, trainingConfig } = readRoot(text);
    const model = new Builder(topology, location).model(root, 0);
    const compile = readTrainingConfig(trainingConfig);
    if (compile) model.compileArguments = compile;
    return { ok: true, model };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, message: error.message };
    if (error instanceof RangeError) return { ok: false, message: 'The file nests too deeply to be read.' };
    return { ok: false, message: `The model cannot be read: ${String(error)}.` };
  } finally {
    topology.problems.length = before;
  }
}

/** The one way out when a file is not what it should be. */
class Unreadable extends Error {}

// --- the file --------------------------------------------------------------------------------------------------------

const fileSchema = z.object({
  format: z.optional(z.nullable(z.string())),
  modelTopology: z.optional(z.nullable(z.unknown())),
  trainingConfig: z.optional(z.nullable(z.unknown())),
});

const modelClass = z.object({ class_name: z.string(), config: z.unknown() });

/** The topology may stand in the file alone, and what Keras writes of a model around it. */
const topologySchema = z.union([z.object({ model_config: modelClass }), modelClass]);

function readRoot(text: string): { topology: Serialized; trainingConfig: unknown } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    throw new Unreadable(
      /end of JSON|Unterminated|property name|after (array|property)/.test(message)
        ? `The file is not complete JSON; it may be cut short (${message}).`
        : `The file is not JSON (${message}).`,
    );
  }
  const file = fileSchema.safeParse(json);
  if (!file.success) throw new Unreadable('The file is JSON, but no model.json of TensorFlow.js.');
  const { format, modelTopology, trainingConfig } = file.data;
  if (format === 'graph-model' || isGraphTopology(modelTopology)) {
    throw new Unreadable(
      'The file holds a graph model (tf.loadGraphModel), which has operations but no layers.',
    );
  }
  if (modelTopology === null) {
    throw new Unreadable('The file holds weights only: its `modelTopology` is null.');
  }
  const parsed = topologySchema.safeParse(modelTopology ?? json);
  if (!parsed.success) {
    throw new Unreadable(
      modelTopology === undefined
        ? 'The file has no `modelTopology`, so it is no model.json of TensorFlow.js.'
        : 'The `modelTopology` of the file holds no model: it needs `class_name` and `config`.',
    );
  }
  const found = 'model_config' in parsed.data ? parsed.data.model_config : parsed.data;
  return { topology: serialized(fromPython(found), 'the model'), trainingConfig };
}

function isGraphTopology(topology: unknown): boolean {
  return typeof topology === 'object' && topology !== null && 'node' in topology;
}

/** Mirrors engine/training.ts loadTrainingConfig: what the model is compiled with once it is loaded. */
const trainingSchema = z.object({
  optimizer_config: z.optional(
    z.object({ class_name: z.string(), config: z.record(z.string(), z.unknown()) }),
  ),
  loss: z.optional(z.nullable(z.unknown())),
  metrics: z.optional(z.nullable(z.unknown())),
});

function readTrainingConfig(trainingConfig: unknown): CompileArguments | undefined {
  const parsed = trainingSchema.safeParse(trainingConfig);
  if (!parsed.success) return undefined;
  const { optimizer_config: optimizer, loss, metrics } = parsed.data;
  return {
    ...(optimizer
      ? {
          optimizer: {
            className: optimizer.class_name,
            config: fromPython(optimizer.config) as Record<string, unknown>,
          },
        }
      : {}),
    ...(loss == null ? {} : { loss: fromPython(loss) }),
    ...(metrics == null ? {} : { metrics: fromPython(metrics) }),
  };
}

/** Mirrors convertPythonicToTs, and convertNDArrayScalarsInConfig on the way. */
function fromPython(value: unknown, key?: string): unknown {
  if (typeof value === 'string') return camelCase(value);
  if (Array.isArray(value)) {
    const isReference = key === 'inboundNodes' || key === 'inputLayers' || key === 'outputLayers';
    return value.map((entry, index) =>
      isReference && index === 0 && typeof entry === 'string' ? entry : fromPython(entry, key),
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  if ('type' in value && value.type === 'ndarray' && 'value' in value && typeof value.value === 'number') {
    return value.value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => {
      if (name === 'name' && typeof entry === 'string') return [name, entry];
      const converted = camelCase(name);
      return [converted, fromPython(entry, converted)];
    }),
  );
}

/** Mirrors utils/generic_utils.ts toCamelCase. */
function camelCase(text: string): string {
  return text.length <= 1 ? text : text.replace(/_+(\w|$)/g, (_, next: string) => next.toUpperCase());
}

// --- layers and models -----------------------------------------------------------------------------------------------

const serializedSchema = z.object({
  className: z.string(),
  config: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]),
});
type Serialized = z.infer<typeof serializedSchema>;

/** A call's inputs: `[layer, call, output, arguments]` each. */
const referenceSchema = z.tuple([z.string(), z.int(), z.int()], z.unknown());
type Reference = z.infer<typeof referenceSchema>;

const functionalSchema = z.object({
  name: z.optional(z.nullable(z.string())),
  layers: z.array(
    z.object({
      name: z.string(),
      className: z.string(),
      inboundNodes: z.optional(z.array(z.array(referenceSchema))),
    }),
  ),
  inputLayers: z.union([z.array(referenceSchema), referenceSchema]),
  outputLayers: z.union([z.array(referenceSchema), referenceSchema]),
});

const sequentialSchema = z.object({
  name: z.optional(z.nullable(z.string())),
  layers: z.array(z.unknown()),
});

const modelClasses = new Set(['Sequential', 'Model', 'Functional']);
const maximumDepth = 60;

function serialized(value: unknown, what: string): Serialized {
  const parsed = serializedSchema.safeParse(value);
  if (!parsed.success) throw new Unreadable(`In ${what}: \`class_name\` or \`config\` is missing.`);
  return parsed.data;
}

class Builder {
  constructor(
    private readonly topology: Topology,
    private readonly location: SourceLocation | undefined,
  ) {}

  model(root: Serialized, depth: number): Model {
    if (depth > maximumDepth) throw new Unreadable('The models of the file nest too deeply to be read.');
    if (root.className === 'Sequential') return this.sequential(root, depth);
    if (modelClasses.has(root.className)) return this.functional(root, depth);
    throw new Unreadable(
      `The file holds a ${JSON.stringify(root.className)}, which is neither a sequential nor a functional model.`,
    );
  }

  /** Mirrors Sequential.fromConfig: `config` is the list of layers, in older files, or holds it. */
  private sequential({ config }: Serialized, depth: number): Model {
    const parsed = Array.isArray(config)
      ? { success: true as const, data: { name: undefined, layers: config } }
      : sequentialSchema.safeParse(config);
    if (!parsed.success) throw new Unreadable('A sequential model of the file has no list of layers.');
    const { name, layers } = parsed.data;
    const model = this.topology.createSequential(name ? { name } : {}, this.location);
    for (const [index, entry] of layers.entries()) {
      const data = serialized(entry, `layer ${index + 1}`);
      const layer = this.layer(data, depth);
      this.accepted(layer.name, () => {
        this.topology.add(model, layer, ruleForClassName('InputLayer'), undefined);
      });
    }
    return model;
  }

  /** Mirrors Container.fromConfig. */
  private functional({ config }: Serialized, depth: number): Model {
    const parsed = functionalSchema.safeParse(config);
    if (!parsed.success) throw new Unreadable(describe(parsed.error, config));
    const { name, layers, inputLayers, outputLayers } = parsed.data;
    const created = new Map<string, Layer>();
    const pending: { layer: Layer; references: Reference[] }[] = [];
    const sources = (config as { layers: unknown[] }).layers;
    for (const [index, entry] of layers.entries()) {
      const layer = this.layer(serialized(sources[index], `layer "${entry.name}"`), depth);
      created.set(entry.name, layer);
      for (const references of entry.inboundNodes ?? []) {
        if (references.length > 0) pending.push({ layer, references });
      }
    }
    this.wire(created, pending);
    const tensors = (references: Reference[] | Reference): SymbolicTensor[] =>
      (typeof references[0] === 'string' ? [references as Reference] : (references as Reference[])).map(
        (reference) => {
          const tensor = find(created, reference);
          if (!tensor)
            throw new Unreadable(`The model's ends name ${quoted(reference)}, which is not there.`);
          return tensor;
        },
      );
    const inputs = tensors(inputLayers);
    const outputs = tensors(outputLayers);
    if (outputs.length === 0) throw new Unreadable('The model of the file has no outputs.');
    return this.accepted(name ?? 'model', () =>
      this.topology.createFunctional(name ?? undefined, inputs, outputs, this.location),
    );
  }

  /**
   * Applies the layers, each as soon as its inputs exist: they are listed in any order, and a shared layer may be
   * applied to what comes out of itself. Like tfjs, it takes a layer's later call first where the earlier has to wait.
   */
  private wire(created: Map<string, Layer>, pending: { layer: Layer; references: Reference[] }[]): void {
    let waiting = pending;
    while (waiting.length > 0) {
      const later: typeof pending = [];
      for (const use of waiting) {
        const inputs = use.references.map((reference) => find(created, reference));
        if (inputs.some((input) => input === undefined)) {
          later.push(use);
          continue;
        }
        this.accepted(use.layer.name, () => this.topology.apply(use.layer, inputs as SymbolicTensor[]));
      }
      if (later.length === waiting.length) {
        // tfjs itself would look for them forever.
        const { layer, references } = later[0]!;
        const missing = references.find((reference) => !find(created, reference)) ?? references[0]!;
        throw new Unreadable(`Layer "${layer.name}" takes ${quoted(missing)}, which is not there.`);
      }
      waiting = later;
    }
  }

  private layer(data: Serialized, depth: number): Layer {
    if (modelClasses.has(data.className)) return this.model(data, depth + 1);
    const { className, config } = data;
    if (Array.isArray(config)) throw new Unreadable(`A layer of class ${className} has a list for a config.`);
    const rule = ruleForClassName(className);
    const what = typeof config['name'] === 'string' ? config['name'] : className;
    if (className === 'InputLayer' && config['batchInputShape'] == null && config['batchShape'] != null) {
      throw new Unreadable(
        'The file is in the format of Keras 3, which tf.loadLayersModel does not read. Save it with Keras 2 (tf_keras) and convert it again.',
      );
    }
    return this.accepted(what, () =>
      this.topology.createLayer(
        className,
        rule,
        this.layerConfig(className, config, depth),
        undefined,
        rule ? undefined : { reason: `\`${className}\` is not a layer of TensorFlow.js`, at: this.location },
      ),
    );
  }

  /** The configuration as the rules read it: wrapped layers and cells are layers, everything else is as written. */
  private layerConfig(className: string, config: Record<string, unknown>, depth: number): LayerConfig {
    if (depth > maximumDepth) throw new Unreadable('The layers of the file nest too deeply to be read.');
    const result = { ...config } as LayerConfig;
    for (const key of ['layer', 'cell'] as const) {
      if (key in config) result[key] = this.wrapped(config[key], key, depth);
    }
    if (Array.isArray(config['cells'])) {
      result['cells'] = config['cells'].map((cell) => this.wrapped(cell, 'cells', depth));
    }
    // Keras 2 writes a list of one; tfjs reads it as the number, because JavaScript makes one of it.
    const { axis } = config;
    if (className === 'BatchNormalization' && Array.isArray(axis) && axis.length === 1 && axis[0] >= 0) {
      result['axis'] = axis[0] as number;
    }
    return result;
  }

  private wrapped(value: unknown, key: string, depth: number): ConfigValue {
    const data = serialized(value, `a \`${key}\``);
    const { className, config } = data;
    if (modelClasses.has(className)) {
      const model = this.model(data, depth + 1);
      const { name } = model;
      return {
        layer: { className: model.className, name, config: {}, rule: ruleOfModel(this.topology, model) },
      };
    }
    if (Array.isArray(config)) throw new Unreadable(`The \`${key}\` of a layer has a list for a config.`);
    const name = typeof config['name'] === 'string' ? config['name'] : className;
    const inner = this.layerConfig(className, config, depth + 1);
    return { layer: { className, name, config: inner, rule: ruleForClassName(className) } };
  }

  /** What tfjs would throw as it builds the model makes the whole file unreadable, as it does there. */
  private accepted<T>(name: string, run: () => T): T {
    const { problems } = this.topology;
    const before = problems.length;
    const result = run();
    const error = problems
      .slice(before)
      .find(({ severity, stage }) => severity === 'error' && (stage === 'create' || stage === 'apply'));
    if (error) throw new Unreadable(`TensorFlow.js does not load it, because of "${name}": ${error.message}`);
    return result;
  }
}

function find(
  created: ReadonlyMap<string, Layer>,
  [name, call, output]: Reference,
): SymbolicTensor | undefined {
  // A model counts its own construction as its first call, here as in tfjs.
  return created.get(name)?.calls[call]?.outputs[output];
}

function quoted([name, call, output]: Reference): string {
  return `output ${output} of call ${call} of layer "${name}"`;
}

/** The first place at which a functional model's configuration is not one. */
function describe(error: z.core.$ZodError, config: unknown): string {
  const path = error.issues[0]?.path ?? [];
  const [part, index] = path;
  if (part === 'layers' && typeof index === 'number') {
    const { name } = ((config as { layers: unknown[] }).layers[index] ?? {}) as { name?: unknown };
    const which = typeof name === 'string' ? `"${name}"` : index + 1;
    return `Layer ${which} of the file has no valid ${path[2] === 'inboundNodes' ? '`inbound_nodes`' : `\`${String(path[2] ?? 'entry')}\``}.`;
  }
  const names: Record<string, string> = { inputLayers: 'input_layers', outputLayers: 'output_layers' };
  return `The model of the file has no valid \`${names[String(part)] ?? String(part ?? 'config')}\`.`;
}
