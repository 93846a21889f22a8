/** TensorFlow.js as the analysed program sees it: `tf.*`, and the members of layers, symbolic tensors and models. */
import type ts from 'typescript';
import { checkCompile } from '../../model-graph/checks/compile';
import { checkFit, type GivenData, type GivenTensor } from '../../model-graph/checks/fit';
import { checkSetWeights } from '../../model-graph/checks/weights';
import { isSymbolic, product, type Shape } from '../../model-graph/dims';
import { repetitionIn } from '../../model-graph/fromTopology';
import type { Problem } from '../../model-graph/graph';
import { ruleForClassName, ruleForFactory } from '../../model-graph/layers';
import type { LayerConfig, LayerRule } from '../../model-graph/layers/rule';
import { Layer, type Lost, Model, SymbolicTensor } from '../../model-graph/topology';
import { weightsOfModel } from '../../model-graph/wrappedModel';
import { isStateCertain } from './certainty';
import {
  addWeight,
  allWeights,
  computeOutputShape,
  isCustom,
  layerClass,
  shapesOf,
  weightList,
} from './customLayers';
import type { Evaluation } from './evaluator/evaluation';
import { mistake } from './evaluator/kinds';
import { shortText } from './evaluator/syntax';
import { dataShape, isSerializable, plain, toConfigValue, toLayerConfig, toShape } from './layerConfig';
import { fileHandler, loadLayersModel } from './modelFiles';
import { takeAsInput } from './shapeComments';
import {
  ArrayValue,
  type CallSite,
  ClassValue,
  DataTensor,
  FunctionValue,
  NativeFunction,
  ObjectValue,
  SerializableValue,
  TfNamespace,
  UnknownValue,
  type Value,
} from './values';

export const tfNamespace = new TfNamespace('');

/**
 * Packages whose export is (a superset of) the layers API: by name, as `npm:` names them, or from a site that serves
 * packages, with or without a version.
 */
