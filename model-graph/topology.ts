/**
 * Layers, symbolic tensors and models wired as tfjs wires them, without any numbers being computed.
 * Mirrors tfjs-layers engine/topology.ts (Layer, Node, SymbolicTensor), engine/input_layer.ts, engine/container.ts
 * and models.ts (Sequential). The analysis and the readers build models through this; `toModelGraph` turns one into a
 * `ModelGraph`.
 *
 * Nothing here throws: what tfjs would throw becomes a `Problem`, and the work goes on with a shape that is lost.
 */
import { prependBatch, readBatchInputShape } from './batchShape';
import { type Dim, type Shape, symbol } from './dims';
import type { Problem, SourceLocation } from './graph';
import {
  type ConfigValue,
  type LayerConfig,
  type LayerFacts,
  type LayerRule,
  lostFacts,
  Unknown,
} from './layers/rule';
import { toSnakeCase } from './naming';
import { relatedInputs, sourceInputs } from './origins';
import { areSame, type Call, Layer, type Lost, Model, SymbolicTensor } from './wired';

const pick = ({ inputs, outputs, layers, contentsLost, sizeBelowZero }: Model) => ({
  inputs,
  outputs,
  layers,
  contentsLost,
  sizeBelowZero,
});

/** Sequential models that got other layers, as they were before. */
export interface ModelChanges {
  models: Map<Model, Pick<Model, 'inputs' | 'outputs' | 'layers' | 'contentsLost' | 'sizeBelowZero'>>;
  /** How many layers and models there were when it began. */
  since: number;
}

/** `tf.sequential()` numbers and names layers per program, so each analysis has a topology of its own. */
export class Topology {
  readonly problems: Problem[] = [];
  /** The layers that stand in the configurations of others. */
  readonly wrapped = new WeakMap<object, Layer>();
  private counters = new Map<string, number>();
  /** Every layer in order of creation, models included. */
  readonly created: Layer[] = [];
  private readonly changes: ModelChanges[] = [];
  /** The size that stands for an element of a list that is not known. */
  sizeOf?: (list: Unknown, index: number) => Dim;

  /** Mirrors backend/state.ts getUid. */
  uid(prefix: string): string {
    const next = (this.counters.get(prefix) ?? 0) + 1;
    this.counters.set(prefix, next);
    return prefix + next;
  }

  /** Runs something as though nothing had been named before it but what has been by now; the names it takes are free again. */
  withOwnNames(run: () => void): void {
    const before = this.numbering;
    run();
    this.numbering = before;
  }

  /** From here to `endChanges`, takes note of the sequential models that were there already and get other layers. */
  beginChanges(): ModelChanges {
    const changes: ModelChanges = { models: new Map(), since: this.created.length };
    this.changes.push(changes);
    return changes;
  }

  endChanges(changes: ModelChanges): void {
    this.changes.splice(this.changes.indexOf(changes), 1);
  }

  /** To be called before a sequential model gets other layers. */
  noteChange(model: Model): void {
    for (const { models, since } of this.changes) {
      if (model.order < since && !models.has(model))
        models.set(model, { ...pick(model), layers: model.layers.slice() });
    }
  }

  /** Takes off what sequential models got since. */
  takeBack({ models }: ModelChanges): void {
    for (const [model, old] of models) {
      for (const layer of model.layers) if (!old.layers.includes(layer)) model.members.delete(layer);
      Object.assign(model, old);
      model.linkOwnCall();
    }
  }

  /** How far names have been numbered, to go back to. */
  get numbering(): ReadonlyMap<string, number> {
    return new Map(this.counters);
  }

  set numbering(counters: ReadonlyMap<string, number>) {
    this.counters = new Map(counters);
  }

  /** Mirrors the constructor of engine/topology.ts Layer. */
  createLayer(
    className: string,
    rule: LayerRule | undefined,
    config: LayerConfig,
    location?: SourceLocation,
    lost?: Lost,
  ): Layer {
    let name: string;
    if (typeof config.name === 'string' && config.name !== '') name = config.name;
    else if (className === 'InputLayer') name = this.uid('input');
    else name = `${toSnakeCase(className)}_${this.uid(className)}`;
    const layer = new Layer(name, className, rule?.kind ?? 'custom', config, rule, location, lost);
    if (config.trainable === false && !rule?.ignoresTrainable) layer.trainable = false;
    layer.batchInputShape = readBatchInputShape(className, config);
    for (const problem of rule?.create(config) ?? []) {
      this.problems.push({ ...problem, location });
    }
    if (className === 'InputLayer') {
      layer.trainable = false;
      this.recordInput(layer, layer.batchInputShape, config);
    }
    this.created.push(layer);
    return layer;
  }

