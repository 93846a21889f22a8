/** Turns a wired model (`topology.ts`) into the one structure that everything else consumes. */
import { add, type Dim, isSymbolic, multiply, product, type Quantity, type Shape, sum } from './dims';
import type { LayerCall, LayerNode, ModelGraph, ReceptiveField, TensorReference, Verdict } from './graph';
import { type ConfigValue, Unknown } from './layers/rule';
import { composeReceptiveField, inputReceptiveField } from './receptiveField';
import { totalsOf } from './totals';
import { type Call, type Layer, type Lost, Model, type SymbolicTensor } from './wired';

const bytesPerFloat = 4;

/** The layer's facts outside any model: what a hint shows for a layer that belongs to none. */
export function layerNodeWriter(): (layer: Layer) => LayerNode {
  // One writer for all: what it knows of one layer's receptive field serves the next.
  const writer = new GraphWriter();
  return (layer) =>
    writer.node(layer, layer.name, layer.calls.length === 0 && layer.inside ? [layer.inside] : layer.calls);
}

/** `nesting` is to be shared by the graphs of one program. */
export function toModelGraph(model: Model, id: string, nesting = newNesting()): ModelGraph {
  return new GraphWriter(nesting).graph(model, id);
}

export function newNesting(): Nesting {
  return { left: maximumNodes, costs: new Map() };
}

/** Models in models in models: deeper, and with more layers in all, than anyone writes down. */
const maximumNesting = 20;
const maximumNodes = 20_000;

/** What the writers of models and of those inside them share. */
export interface Nesting {
  /** Layers inside others that may still be written. */
  left: number;
  readonly costs: Map<Model, Quantity | null>;
}

class GraphWriter {
  constructor(
    private readonly nesting: Nesting = newNesting(),
    private readonly depth = 0,
  ) {}

  private readonly ids = new Map<Layer, string>();
  /** Tensors of a nested model's inside that stand for its outputs. */
  private readonly aliases = new Map<SymbolicTensor, TensorReference>();
  private members: ReadonlyMap<Layer, readonly Call[]> = new Map();
  private readonly fields = new Map<SymbolicTensor, ReceptiveField | null>();
  /** The shape of the model input that a tensor's first path leads to. */
  private readonly sources = new Map<SymbolicTensor, Shape | null>();

  graph(model: Model, id: string): ModelGraph {
    const uses = new Map<string, number>();
    for (const layer of model.layers) {
      const use = (uses.get(layer.name) ?? 0) + 1;
      uses.set(layer.name, use);
      const layerId = use === 1 ? layer.name : `${layer.name} (${use})`;
      if (!this.ids.has(layer)) this.ids.set(layer, layerId);
      if (layer instanceof Model && model.members.get(layer)?.[0] === layer.calls[0]) {
        layer.calls[0]?.outputs.forEach((tensor, output) => {
          this.aliases.set(tensor, { layer: layerId, call: 0, output });
        });
      }
    }
    this.members = model.members;
    const layers = model.layers.map((layer) =>
      this.node(layer, this.ids.get(layer)!, model.members.get(layer) ?? layer.calls),
    );
    const cause = model.contentsLost ?? repetitionIn(model);
    const lost: Verdict | undefined = cause ? { kind: 'lost', ...cause } : undefined;
    return {
      id,
      name: model.named ? model.name : (model.label ?? model.name),
      ...(model.named && model.label !== undefined ? { label: model.label } : {}),
      kind: model.modelKind,
      location: model.location,
      inputs: model.inputs.map((tensor) => this.reference(tensor)),
      outputs: model.outputs.map((tensor) => this.reference(tensor)),
      inputShapes: model.inputs.flatMap((tensor) => (tensor.knownShape ? [tensor.knownShape] : [])),
      outputShapes: model.outputs.flatMap((tensor) => (tensor.knownShape ? [tensor.knownShape] : [])),
      layers,
      totals: totalsOf(layers, Boolean(lost)),
      ...(model.compileArguments ? { compile: model.compileArguments } : {}),
      verdict: lost ?? weakest(layers.map((layer) => layer.verdict)),
    };
  }