const tfPackage =
  /^(npm:|https?:\/\/[^?#]*\/)?@tensorflow\/tfjs(-node(-gpu)?|-layers|-core)?(@[^/?#]+)?([/?#].*)?$/;

export function isTfPackage(specifier: string): boolean {
  return tfPackage.test(specifier);
}

/** What programs use of `tf` to build models. */
const layersApi = new Set([
  'layers',
  'sequential',
  'model',
  'input',
  'initializers',
  'regularizers',
  'constraints',
  'train',
  'loadLayersModel',
]);

export function isOfLayersApi(name: string): boolean {
  return layersApi.has(name);
}

type Native = (args: Value[], site: CallSite, thisValue: Value) => Value;
const native = (name: string, call: Native) => new NativeFunction(name, call);

const optimizerArguments: Record<string, { className: string; names: string[] }> = {
  sgd: { className: 'SGD', names: ['learningRate'] },
  momentum: { className: 'Momentum', names: ['learningRate', 'momentum', 'useNesterov'] },
  rmsprop: { className: 'RMSProp', names: ['learningRate', 'decay', 'momentum', 'epsilon', 'centered'] },
  adam: { className: 'Adam', names: ['learningRate', 'beta1', 'beta2', 'epsilon'] },
  adadelta: { className: 'Adadelta', names: ['learningRate', 'rho', 'epsilon'] },
  adamax: { className: 'Adamax', names: ['learningRate', 'beta1', 'beta2', 'epsilon', 'decay'] },
  adagrad: { className: 'Adagrad', names: ['learningRate', 'initialAccumulatorValue'] },
};

// --- tf.* ------------------------------------------------------------------------------------------------------------

/** `undefined` when `object` is nothing of TensorFlow.js. */
export function memberOfTf(
  evaluator: Evaluation,
  object: Value,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  if (object instanceof TfNamespace) return { value: memberOfNamespace(evaluator, object.path, name, node) };
  if (object instanceof Model)
    return memberOfModel(evaluator, object, name, node) ?? memberOfLayer(evaluator, object, name, node);
  if (object instanceof Layer) return memberOfLayer(evaluator, object, name, node);
  if (object instanceof SymbolicTensor) return memberOfTensor(evaluator, object, name, node);
  if (object instanceof DataTensor) return memberOfData(evaluator, object, name, node);
  return undefined;
}

function memberOfNamespace(evaluator: Evaluation, path: string, name: string, node: ts.Node): Value {
  const full = path ? `${path}.${name}` : name;
  switch (path) {
    case '':
      return memberOfRoot(evaluator, name, node);
    case 'layers':
      if (name === 'Layer') return layerClass;
      return (
        layerFactory(evaluator, name) ??
        Object.assign(mistake(evaluator.unknown(node, `tf.${full} is not a layer of TensorFlow.js 4.22`)), {
          missingFactory: name,
        })
      );
    case 'initializers':
    case 'constraints':
      return native(
        `tf.${full}`,
        ([config]) =>
          new SerializableValue(name[0]!.toUpperCase() + name.slice(1), toLayerConfig(evaluator, config)),
      );
    case 'regularizers':
      return native(`tf.${full}`, ([config]) => {
        const given = toLayerConfig(evaluator, config);
        // Mirrors regularizers.ts l1 and l2.
        if (name === 'l1') return new SerializableValue('L1L2', { l1: given.l1 ?? 0.01, l2: 0 });
        if (name === 'l2') return new SerializableValue('L1L2', { l2: given.l2 ?? 0.01, l1: 0 });
        return new SerializableValue('L1L2', given);
      });
    case 'train': {
      const optimizer = optimizerArguments[name];
      if (optimizer) {
        return native(`tf.${full}`, (args) => {
          const config: LayerConfig = {};
          optimizer.names.forEach((argument, index) => {
            const value = args[index];
            if (value !== undefined) config[argument] = toConfigValue(evaluator, value);
          });
          return new SerializableValue(optimizer.className, config);
        });
      }
      return evaluator.unknown(node, `tf.${full} is not followed`);
    }
    case 'losses':
    case 'metrics':
      return native(`tf.${full}`, (_args, site) =>
        evaluator.unknown(site.node, `what tf.${full} computes is not followed`),
      );
  }
  return evaluator.unknown(node, `tf.${full} is not followed`);
}

function memberOfRoot(evaluator: Evaluation, name: string, node: ts.Node): Value {
  switch (name) {
    case 'layers':
    case 'initializers':
    case 'regularizers':
    case 'constraints':
    case 'train':
    case 'losses':
    case 'metrics':
      return new TfNamespace(name);
    case 'default':
      return tfNamespace;
    case 'sequential':
    case 'Sequential':
      return native('tf.sequential', ([config], site) => createSequential(evaluator, config, site));
    case 'model':
    case 'LayersModel':
      return native('tf.model', ([config], site) => createModel(evaluator, config, site));
    case 'input':
    case 'Input':
      return native('tf.input', ([config], site) => {
        const tensor = evaluator.topology.createInput(
          ruleForClassName('InputLayer'),
          toLayerConfig(evaluator, config),
          site.location,
        );
        evaluator.recordCreation(tensor.layer, site);
        return tensor;
      });
    case 'tidy':
      return native('tf.tidy', (args, site) => {
        const body = args.find((arg) => arg instanceof FunctionValue);
        return body ? evaluator.call(body, [], site) : undefined;
      });
    case 'loadLayersModel':
      return native('tf.loadLayersModel', ([where], site) => loadLayersModel(evaluator, where, site));
    case 'loadGraphModel':
      return native('tf.loadGraphModel', (_, site) =>
        evaluator.unknown(site.node, 'a graph model has operations, but no layers', 'tf.loadGraphModel()'),
      );
    case 'io': {
      const io = new ObjectValue([['fileSystem', native('tf.io.fileSystem', ([path]) => fileHandler(path))]]);
      io.rest = evaluator.unknown(node, 'where tf.io loads from is not known', 'tf.io');
      return io;
    }
    case 'zeros':
    case 'ones':
    case 'randomNormal':
    case 'randomUniform':
    case 'truncatedNormal':
      return native(`tf.${name}`, ([shape]) => new DataTensor(toShape(evaluator, shape), `tf.${name}()`));
    case 'tensor':
    case 'tensor1d':
    case 'tensor2d':
    case 'tensor3d':
    case 'tensor4d':
    case 'tensor5d':
    case 'tensor6d':
      return native(`tf.${name}`, ([data, shape]) => {
        const known = dataShape(evaluator, data, shape);
        const rank = Number(/\d/.exec(name)?.[0]);
        return new DataTensor(known, `tf.${name}()`, rank || known?.length);
      });
    case 'models':
      return evaluator.unknown(node, 'models made of JSON are not followed', 'tf.models');
    case 'SymbolicTensor':
    case 'Tensor':
      return new ClassValue(name, undefined, undefined, undefined);
  }
  // Whatever else `tf` offers, it is no layer.
  return mistake(evaluator.unknown(node, `tf.${name} is not followed`, `tf.${name}`));
}

// --- layers ----------------------------------------------------------------------------------------------------------

function layerFactory(evaluator: Evaluation, factory: string): Value {
  if (factory === 'input') return memberOfRoot(evaluator, 'input', undefined as unknown as ts.Node);
  const rule = ruleForFactory(factory);
  if (!rule) return undefined;
  return native(`tf.layers.${factory}`, ([config], site) => {
    const layer = evaluator.topology.createLayer(
      rule.className,
      rule,
      toLayerConfig(evaluator, config),
      site.location,
    );
    evaluator.recordCreation(layer, site);
    const problem = problemOfArgument(factory, rule, config);
    if (problem) evaluator.topology.problems.push({ ...problem, stage: 'create', location: site.location });
    return layer;
  });
}

/** What is wrong with the argument itself, whatever its options are. */
function problemOfArgument(
  factory: string,
  { readsBlindly }: LayerRule,
  config: Value,
): Pick<Problem, 'code' | 'severity' | 'message'> | undefined {
  if (readsBlindly && (config === undefined || config === null)) {
    return {
      code: 'missing-argument',
      severity: 'error',
      message: `tf.layers.${factory} needs a configuration, if only {}: tfjs reads \`${readsBlindly}\` of it and throws without.`,
    };
  }
  if (typeof config === 'string' || typeof config === 'number') {
    const text = JSON.stringify(config);
    const hint = factory === 'activation' ? ` Write tf.layers.activation({activation: ${text}}).` : '';
    return {
      code: 'ignored-argument',
      severity: 'warning',
      message: `tf.layers.${factory} takes an object; tfjs ignores ${text} and takes the defaults.${hint}`,
    };
  }
  return undefined;
}

/** Options that a layer keeps as they were given. */
const plainOptions = ['units', 'filters', 'inputDim', 'outputDim', 'n', 'rate', 'alpha'];

function memberOfLayer(
  evaluator: Evaluation,
  layer: Layer,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const give = (call: Native) => ({ value: native(name, call) });
  switch (name) {
    case 'apply':
      return give(([input, options], site) => applyLayer(evaluator, layer, input, options, site));
    case 'call': // with data, and without what `apply` checks
      return give((_, site) => evaluator.unknown(site.node, 'what is computed with data is not followed'));
    case 'name':
      return { value: layer.name };
    case 'trainable':
      return { value: layer.trainable };
    case 'outputShape': {
      const shapes = layer.calls[0]?.outputs.map((output) => output.shape);
      if (!shapes?.every((shape) => shape !== null))
        return { value: evaluator.unknown(node, 'this output shape is not known') };
      const values = (shapes as Shape[]).map((shape) => new ArrayValue(shape.slice()));
      return { value: values.length === 1 ? values[0] : new ArrayValue(values) };
    }
    case 'batchInputShape':
      return { value: layer.batchInputShape ? new ArrayValue(layer.batchInputShape.slice()) : undefined };
    case 'output':
      return {
        value:
          singletonOrArray(layer.calls[0]?.outputs ?? []) ??
          evaluator.unknown(node, `layer "${layer.name}" is not connected`),
      };
    case 'input':
      return {
        value:
          singletonOrArray(inputsOf(layer)) ??
          evaluator.unknown(node, `layer "${layer.name}" is not connected`),
      };
    case 'getOutputAt':
      return give(([index]) =>
        singletonOrArray((typeof index === 'number' ? layer.calls[index]?.outputs : undefined) ?? []),
      );
    case 'getInputAt':
      return give(([index]) =>
        singletonOrArray((typeof index === 'number' ? layer.calls[index]?.inputs : undefined) ?? []),
      );
    case 'countParams':
      return give((_, site) => {
        const counts = layer.weights?.map((weight) => product(weight.shape));
        if (!counts || counts.some((count) => count === null))
          return evaluator.unknown(site.node, 'the number of parameters is not known');
        return counts.reduce<Value>(
          (total, count) => evaluator.arithmetic(plusToken, total, count as Value, site.node),
          0,
        );
      });
    case 'getConfig':
      return give(() => configOf(layer));
    case 'addWeight':
      return give((args) => addWeight(evaluator, layer, args));
    case 'build':
      return give(([shape]) => {
        if (layer.rule && !isCustom(layer)) evaluator.topology.build(layer, shapesOf(evaluator, shape));
        layer.extras.set('built', true);
        return undefined;
      });
    case 'computeOutputShape':
      return give(([shape], site) => computeOutputShape(evaluator, layer, shape, site));
    case 'trainableWeights':
    case 'nonTrainableWeights':
    case '_trainableWeights':
    case '_nonTrainableWeights':
      return { value: weightList(evaluator, layer, name, node) };
    case 'setWeights':
      return give(([weights], site) => {
        evaluator.topology.problems.push(
          ...checkSetWeights({
            layer,
            weights: givenData(weights),
            location: site.location,
            certain: isCertain(evaluator, site),
          }),
        );
        return undefined;
      });
    case 'dispose':
      return give(() => undefined);
    case 'getClassName':
      return give(() => layer.className);
    case 'units':
    case 'filters': {
      const value = layer.config[name];
      return typeof value === 'number' || isSymbolic(value) ? { value } : undefined;
    }
    case 'weights':
      return { value: allWeights(evaluator, layer, node) };
    case 'getWeights':
      return give(() => allWeights(evaluator, layer, node));
    case 'inboundNodes':
      return { value: new ArrayValue(layer.calls.map(() => new ObjectValue())) };
  }
  return undefined;
}

/** `layer.getConfig()`: what another layer made from it has; of the options only plain ones can be read. */
function configOf(layer: Layer): ObjectValue {
  const config = new ObjectValue([
    ['name', layer.name],
    ['trainable', layer.trainable],
  ]);
  for (const option of plainOptions) {
    const value = layer.config[option];
    if (typeof value === 'number' || isSymbolic(value)) config.properties.set(option, value);
  }
  const { inputShape, inputDim, ...given } = layer.config;
  config.configuration = layer.batchInputShape
    ? { ...given, batchInputShape: layer.batchInputShape.slice() }
    : { ...given };
  if (inputDim !== undefined && layer.className === 'Embedding') config.configuration['inputDim'] = inputDim;
  return config;
}

const plusToken = 40 as ts.SyntaxKind; // SyntaxKind.PlusToken; the parser itself is not needed here

function inputsOf(layer: Layer): SymbolicTensor[] {
  if (layer instanceof Model) return layer.inputs;
  return layer.calls[0]?.inputs ?? [];
}

function singletonOrArray(tensors: SymbolicTensor[]): Value {
  if (tensors.length === 0) return undefined;
  return tensors.length === 1 ? tensors[0] : new ArrayValue(tensors.slice());
}

function applyLayer(
  evaluator: Evaluation,
  layer: Layer,
  input: Value,
  options: Value,
  site: CallSite,
): Value {
  const data = input instanceof ArrayValue ? input.items : [input];
  if (data.some((item) => item instanceof DataTensor)) {
    // With data it computes: its weights are made, and it stays as unconnected as it was.
    const shapes = data.map((item) => (item instanceof DataTensor ? item.shape : null));
    const outputs = evaluator.topology.build(layer, shapes);
    return outputs?.length === 1 ? new DataTensor(outputs[0]!, `${layer.name}()`) : new DataTensor(null, '');
  }
  const inputs = toTensors(evaluator, input, site.node);
  inputs.push(...initialStateOf(evaluator, layer, options, site));
  return singletonOrArray(evaluator.topology.apply(layer, inputs, site.location));
}

/** Mirrors RNN.apply and Bidirectional.apply: an initial state of symbolic tensors is an input like the others. */
function initialStateOf(
  evaluator: Evaluation,
  layer: Layer,
  options: Value,
  site: CallSite,
): SymbolicTensor[] {
  const takesState = layer.rule?.kind === 'recurrent' || layer.className === 'Bidirectional';
  if (!takesState || !(options instanceof ObjectValue || options instanceof UnknownValue)) return [];
  const state = evaluator.member(options, 'initialState', site.node);
  if (state === undefined || state === null) return [];
  const first = state instanceof ArrayValue ? state.items[0] : state;
  return first instanceof DataTensor ? [] : toTensors(evaluator, state, site.node);
}

function toTensors(evaluator: Evaluation, value: Value, node: ts.Node): SymbolicTensor[] {
  if (value instanceof SymbolicTensor) return [value];
  if (value instanceof ArrayValue && !value.rest) {
    // A list may have holes.
    return Array.from(value.items, (item) =>
      item instanceof SymbolicTensor ? item : evaluator.lostTensor(item, node),
    );
  }
  return [evaluator.lostTensor(value instanceof ArrayValue ? value.rest : value, node)];
}

function memberOfTensor(
  evaluator: Evaluation,
  tensor: SymbolicTensor,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  switch (name) {
    case 'shape':
      if (tensor.shape) return { value: new ArrayValue(tensor.shape.slice()) };
      return {
        value: new UnknownValue(
          shortText(node),
          tensor.lost?.reason ?? 'this shape is not known',
          tensor.lost?.at,
        ),
      };
    case 'rank':
      return {
        value: tensor.shape
          ? tensor.shape.length
          : evaluator.unknown(node, tensor.lost?.reason ?? 'this shape is not known'),
      };
    case 'name':
      return { value: tensor.name };
    case 'dtype':
      return { value: 'float32' };
    case 'sourceLayer':
      return { value: tensor.layer };
  }
  return undefined;
}

function memberOfData(
  evaluator: Evaluation,
  tensor: DataTensor,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const { shape, rank } = tensor;
  if (name === 'shape' && shape && !shape.includes(0) && shape.length === rank)
    return { value: new ArrayValue(shape.slice()) };
  if (name === 'shape' && rank) {
    const owner = shortText(node).replace(/\.shape$/, '');
    tensor.sizes ??= Array.from(
      { length: rank },
      (_, axis) =>
        new UnknownValue(
          `${owner}.shape[${axis}]`,
          `how much data \`${owner}\` holds is not known`,
          evaluator.locate(node),
          'number',
        ),
    );
    return { value: new ArrayValue(tensor.sizes.slice()) };
  }
  if (name === 'rank' && rank) return { value: rank };
  if (name === 'then' || name === 'catch' || name === 'finally') return undefined;
  return { value: evaluator.unknown(node, 'what is computed with data is not followed') };
}

// --- models ----------------------------------------------------------------------------------------------------------

function createSequential(evaluator: Evaluation, config: Value, site: CallSite): Value {
  const { topology } = evaluator;
  const options = toLayerConfig(
    evaluator,
    config instanceof ObjectValue ? without(config, 'layers') : config,
  );
  const model = topology.createSequential(options, site.location);
  evaluator.modelRoots.set(model, { maker: evaluator.root });
  evaluator.recordCreation(model, site);
  const layers = config instanceof ObjectValue ? config.properties.get('layers') : undefined;
  if (layers !== undefined && layers !== null) {
    const items = layers instanceof ArrayValue ? layers.items : [];
    for (const item of items) addLayer(evaluator, model, item, site);
    const rest = layers instanceof ArrayValue ? layers.rest : layers;
    if (rest instanceof UnknownValue) evaluator.loseContents(model, { reason: rest.reason, at: rest.at });
  } else if (config instanceof UnknownValue || (config instanceof ObjectValue && config.rest)) {
    const cause = config instanceof UnknownValue ? config : config.rest!;
    evaluator.loseContents(model, { reason: cause.reason, at: cause.at });
  }
  return model;
}

function without(object: ObjectValue, name: string): ObjectValue {
  const copy = new ObjectValue([...object.properties].filter(([key]) => key !== name));
  copy.rest = object.rest;
  return copy;
}

function addLayer(evaluator: Evaluation, model: Model, layer: Value, site: CallSite): void {
  const roots = evaluator.modelRoots.get(model);
  if (roots && evaluator.root !== roots.maker) {
    // Two methods that add to the model of the constructor: who calls them, and in which order, is not known.
    if (roots.extender !== undefined && roots.extender !== evaluator.root) {
      evaluator.loseContents(model, {
        reason: 'which of the functions that add to this model are called, and in which order, is not known',
        at: site.location,
        isHidden: true,
      });
      model.inputs = [];
      if (layer instanceof Layer) evaluator.topology.apply(layer, model.outputs, site.location);
      return;
    }
    roots.extender = evaluator.root;
    // Given to a function that may call it at once, it may have come before what the program adds afterwards.
    const handedOut = evaluator.root && evaluator.handedOut.get(evaluator.root);
    const later = evaluator.creations.slice(handedOut?.creations).map((creation) => creation.layer);
    if (handedOut && model.layers.some((added) => later.includes(added))) {
      const reason = `when \`${handedOut.to}()\` calls the function that adds to this model is not known`;
      evaluator.loseContents(model, { reason, at: site.location, isHidden: true });
    }
  }
  if (layer instanceof Model && isOrHolds(layer, model)) {
    evaluator.topology.problems.push({
      code: 'not-a-layer',
      severity: 'error',
      stage: 'apply',
      message: 'A model cannot be one of its own layers.',
      location: site.location,
    });
    return;
  }
  if (layer instanceof Layer) {
    evaluator.topology.add(model, layer, ruleForClassName('InputLayer'), site.location);
    return;
  }
  if (layer instanceof UnknownValue && !layer.isMistake) {
    evaluator.loseContents(model, { reason: layer.reason, at: layer.at });
    return;
  }
  // What is no layer at all makes TensorFlow.js throw; as nothing was added, what is known of the model stands.
  evaluator.topology.problems.push({
    code: 'not-a-layer',
    severity: 'error',
    stage: 'apply',
    message:
      layer instanceof UnknownValue
        ? `No layer is added: ${layer.reason}.`
        : 'What is added here is not a layer.',
    location: site.location,
  });
}

function isOrHolds(outer: Model, model: Model): boolean {
  const seen = new Set<Model>([outer]);
  for (const one of seen) for (const layer of one.layers) if (layer instanceof Model) seen.add(layer);
  return seen.has(model);
}

function createModel(evaluator: Evaluation, config: Value, site: CallSite): Value {
  const { topology } = evaluator;
  const part = (name: string): Value =>
    config instanceof ObjectValue || config instanceof UnknownValue
      ? evaluator.member(config, name, site.node)
      : undefined;
  const name = part('name');
  const inputs = part('inputs');
  const outputs = part('outputs');
  const lost = [config, inputs, outputs].map(lostReason).find((cause) => cause !== undefined);
  const inputTensors = lost ? [] : toTensors(evaluator, inputs, site.node);
  inputTensors.forEach(takeAsInput);
  const model = topology.createFunctional(
    typeof name === 'string' ? name : undefined,
    inputTensors,
    lost ? [] : toTensors(evaluator, outputs, site.node),
    site.location,
    lost,
  );
  evaluator.recordCreation(model, site);
  if (lost) evaluator.loseContents(model, lost);
  return model;
}

/** The very list, since a program may take layers off it; of which only the ends are known where a loop adds to it. */
function layersOf(model: Model, node: ts.Node): ArrayValue {
  const list = new ArrayValue(model.layers);
  const loop = repetitionIn(model);
  if (loop) {
    // Always the same number until other layers are added.
    const key = `#length with ${model.layers.length}`;
    let length = model.extras.get(key) as UnknownValue | undefined;
    if (!length) {
      length = new UnknownValue(`${shortText(node)}.length`, loop.reason, loop.at, 'number');
      length.atLeast = model.layers.findIndex((layer) => layer.repeated.includes(loop));
      model.extras.set(key, length);
    }
    list.members = new Map([['length', length]]);
  }
  return list;
}

function lostReason(value: Value): Lost | undefined {
  if (value instanceof UnknownValue) return { reason: value.reason, at: value.at };
  if (value instanceof ArrayValue) {
    if (value.rest) return { reason: value.rest.reason, at: value.rest.at };
    return value.items.map(lostReason).find((cause) => cause !== undefined);
  }
  return undefined;
}

function memberOfModel(
  evaluator: Evaluation,
  model: Model,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const give = (call: Native) => ({ value: native(name, call) });
  const lostList = (): UnknownValue | undefined =>
    model.contentsLost && new UnknownValue(shortText(node), model.contentsLost.reason, model.contentsLost.at);
  switch (name) {
    case 'add':
      return give(([layer], site) => {
        addLayer(evaluator, model, layer, site);
        return undefined;
      });
    case 'pop':
      return give((_, site) => {
        evaluator.topology.pop(model, site.location);
        return undefined;
      });
    case 'layers':
      return { value: lostList() ?? layersOf(model, node) };
    case 'inputs':
      return { value: lostList() ?? new ArrayValue(model.inputs.slice()) };
    case 'outputs':
      return { value: lostList() ?? new ArrayValue(model.outputs.slice()) };
    case 'input':
      return { value: lostList() ?? singletonOrArray(inputsOf(model)) };
    case 'output':
      return { value: lostList() ?? singletonOrArray(model.calls[0]?.outputs ?? model.outputs) };
    case 'outputShape': {
      const lost = lostList();
      if (lost) return { value: lost };
      const shapes = model.outputs.map((output) => output.shape);
      if (!shapes.every((shape) => shape !== null))
        return { value: evaluator.unknown(node, 'this output shape is not known') };
      const values = (shapes as Shape[]).map((shape) => new ArrayValue(shape.slice()));
      return { value: values.length === 1 ? values[0] : new ArrayValue(values) };
    }
    case 'getLayer':
      return give(([first, second], site) => {
        if (typeof first === 'string') {
          const found = model.layers.find((layer) => layer.name === first);
          if (found) return found;
        }
        const index = typeof first === 'number' ? first : second;
        if (typeof index === 'number' && model.layers[index]) return model.layers[index];
        return evaluator.unknown(site.node, model.contentsLost?.reason ?? 'the model has no such layer');
      });
    case 'compile':
      return give(([config], site) => {
        const options = toLayerConfig(evaluator, config);
        const { optimizer } = options;
        model.compileArguments = {
          ...(typeof optimizer === 'string' ? { optimizer: { className: optimizer, config: {} } } : {}),
          ...(isSerializable(optimizer)
            ? {
                optimizer: {
                  className: optimizer.serializable.className,
                  config: plain(optimizer.serializable.config),
                },
              }
            : {}),
          ...(options.loss === undefined ? {} : { loss: plain(options.loss) }),
          ...(options.metrics === undefined ? {} : { metrics: plain(options.metrics) }),
        };
        if (config === undefined || config instanceof ObjectValue || config instanceof UnknownValue) {
          evaluator.topology.problems.push(
            ...checkCompile({ model, options, location: site.location, certain: isCertain(evaluator, site) }),
          );
        }
        return undefined;
      });
    case 'countParams':
      return give((_, site) => {
        const counts = weightsOfModel(model)?.map((weight) => product(weight.shape));
        if (!counts || counts.some((count) => count === null))
          return evaluator.unknown(site.node, 'the number of parameters is not known');
        return counts.reduce<Value>(
          (total, count) => evaluator.arithmetic(plusToken, total, count as Value, site.node),
          0,
        );
      });
    case 'summary':
    case 'loadWeights':
    case 'dispose':
    case 'build':
    case 'save':
      return give(() => undefined);
    case 'predict':
    case 'predictOnBatch':
    case 'evaluate':
      return give(() => new DataTensor(null, `${name}()`));
    case 'fit':
    case 'fitDataset':
    case 'trainOnBatch':
      return give(([x, y], site) => {
        evaluator.topology.rejectTraining(model, site.location);
        if (name !== 'fitDataset') {
          const data = { x: givenData(x), y: givenData(y) };
          evaluator.topology.problems.push(
            ...checkFit({ model, ...data, location: site.location, certain: isCertain(evaluator, site) }),
          );
        }
        return evaluator.unknown(site.node, 'what training gives is not known before it has run');
      });
  }
  return undefined;
}

/** What is seen of the model at this call is what the program itself will see there. */
function isCertain(evaluator: Evaluation, site: CallSite): boolean {
  // No side of a condition that is not known has been taken so far.
  if (evaluator.decisions.length > 0) return false;
  const calls = evaluator.callFrames.map((frame) => frame.node);
  return isStateCertain(calls, site.node);
}

/** The tensors given to `fit` as x or y. */
function givenData(value: Value): GivenData {
  if (value instanceof DataTensor) return { tensors: [givenTensor(value)], isList: false };
  if (!(value instanceof ArrayValue) || value.rest) return undefined;
  const tensors = value.items.filter((item) => item instanceof DataTensor).map(givenTensor);
  return tensors.length === value.items.length ? { tensors, isList: true } : undefined;
}

/** A shape counted from nested lists stops at the first element that is not known, and lists may be filled elsewhere. */
function givenTensor({ shape, name }: DataTensor): GivenTensor {
  const literal = /^tf\.tensor(\d?)d?\(\)$/.exec(name);
  const trusted = !literal || shape?.length === Number(literal[1]);
  return { shape: trusted ? shape : null, countCertain: !literal };
}