  /** Mirrors engine/input_layer.ts Input: `shape` or `batchShape`. */
  createInput(rule: LayerRule | undefined, config: LayerConfig, location?: SourceLocation): SymbolicTensor {
    const { shape, batchShape, ...rest } = config;
    if (shape == null && batchShape == null) {
      this.problems.push({
        code: 'missing-input-shape',
        severity: 'error',
        stage: 'create',
        message:
          'tf.input needs a `shape` (without the batch) or a `batchShape`, e.g. tf.input({shape: [28, 28, 1]}).',
        location,
      });
    } else if (shape != null && batchShape != null) {
      this.problems.push({
        code: 'invalid-argument',
        severity: 'error',
        stage: 'create',
        message: 'tf.input takes either `shape` or `batchShape`, not both.',
        location,
      });
    }
    const batchInputShape = batchShape ?? (shape == null ? shape : prependBatch(null, shape));
    const layer = this.createLayer('InputLayer', rule, { ...rest, batchInputShape }, location);
    const output = layer.calls[0]!.outputs[0]!;
    this.nameSizes(output, batchShape, shape);
    return output;
  }

  /** What stands for the sizes of an input whose shape is one value that is not known: its elements. */
  private nameSizes(tensor: SymbolicTensor, batchShape: ConfigValue, shape: ConfigValue): void {
    const given = batchShape ?? shape;
    const { sizeOf } = this;
    if (!(given instanceof Unknown) || !sizeOf) return;
    const first = batchShape == null ? 1 : 0;
    tensor.sizeAlong = (axis) => (axis < first ? null : sizeOf(given, axis - first));
  }

  private recordInput(layer: Layer, shape: Shape | null, config: LayerConfig): void {
    const given = config.batchInputShape ?? config.inputShape ?? config.shape;
    const lost =
      shape === null
        ? given instanceof Unknown
          ? { reason: given.reason, at: given.at, isHidden: true }
          : { reason: `the shape of input \`${layer.name}\` is not known`, at: layer.location }
        : undefined;
    const output = new SymbolicTensor(layer, 0, 0, shape, lost);
    layer.weights = [];
    layer.calls.push({
      inputs: [],
      outputs: [output],
      facts: {
        outputShapes: shape === null ? null : [shape],
        weights: [],
        multiplyAccumulates: 0,
        window: { kind: 'pointwise' },
        derivation: [],
        problems: [],
        lost,
      },
      location: layer.location,
    });
  }

  /** Mirrors engine/topology.ts Layer.apply for symbolic tensors. */
  apply(layer: Layer, inputs: SymbolicTensor[], location?: SourceLocation): SymbolicTensor[] {
    if (layer.className === 'InputLayer') {
      this.problems.push({
        code: 'input-layer-applied',
        severity: 'error',
        stage: 'apply',
        message: `Input layer "${layer.name}" cannot be applied: it is where data enters. Apply the next layer to its output instead.`,
        location: location ?? layer.location,
      });
    }
    const rank = inputs.length === 1 ? layer.rule?.rankOf?.(layer.config) : undefined;
    if (rank !== undefined) inputs[0]!.assumeRank(rank);
    const lostInput = inputs.find((input) => input.knownShape === null);
    const facts = this.factsOf(layer, inputs, lostInput);
    // Whatever comes in, one axis goes out: what follows can be known again.
    if (layer.className === 'Flatten' && lostInput?.lost?.isHidden && inputs.length === 1) {
      facts.outputShapes = [[null, symbol(this.uid('flattened size ').replace(/ 1$/, ''))]];
      facts.weights = [];
      facts.lost = undefined;
    }
    const callIndex = layer.calls.length;
    const shapes = facts.outputShapes ?? [null];
    const lost: Lost | undefined =
      facts.outputShapes === null
        ? (facts.lost ??
          lostInput?.lost ?? { reason: `the output of \`${layer.name}\` is not known`, at: layer.location })
        : undefined;
    const outputs = shapes.map((shape, index) => new SymbolicTensor(layer, callIndex, index, shape, lost));
    layer.calls.push({ inputs, outputs, facts, location });
    this.showInside(layer, inputs[0]?.knownShape ?? null);
    for (const problem of facts.problems) {
      this.problems.push({
        ...problem,
        // What only training rejects may never be asked of it; `rejectTraining` is for models that are trained.
        severity: problem.stage === 'fit' ? 'warning' : problem.severity,
        location: layer.location ?? location,
        thrownAt: location,
        related: relatedInputs(inputs),
      });
    }
    // The first application builds the weights.
    if (!(layer instanceof Model) && layer.weights === null) layer.weights = facts.weights;
    return outputs;
  }