  node(layer: Layer, id: string, uses: readonly Call[]): LayerNode {
    const calls = uses.map((call): LayerCall => {
      const outputShapes = call.outputs.flatMap((output) => (output.knownShape ? [output.knownShape] : []));
      return {
        inbound: call.inputs
          .filter((input) => this.ids.has(input.layer) || this.aliases.has(input))
          .map((input) => this.reference(input)),
        inputShapes: call.inputs.flatMap((input) => (input.knownShape ? [input.knownShape] : [])),
        outputShapes,
        multiplyAccumulates:
          layer instanceof Model ? costOfModel(layer, this.nesting.costs) : call.facts.multiplyAccumulates,
        activationBytes: bytesOf(call.outputs),
        receptiveField: call.outputs[0] ? this.receptiveField(call.outputs[0]) : null,
        derivation: call.facts.derivation,
      };
    });
    if (this.depth > 0) this.nesting.left--;
    const isTooDeep = layer instanceof Model && (this.depth >= maximumNesting || this.nesting.left < 0);
    const nested =
      layer instanceof Model && !isTooDeep
        ? new GraphWriter(this.nesting, this.depth + 1).graph(layer, `${id}/`)
        : undefined;
    const params = isTooDeep ? null : nested ? nested.totals.params : countWeights(layer, () => true);
    const trainableParams =
      !layer.isTrainableKnown || isTooDeep
        ? null
        : nested
          ? layer.trainable
            ? nested.totals.trainableParams
            : 0
          : layer.trainable
            ? countWeights(layer, (trainable) => trainable)
            : params === null
              ? null
              : 0;
    return {
      id,
      name: layer.name,
      className: layer.className,
      kind: layer.kind,
      config: plainConfig(layer.config) as Record<string, unknown>,
      location: layer.location,
      calls,
      weights: layer.weights ?? [],
      params,
      trainableParams,
      trainable: layer.trainable,
      verdict: isTooDeep
        ? { kind: 'lost', reason: 'models nest too deeply here', at: layer.location }
        : verdictOf(layer, calls, params),
      groups: layer.groups,
      ...(nested ? { nested } : {}),
    };
  }

  private reference(tensor: SymbolicTensor): TensorReference {
    const alias = this.aliases.get(tensor);
    if (alias) return alias;
    const call = tensor.layer.calls[tensor.callIndex];
    const own = call ? (this.members.get(tensor.layer)?.indexOf(call) ?? -1) : -1;
    return {
      layer: this.ids.get(tensor.layer) ?? tensor.layer.name,
      call: own >= 0 ? own : tensor.callIndex,
      output: tensor.outputIndex,
    };
  }

  /** Iterative: depth is the network's, which may be thousands of layers. */
  private receptiveField(tensor: SymbolicTensor): ReceptiveField | null {
    const pending = [tensor];
    while (pending.length > 0) {
      const next = pending.at(-1)!;
      if (this.fields.has(next)) {
        pending.pop();
        continue;
      }
      const call = next.layer.calls[next.callIndex];
      // What stands for the outputs of any number of rounds is none of them.
      if (!call || call.outputs[next.outputIndex] !== next) {
        this.fields.set(next, null);
        continue;
      }
      const missing = call.inputs.filter((input) => !this.fields.has(input));
      if (missing.length > 0) {
        pending.push(...missing);
        continue;
      }
      pending.pop();
      const [first] = call.inputs;
      this.sources.set(next, first ? (this.sources.get(first) ?? null) : next.shape);
      this.fields.set(next, this.composed(next, call));
    }
    return this.fields.get(tensor) ?? null;
  }

  private composed(tensor: SymbolicTensor, call: Layer['calls'][number]): ReceptiveField | null {
    if (call.facts.window === null) return null;
    if (call.inputs.length === 0) return tensor.knownShape ? inputReceptiveField(tensor.knownShape) : null;
    // In a loop whose rounds are not known, what comes from outside may have been through other rounds before.
    const isRepeated = call.inputs.some((input) =>
      tensor.layer.repeated.some((loop) => !input.layer.repeated.includes(loop)),
    );
    if (isRepeated) return null;
    const inputs = call.inputs.map((input) => this.fields.get(input) ?? null);
    const source = this.sources.get(tensor) ?? null;
    return composeReceptiveField(
      inputs,
      call.facts.window,
      call.inputs.map((input) => input.knownShape),
      source,
    );
  }
}

