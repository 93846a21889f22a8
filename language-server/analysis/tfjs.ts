/** TensorFlow.js as the analysed program sees it: `tf.*`, and the members of layers, symbolic tensors and models. */
import type ts from 'typescript';
import { checkCompile } from '../../model-graph/checks/compile';
import { checkFit, type GivenData, type GivenTensor } from '../../model-graph/checks/fit';
import { checkSetWeights } from '../../model-graph/checks/weights';
import { isSymbolic, product, type Shape } from '../../model-graph/dims';
import { ruleForClassName, ruleForFactory } from '../../model-graph/layers';
import {
  type ConfigValue,
  type LayerConfig,
  type LayerFacts,
  type LayerRule,
  Unknown,
} from '../../model-graph/layers/rule';
import { Layer, type Lost, Model, SymbolicTensor } from '../../model-graph/topology';
import { isStateCertain } from './certainty';
import { classKey, type Evaluator, isPrimitive, mistake, shortText } from './evaluator';
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
  Quotient,
  SerializableValue,
  TfNamespace,
  UnknownValue,
  type Value,
} from './values';

export const tfNamespace = new TfNamespace('');
const layerClass = new ClassValue('Layer', undefined, undefined, undefined);

/** Packages whose export is (a superset of) the layers API. */
const tfPackage = /^@tensorflow\/tfjs(-node(-gpu)?|-layers|-core)?(\/.*)?$/;