  /** To be called where a program trains a model: what its layers reject only then. */
  rejectTraining(model: Model, thrownAt: SourceLocation): void {
    for (const layer of model.layers) {
      if (layer instanceof Model) this.rejectTraining(layer, thrownAt);
      for (const problem of layer.calls.flatMap((call) => call.facts.problems)) {
        if (problem.stage === 'fit')
          this.problems.push({ ...problem, location: layer.location ?? thrownAt, thrownAt });
      }
    }
  }

  /** What the layers inside a layer are given and give: the wrapped one, or the cells. */
  private showInside(outer: Layer, shape: Shape | null): void {
    if (!shape) return;
    // One time step of it, but for bidirectional, which hands on the whole sequence.
    const isWhole = outer.className === 'Bidirectional' || outer.className === 'StackedRNNCells';
    let input = isWhole ? shape : [shape[0]!, ...shape.slice(2)];
    for (const inner of this.layersInside(outer)) {
      if (!inner.inside) {
        const facts = inner.rule?.step?.(inner.config, input) ?? inner.rule?.apply(inner.config, [input]);
        if (!facts?.outputShapes) return;
        const outputs = facts.outputShapes.map(
          (output, index) => new SymbolicTensor(inner, 0, index, output),
        );
        const source = new SymbolicTensor(outer, 0, 0, input);
        inner.inside = { inputs: [source], outputs, facts, location: outer.location };
        inner.weights ??= facts.weights;
        this.showInside(inner, input);
      }
      const output = inner.inside.outputs[0]?.shape;
      if (!output) return;
      input = output;
    }
  }

  /** The layers in a layer's configuration, in the order in which data passes them. */
  private layersInside({ config }: Layer): Layer[] {
    const values = [config.layer ?? config.cell ?? config.cells].flat();
    return values.flatMap((value) => {
      const given = value !== null && typeof value === 'object' && 'layer' in value ? value.layer : undefined;
      const inner =
        given !== null && typeof given === 'object' ? this.wrapped.get(given as object) : undefined;
      return inner && !(inner instanceof Model) ? [inner] : [];
    });
  }

  /** What `apply` does with data instead of symbolic tensors: the weights come to be, and nothing is connected. */
  build(layer: Layer, shapes: (Shape | null)[]): Shape[] | null {
    if (layer instanceof Model) return this.outputShapesOf(layer, shapes);
    if (layer.className === 'InputLayer') return null;
    const facts = layer.rule?.apply(
      layer.config,
      shapes,
      layer.calls[0]?.inputs.map((input) => input.shape),
    );
    layer.weights ??= facts?.weights ?? null;
    if (facts?.outputShapes && !layer.inside) {
      const outputs = facts.outputShapes.map((shape, index) => new SymbolicTensor(layer, 0, index, shape));
      const inputs = shapes.map((shape, index) => new SymbolicTensor(layer, 0, index, shape));
      layer.inside = { inputs, outputs, facts, location: layer.location };
    }
    return facts?.outputShapes ?? null;
  }

  /** Mirrors `computeOutputShape`, which neither builds nor checks; null where what it gives is not known. */
  outputShapesOf(layer: Layer, shapes: (Shape | null)[]): Shape[] | null {
    if (layer instanceof Model) {
      const placeholder = new Layer('?', '?', 'custom', {}, undefined);
      const inputs = shapes.map((shape, index) => new SymbolicTensor(placeholder, 0, index, shape));
      return this.factsOfModel(layer, inputs).outputShapes;
    }
    const { rule, config } = layer;
    const facts = rule?.applyInside?.(config, shapes, { checkRank: true }) ?? rule?.apply(config, shapes);
    return facts?.outputShapes ?? null;
  }

  private factsOf(layer: Layer, inputs: SymbolicTensor[], lostInput: SymbolicTensor | undefined): LayerFacts {
    if (layer instanceof Model) return this.factsOfModel(layer, inputs);
    if (!layer.rule) {
      const reason = `\`${layer.className}\` is not a layer that Layerwise knows`;
      return lostFacts(layer.lost ?? { reason, at: layer.location });
    }
    const facts = layer.rule.apply(
      layer.config,
      inputs.map((input) => input.knownShape),
      layer.calls[0]?.inputs.map((input) => input.knownShape),
    );
    // Where an input is lost, that is the reason worth telling.
    if (lostInput?.lost && facts.lost) facts.lost = lostInput.lost;
    return facts;
  }