/** A loop that adds an unknown number of layers to this model. */
export function repetitionIn(model: Model): Lost | undefined {
  for (const layer of model.layers) {
    const loop = layer.repeated.find((candidate) => !model.repeated.includes(candidate));
    if (loop) return loop;
  }
  return undefined;
}

function verdictOf(layer: Layer, calls: LayerCall[], params: Quantity | null): Verdict {
  if (layer.lost) return { kind: 'lost', ...layer.lost };
  if (layer instanceof Model && layer.contentsLost) return { kind: 'lost', ...layer.contentsLost };
  const lost = layer.calls.flatMap((call) => call.outputs).find((output) => output.knownShape === null)?.lost;
  if (lost) return { kind: 'lost', ...lost };
  if (calls.length === 0 && !(layer instanceof Model)) {
    return { kind: 'lost', reason: 'this layer is not connected to an input here', at: layer.location };
  }
  if (params === null) {
    const reason = layer.calls.find((call) => call.facts.lost)?.facts.lost;
    return { kind: 'lost', ...(reason ?? { reason: 'its weights are not known', at: layer.location }) };
  }
  const symbolic =
    isSymbolic(params) || calls.some((call) => call.outputShapes.some((shape) => shape.some(isSymbolic)));
  return symbolic ? { kind: 'symbolic' } : { kind: 'exact' };
}

function weakest(verdicts: Verdict[]): Verdict {
  return (
    verdicts.find((verdict) => verdict.kind === 'lost') ??
    verdicts.find((verdict) => verdict.kind === 'symbolic') ?? { kind: 'exact' }
  );
}

function countWeights(layer: Layer, which: (trainable: boolean) => boolean): Quantity | null {
  if (layer.weights === null) return null;
  let total: Quantity = 0;
  for (const weight of layer.weights) {
    if (!which(weight.trainable)) continue;
    const count: Dim = product(weight.shape);
    if (count === null) return null;
    total = add(total, count);
  }
  return total;
}

function bytesOf(outputs: SymbolicTensor[]): Quantity | null {
  let total: Quantity = 0;
  for (const { shape } of outputs) {
    const count: Dim = shape ? product(shape.slice(1)) : null;
    if (count === null) return null;
    total = add(total, multiply(count, bytesPerFloat));
  }
  return total;
}

/** The multiply-accumulates of all its layers, each use counted. `known` are those of models seen before. */
export function costOfModel(model: Model, known: Map<Model, Quantity | null> = new Map()): Quantity | null {
  if (!known.has(model)) {
    known.set(model, null); // meanwhile: a model has no end that is its own layer
    known.set(
      model,
      sum(
        model.layers.flatMap((layer) =>
          (model.members.get(layer) ?? []).map((call) =>
            layer instanceof Model ? costOfModel(layer, known) : call.facts.multiplyAccumulates,
          ),
        ),
      ),
    );
  }
  return known.get(model) ?? null;
}

/** The configuration as plain data: what a drawing, a topology or a person can read. */
export function plainConfig(value: ConfigValue): unknown {
  if (value instanceof Unknown) return `‹${value.name}›`;
  if (isSymbolic(value)) return String(value);
  if (Array.isArray(value)) return value.map(plainConfig);
  if (value !== null && typeof value === 'object') {
    if ('layer' in value && isNestedLayer(value.layer)) {
      const { className, name, config } = value.layer;
      return { className, name, config: plainConfig(config) };
    }
    if ('serializable' in value) {
      const { className, config } = value.serializable as {
        className: string;
        config: Record<string, ConfigValue>;
      };
      return { className, config: plainConfig(config) };
    }
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, entry]) => entry !== undefined)
        .map(([key, entry]) => [key, plainConfig(entry as ConfigValue)]),
    );
  }
  return value;
}

function isNestedLayer(
  value: unknown,
): value is { className: string; name: string; config: Record<string, ConfigValue> } {
  return typeof value === 'object' && value !== null && 'className' in value && 'config' in value;
}