export function isTfPackage(specifier: string): boolean {
  return tfPackage.test(specifier);
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
  evaluator: Evaluator,
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

function memberOfNamespace(evaluator: Evaluator, path: string, name: string, node: ts.Node): Value {
  const full = path ? `${path}.${name}` : name;
  switch (path) {
    case '':
      return memberOfRoot(evaluator, name, node);
    case 'layers':
      if (name === 'Layer') return layerClass;
      return (
        layerFactory(evaluator, name) ??
        mistake(evaluator.unknown(node, `tf.${full} is not a layer of TensorFlow.js 4.22`))
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

function memberOfRoot(evaluator: Evaluator, name: string, node: ts.Node): Value {
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
    case 'SymbolicTensor':
    case 'Tensor':
      return new ClassValue(name, undefined, undefined, undefined);
  }
  // Whatever else `tf` offers, it is no layer.
  return mistake(evaluator.unknown(node, `tf.${name} is not followed`, `tf.${name}`));
}

// --- layers ----------------------------------------------------------------------------------------------------------

function layerFactory(evaluator: Evaluator, factory: string): Value {
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
    return layer;
  });
}

/** `super(config)` of a class that extends tf.layers.Layer, or `new` of a class that is not a program's own. */
export function constructTfClass(
  evaluator: Evaluator,
  cls: ClassValue,
  args: Value[],
  site: CallSite,
  target: ClassValue,
): Value {
  if (cls !== layerClass) return evaluator.unknown(site.node, `class \`${cls.name}\` is not followed`);
  const config = toLayerConfig(evaluator, args[0]);
  const classNameValue = target.statics.get('className');
  const className = typeof classNameValue === 'string' ? classNameValue : target.name;
  const layer: Layer = evaluator.topology.createLayer(className, undefined, config, site.location);
  layer.extras.set(classKey, target);
  layer.extras.set(weightsKey, []);
  Object.assign(layer, { rule: customLayerRule(evaluator, layer, target) });
  evaluator.recordCreation(layer, site);
  return layer;
}

/** A program's own layer, followed through its `build`, `addWeight` and `computeOutputShape`. */
function customLayerRule(evaluator: Evaluator, layer: Layer, cls: ClassValue): LayerRule {
  let built: LayerFacts['weights'] | undefined;
  return {
    className: layer.className,
    factories: [],
    kind: 'custom',
    create: () => [],
    apply(_config, inputs): LayerFacts {
      const lost = (reason: string): LayerFacts => ({
        outputShapes: null,
        weights: null,
        multiplyAccumulates: null,
        window: null,
        derivation: [],
        problems: [],
        lost: { reason, at: layer.location },
      });
      if (inputs.some((shape) => shape === null)) return lost('the shape of its input is not known');
      const site: CallSite = { node: cls.node!, location: layer.location! };
      const shapes = (inputs as Shape[]).map((shape) => new ArrayValue(shape.slice()));
      const argument: Value = shapes.length === 1 ? shapes[0] : new ArrayValue(shapes);
      if (built === undefined) {
        built = layer.extras.get(weightsKey) as NonNullable<LayerFacts['weights']>;
        if (evaluator.methodOf(cls, 'build')) evaluator.callMethod(cls, layer, 'build', [argument], site);
      }
      const weightsLost = layer.extras.get(weightsLostKey) as string | undefined;
      const hasShapeMethod = evaluator.methodOf(cls, 'computeOutputShape') !== undefined;
      // Mirrors Layer.computeOutputShape: without one of its own, a layer keeps its input's shape.
      const result = hasShapeMethod
        ? evaluator.callMethod(cls, layer, 'computeOutputShape', [argument], site)
        : argument;
      const outputShapes = toShapes(evaluator, result);
      if (!outputShapes)
        return lost(
          result instanceof Unknown
            ? result.reason
            : `what ${layer.className}.computeOutputShape gives is not known`,
        );
      return {
        outputShapes,
        weights: weightsLost === undefined ? built : null,
        // What its `call` computes is not followed; without weights it multiplies with none.
        multiplyAccumulates: weightsLost === undefined && built?.length === 0 ? 0 : null,
        window: null,
        derivation: [],
        problems: [],
        ...(weightsLost === undefined ? {} : { lost: { reason: weightsLost, at: layer.location } }),
      };
    },
  };
}

/** Options that a layer keeps as they were given. */
const plainOptions = ['units', 'filters', 'inputDim', 'outputDim', 'n', 'rate', 'alpha'];
const weightsKey = '#weights';
const weightsLostKey = '#weightsLost';

function memberOfLayer(
  evaluator: Evaluator,
  layer: Layer,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const give = (call: Native) => ({ value: native(name, call) });
  switch (name) {
    case 'apply':
      return give(([input], site) => applyLayer(evaluator, layer, input, site));
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
      return give(() => {
        const config = new ObjectValue();
        config.rest = evaluator.unknown(node, 'the full configuration of a layer is not followed');
        for (const option of plainOptions) {
          const value = layer.config[option];
          if (typeof value === 'number' || isSymbolic(value)) config.properties.set(option, value);
        }
        return config;
      });
    case 'addWeight':
      return give(([weightName, shape, ...rest]) => {
        const weights = layer.extras.get(weightsKey) as LayerFacts['weights'] | undefined;
        const known = toShape(evaluator, shape);
        if (!known)
          layer.extras.set(
            weightsLostKey,
            `the shape of weight ${isPrimitive(weightName) ? `"${weightName}"` : ''} is not known`,
          );
        else {
          // addWeight(name, shape, dtype, initializer, regularizer, trainable, constraint)
          const trainable = rest[3] === undefined ? true : rest[3] !== false;
          weights?.push({
            name: typeof weightName === 'string' ? weightName : 'weight',
            shape: known,
            trainable,
          });
        }
        return new DataTensor(known, typeof weightName === 'string' ? weightName : 'weight');
      });
    case 'build':
      return give(() => {
        layer.extras.set('built', true);
        return undefined;
      });
    case 'computeOutputShape':
      return give(([shape]) => shape);
    case '_trainableWeights':
    case '_nonTrainableWeights':
    case 'trainableWeights':
    case 'nonTrainableWeights':
      // A layer that keeps its weights by itself has others than `addWeight` gives it.
      if (layer.extras.has(classKey))
        layer.extras.set(
          weightsLostKey,
          `${layer.className} does not keep its weights through addWeight alone`,
        );
      return undefined;
    case 'setWeights':
      return give(([weights], site) => {
        if (layer instanceof Model) return undefined;
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
    case 'getWeights': {
      const { weights } = layer;
      const known = weights && !(layer instanceof Model) && !layer.extras.has(weightsLostKey);
      const value = known
        ? new ArrayValue(weights.map((weight) => new DataTensor(weight.shape, weight.name)))
        : evaluator.unknown(node, 'its weights are not known');
      return name === 'weights' ? { value } : give(() => value);
    }
    case 'inboundNodes':
      return { value: new ArrayValue(layer.calls.map(() => new ObjectValue())) };
  }
  return undefined;
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

function applyLayer(evaluator: Evaluator, layer: Layer, input: Value, site: CallSite): Value {
  const data = input instanceof ArrayValue ? input.items : [input];
  if (data.some((item) => item instanceof DataTensor)) {
    // With data it computes: its weights are made, and it stays as unconnected as it was.
    const shapes = data.map((item) => (item instanceof DataTensor ? item.shape : null));
    const outputs = evaluator.topology.build(layer, shapes);
    return outputs?.length === 1 ? new DataTensor(outputs[0]!, `${layer.name}()`) : new DataTensor(null, '');
  }
  const inputs = toTensors(evaluator, input, site.node);
  return singletonOrArray(evaluator.topology.apply(layer, inputs, site.location));
}

function toTensors(evaluator: Evaluator, value: Value, node: ts.Node): SymbolicTensor[] {
  if (value instanceof SymbolicTensor) return [value];
  if (value instanceof ArrayValue && !value.rest) {
    return value.items.map((item) =>
      item instanceof SymbolicTensor ? item : evaluator.lostTensor(item, node),
    );
  }
  return [evaluator.lostTensor(value instanceof ArrayValue ? value.rest : value, node)];
}

function memberOfTensor(
  evaluator: Evaluator,
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
  evaluator: Evaluator,
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

function createSequential(evaluator: Evaluator, config: Value, site: CallSite): Value {
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

function addLayer(evaluator: Evaluator, model: Model, layer: Value, site: CallSite): void {
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

function createModel(evaluator: Evaluator, config: Value, site: CallSite): Value {
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

function lostReason(value: Value): Lost | undefined {
  if (value instanceof UnknownValue) return { reason: value.reason, at: value.at };
  if (value instanceof ArrayValue) {
    if (value.rest) return { reason: value.rest.reason, at: value.rest.at };
    return value.items.map(lostReason).find((cause) => cause !== undefined);
  }
  return undefined;
}

function memberOfModel(
  evaluator: Evaluator,
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
      // The very list: a program may take layers off it.
      return { value: lostList() ?? new ArrayValue(model.layers) };
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
        const counts: Value[] = [];
        const visit = (inner: Model): boolean =>
          !inner.contentsLost &&
          inner.layers.every((layer) => {
            if (layer instanceof Model) return visit(layer);
            if (!layer.weights) return false;
            counts.push(...layer.weights.map((weight) => product(weight.shape) as Value));
            return true;
          });
        if (!visit(model)) return evaluator.unknown(site.node, 'the number of parameters is not known');
        return counts.reduce<Value>(
          (total, count) => evaluator.arithmetic(plusToken, total, count, site.node),
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
function isCertain(evaluator: Evaluator, site: CallSite): boolean {
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

// --- values as configurations ----------------------------------------------------------------------------------------

/** The object a factory is called with. Where parts of it are not known, every option it does not name is unknown, too. */
export function toLayerConfig(evaluator: Evaluator, value: Value): LayerConfig {
  if (value instanceof ObjectValue) {
    const config: LayerConfig = {};
    for (const [name, getter] of value.getters)
      config[name] = optionValue(evaluator, name, evaluator.invoke(getter, [], value, undefined));
    for (const [name, entry] of value.properties) config[name] = optionValue(evaluator, name, entry);
    return value.rest ? openConfig(evaluator, config, value.rest) : config;
  }
  if (value instanceof UnknownValue) return openConfig(evaluator, {}, value);
  return {};
}

/** Options that are read but not named come out as unknowns named after them. */
function openConfig(evaluator: Evaluator, config: LayerConfig, unknown: UnknownValue): LayerConfig {
  return new Proxy(config, {
    get(target, name) {
      if (typeof name !== 'string' || name in target) return Reflect.get(target, name);
      const option = optionOf(unknown, name);
      return requiredSizes.has(name) ? optionValue(evaluator, name, option) : (option as ConfigValue);
    },
  });
}

/** Options that are one number, and must be there. */
const requiredSizes = new Set(['units', 'filters', 'n', 'inputDim', 'outputDim']);
/** Options that are one number where a program gives them at all; unknown, they are a size under their own name. */
const sizes = new Set([...requiredSizes, 'inputLength', 'depthMultiplier']);

function optionValue(evaluator: Evaluator, name: string, value: Value): ConfigValue {
  const isSize = value instanceof UnknownValue && (sizes.has(name) || value.type === 'number');
  return (isSize ? evaluator.asQuantity(value) : undefined) ?? toConfigValue(evaluator, value);
}

function optionOf(unknown: UnknownValue, name: string): Value {
  return unknown.member(name, () => new UnknownValue(`${unknown.name}.${name}`, unknown.reason, unknown.at));
}

function toConfigValue(evaluator: Evaluator, value: Value): ConfigValue {
  if (isPrimitive(value) || isSymbolic(value)) return value;
  if (value instanceof UnknownValue) return value.asSymbol ?? evaluator.distinct(value);
  if (value instanceof Quotient) {
    return new Unknown(
      `${value.numerator}/${value.denominator}`,
      'whether this division is exact is not known',
      undefined,
      'number',
    );
  }
  if (value instanceof ArrayValue) {
    if (value.rest) return new Unknown(value.rest.name, value.rest.reason, value.rest.at);
    return value.items.map((item) => {
      const element = toConfigValue(evaluator, item);
      // What stands in a list of sizes is a size.
      if (element instanceof UnknownValue) return evaluator.asQuantity(element) ?? element;
      return element;
    });
  }
  if (value instanceof SerializableValue)
    return { serializable: { className: value.className, config: value.config } };
  if (value instanceof Layer) {
    const { className, name, config, rule } = value;
    const layer = { className, name, config, rule };
    evaluator.topology.wrapped.set(layer, value);
    return { layer };
  }
  if (value instanceof ObjectValue) return toLayerConfig(evaluator, value);
  return new Unknown('…', 'this value is not followed');
}

function isSerializable(
  value: ConfigValue,
): value is { serializable: { className: string; config: LayerConfig } } {
  return value !== null && typeof value === 'object' && 'serializable' in value;
}

function plain(value: ConfigValue): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(value, (_key, entry) => (entry instanceof Unknown ? `‹${entry.name}›` : entry)),
  ) as Record<string, unknown>;
}

function toShape(evaluator: Evaluator, value: Value): Shape | null {
  if (!(value instanceof ArrayValue) || value.rest) return null;
  const shape: Shape = [];
  for (const item of value.items) {
    if (item === null || item === undefined) shape.push(null);
    else {
      const size = evaluator.asQuantity(item);
      if (size === undefined) return null;
      shape.push(size);
    }
  }
  return shape;
}

function toShapes(evaluator: Evaluator, value: Value): Shape[] | null {
  if (value instanceof ArrayValue && value.items[0] instanceof ArrayValue) {
    const shapes = value.items.map((item) => toShape(evaluator, item));
    return shapes.every((shape) => shape !== null) ? (shapes as Shape[]) : null;
  }
  const shape = toShape(evaluator, value);
  return shape ? [shape] : null;
}

/** The shape of literal data: as given, else counted from nested arrays. */
function dataShape(evaluator: Evaluator, data: Value, shape: Value): Shape | null {
  if (shape instanceof ArrayValue) return toShape(evaluator, shape);
  const counted: Shape = [];
  for (let at = data; at instanceof ArrayValue; at = at.items[0]) {
    if (at.rest) return null;
    counted.push(at.items.length);
  }
  return counted.length > 0 ? counted : null;
}