  /** Mirrors engine/container.ts Container.computeOutputShape: the new inputs flow through the model's own graph. */
  private factsOfModel(model: Model, inputs: SymbolicTensor[]): LayerFacts {
    const facts: LayerFacts = {
      outputShapes: null,
      weights: [],
      multiplyAccumulates: 0,
      window: null,
      derivation: [],
      problems: [],
    };
    if (model.contentsLost) return { ...facts, multiplyAccumulates: null, lost: model.contentsLost };
    if (model.inputs.length !== inputs.length) {
      facts.problems.push({
        code: 'shape-mismatch',
        severity: 'error',
        stage: 'apply',
        message: `Model "${model.name}" has ${model.inputs.length} inputs but is applied to ${inputs.length}.`,
      });
      return facts;
    }
    const shapes = new Map<SymbolicTensor, Shape | null>();
    model.inputs.forEach((input, index) => {
      shapes.set(input, inputs[index]!.shape);
    });
    let lost: Lost | undefined = inputs.find((input) => input.lost)?.lost;
    const shapeOf = (tensor: SymbolicTensor): Shape | null => {
      const known = shapes.get(tensor);
      if (known !== undefined) return known;
      shapes.set(tensor, null); // cut cycles
      const call = tensor.layer.calls[tensor.callIndex];
      if (!call) {
        lost ??= tensor.lost; // a tensor of which only the name is known
        return null;
      }
      const inputShapes = call.inputs.map(shapeOf);
      // With the shapes it was wired with, it puts out what it put out then.
      if (
        call.inputs.length > 0 &&
        call.inputs.every((input, index) => areSame(input.shape, inputShapes[index]!))
      ) {
        for (const output of call.outputs) {
          lost ??= output.lost;
          shapes.set(output, output.shape);
        }
        return shapes.get(tensor) ?? null;
      }
      const inner = tensor.layer;
      const result =
        inner instanceof Model
          ? this.factsOfModel(
              inner,
              call.inputs.map(
                (input, i) =>
                  new SymbolicTensor(input.layer, input.callIndex, input.outputIndex, inputShapes[i]!),
              ),
            )
          : call.inputs.length === 0
            ? call.facts
            : inner.rule?.apply(inner.config, inputShapes);
      lost ??= result?.lost;
      call.outputs.forEach((output, index) => {
        shapes.set(output, result?.outputShapes?.[index] ?? null);
      });
      return shapes.get(tensor) ?? null;
    };
    const outputShapes = model.outputs.map(shapeOf);
    facts.outputShapes = outputShapes.every((shape) => shape !== null) ? (outputShapes as Shape[]) : null;
    if (facts.outputShapes === null) facts.lost = lost;
    return facts;
  }

  /** Mirrors models.ts Sequential's constructor. */
  createSequential(config: LayerConfig, location?: SourceLocation): Model {
    this.uid('Sequential'); // Layer's constructor names it first …
    this.uid('sequential'); // … then Container's …
    const named = typeof config.name === 'string';
    const model = new Model(
      'sequential',
      named ? (config.name as string) : this.uid('sequential_'),
      location,
      named,
    );
    model.order = this.created.push(model) - 1;
    return model;
  }

  /** Mirrors models.ts Sequential.add. */
  add(model: Model, layer: Layer, inputRule: LayerRule | undefined, location?: SourceLocation): void {
    this.noteChange(model);
    const at = layer.location ?? location;
    if (
      layer instanceof Model &&
      !layer.contentsLost &&
      (layer.inputs.length !== 1 || layer.outputs.length !== 1)
    ) {
      this.problems.push({
        code: 'sequential-needs-single-tensor',
        severity: 'error',
        stage: 'apply',
        message: `A sequential model takes layers with one input and one output; model "${layer.name}" has ${layer.inputs.length} and ${layer.outputs.length}. Use tf.model({inputs, outputs}).`,
        location: at,
        thrownAt: location,
      });
    }
    let output: SymbolicTensor | undefined;
    if (model.outputs.length === 0) {
      if (layer instanceof Model) {
        model.inputs = layer.inputs.slice();
        model.outputs = layer.outputs.slice();
        if (layer.contentsLost) model.contentsLost = layer.contentsLost;
        model.layers.push(layer);
        if (layer.calls[0]) model.members.set(layer, [layer.calls[0]]);
        model.linkOwnCall();
        return;
      }
      if (layer.calls.length === 0) {
        this.applyToImplicitInput(layer, inputRule, location, model);
      } else if (layer.calls.length > 1) {
        this.problems.push({
          code: 'layer-already-connected',
          severity: 'error',
          stage: 'apply',
          message: `Layer "${layer.name}" is already connected elsewhere; the first layer of a sequential model must be new.`,
          location: at,
          thrownAt: location,
        });
      }
      output = layer.calls[0]?.outputs[0];
      model.inputs = output ? sourceInputs(output) : [];
    } else {
      output = this.apply(layer, [model.outputs[0]!], location)[0];
    }
    const call = layer.calls.at(-1);
    if (call && call.outputs.length > 1) {
      this.problems.push({
        code: 'sequential-needs-single-tensor',
        severity: 'error',
        stage: 'apply',
        message: `All layers in a sequential model have one output; "${layer.name}" has ${call.outputs.length}. Use tf.model({inputs, outputs}).`,
        location: at,
        thrownAt: location,
      });
    }
    this.checkShape(model, layer, call, location);
    if (output) model.outputs = [output];
    model.layers.push(layer);
    if (call) model.members.set(layer, [...(model.members.get(layer) ?? []), call]);
    model.linkOwnCall();
  }

  /** Mirrors Sequential.checkShape: it throws for sizes below zero, which the layers themselves let pass. */
  private checkShape(
    model: Model,
    layer: Layer,
    call: Call | undefined,
    location: SourceLocation | undefined,
  ): void {
    const at = layer.location ?? location;
    const isNegative = (tensor: SymbolicTensor) =>
      tensor.shape?.some((dim) => typeof dim === 'number' && dim < 0);
    // The first one throws; what follows from it needs no word of its own.
    if (!call?.outputs.some(isNegative) || model.sizeBelowZero) return;
    model.sizeBelowZero = true;
    // The layer's own warning says why; here it is an error.
    const warning = this.problems.find(
      (problem) => problem.location === at && problem.code === 'kernel-larger-than-input',
    );
    if (warning) warning.severity = 'error';
    else {
      this.problems.push({
        code: 'negative-size',
        severity: 'error',
        stage: 'apply',
        message: `Layer "${layer.name}" would put out a size below zero: its input is too small for it.`,
        location: at,
        thrownAt: location,
      });
    }
  }

  private applyToImplicitInput(
    layer: Layer,
    inputRule: LayerRule | undefined,
    location: SourceLocation | undefined,
    model: Model,
  ): void {
    const at = layer.location ?? location;
    const shape = layer.batchInputShape;
    const given =
      layer.config.batchInputShape ??
      layer.config.inputShape ??
      (layer.className === 'Dense' ? layer.config.inputDim : undefined) ??
      (layer.className === 'Embedding' ? layer.config.inputLength : undefined);
    if (shape === null && given == null && !model.contentsLost && !layer.lost) {
      this.problems.push({
        code: 'missing-input-shape',
        severity: 'error',
        stage: 'apply',
        message: `The first layer of a sequential model needs an \`inputShape\` (without the batch), e.g. inputShape: [28, 28, 1].`,
        location: at,
        thrownAt: location,
      });
    }
    const input = new Layer(
      `${layer.name}_input`,
      'InputLayer',
      'input',
      { batchInputShape: shape as ConfigValue },
      inputRule,
      layer.location,
    );
    input.trainable = false;
    this.recordInput(input, shape, layer.config);
    if (shape === null) {
      const lost =
        model.contentsLost ??
        layer.lost ??
        (given instanceof Unknown
          ? { reason: given.reason, at: given.at, isHidden: true }
          : { reason: 'the first layer has no `inputShape`', at });
      const output = new SymbolicTensor(input, 0, 0, null, lost);
      this.nameSizes(output, layer.config.batchInputShape, layer.config.inputShape);
      input.calls[0]!.outputs[0] = output;
    }
    this.apply(layer, [input.calls[0]!.outputs[0]!], location);
  }

  /** Mirrors models.ts Sequential.pop. */
  pop(model: Model, location?: SourceLocation): void {
    if (model.layers.length === 0) {
      this.problems.push({
        code: 'empty-model',
        severity: 'error',
        stage: 'create',
        message: 'pop(): there are no layers in the model.',
        location,
      });
      return;
    }
    this.noteChange(model);
    const popped = model.layers.pop();
    if (popped) model.members.delete(popped);
    const last = model.layers.at(-1);
    if (!last) {
      model.outputs = [];
      model.inputs = [];
    } else {
      const output = last.calls[0]?.outputs[0];
      model.outputs = output ? [output] : [];
    }
    model.linkOwnCall();
  }

  /** Mirrors the constructor of engine/container.ts Container. */
  createFunctional(
    name: string | undefined,
    inputs: SymbolicTensor[],
    outputs: SymbolicTensor[],
    location?: SourceLocation,
    contentsLost?: Lost,
  ): Model {
    this.uid('Model');
    const model = new Model('functional', name ?? this.uid('model'), location, name !== undefined);
    model.inputs = inputs;
    model.outputs = outputs;
    if (contentsLost) model.contentsLost = contentsLost;
    else model.layers = this.layersBetween(model, location);
    model.linkOwnCall();
    model.order = this.created.push(model) - 1;
    return model;
  }

  /** tfjs's `model.layers`: by decreasing depth, then in order of traversal. Reports a disconnected graph and duplicate names. */
  private layersBetween(model: Model, location: SourceLocation | undefined): Layer[] {
    const order: { layer: Layer; call: Call }[] = [];
    const finished = new Set<Call>();
    const traversal = new Map<Layer, number>();
    // An explicit stack: a graph of 10,000 layers must not exhaust the call stack.
    const visit = (root: SymbolicTensor) => {
      const stack: { layer: Layer; call: Call; next: number }[] = [];
      const enter = (tensor: SymbolicTensor) => {
        const call = tensor.layer.calls[tensor.callIndex];
        if (!call || finished.has(call)) return;
        finished.add(call);
        if (!traversal.has(tensor.layer)) traversal.set(tensor.layer, traversal.size);
        stack.push({ layer: tensor.layer, call, next: 0 });
      };
      enter(root);
      while (stack.length > 0) {
        const top = stack.at(-1)!;
        const input = top.call.inputs[top.next++];
        if (input) enter(input);
        else {
          order.push({ layer: top.layer, call: top.call });
          stack.pop();
        }
      }
    };
    model.outputs.forEach(visit);

    const callDepth = new Map<Call, number>();
    const layerDepth = new Map<Layer, number>();
    for (const { layer, call } of order.slice().reverse()) {
      const depth = Math.max(callDepth.get(call) ?? 0, layerDepth.get(layer) ?? 0);
      layerDepth.set(layer, depth);
      callDepth.set(call, depth);
      for (const input of call.inputs) {
        const inbound = input.layer.calls[input.callIndex];
        if (inbound) callDepth.set(inbound, Math.max(depth + 1, callDepth.get(inbound) ?? 0));
      }
    }
    const layers = [...layerDepth.keys()].sort(
      (a, b) => layerDepth.get(b)! - layerDepth.get(a)! || traversal.get(a)! - traversal.get(b)!,
    );

    for (const layer of layers) {
      model.members.set(
        layer,
        layer.calls.filter((call) => finished.has(call)),
      );
    }

    const declared = new Set(model.inputs.map((input) => input.layer));
    for (const { layer } of order) {
      if (layer.className === 'InputLayer' && !declared.has(layer)) {
        this.problems.push({
          code: 'graph-disconnected',
          severity: 'error',
          stage: 'create',
          message: `The outputs depend on input "${layer.name}", which is not among the model's inputs.`,
          location,
          related: layer.location
            ? [{ message: 'this input is missing from `inputs`', location: layer.location }]
            : undefined,
        });
      }
    }
    for (const input of model.inputs) {
      if (input.layer.className !== 'InputLayer') {
        this.problems.push({
          code: 'invalid-model-input',
          severity: 'error',
          stage: 'create',
          message: `A model's inputs must come from tf.input; this one comes from layer "${input.layer.name}" (${input.layer.className}).`,
          location,
        });
      }
    }
    const seen = new Map<string, Layer>();
    for (const layer of layers) {
      const other = seen.get(layer.name);
      if (other) {
        this.problems.push({
          code: 'duplicate-layer-name',
          severity: 'error',
          stage: 'create',
          message: `Two layers of this model are named "${layer.name}"; names must be unique in a model.`,
          location: layer.location ?? location,
          thrownAt: location,
          related: other.location ? [{ message: 'the other one', location: other.location }] : undefined,
        });
      }
      seen.set(layer.name, layer);
    }
    return layers;
  }
}
