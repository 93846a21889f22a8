/** Models: `tf.sequential`, `tf.model`, and their members. */
import type ts from 'typescript';
import { checkCompile } from '../../../model-graph/checks/compile';
import { checkFit } from '../../../model-graph/checks/fit';
import { product, type Shape } from '../../../model-graph/dims';
import { repetitionIn } from '../../../model-graph/fromTopology';
import { ruleForClassName } from '../../../model-graph/layers';
import { Layer, type Lost, Model } from '../../../model-graph/wired';
import { weightsOfModel } from '../../../model-graph/wrappedModel';
import { type Native, native } from '../builtins/native';
import type { Evaluation } from '../evaluator/evaluation';
import { shortText } from '../evaluator/syntax';
import { isSerializable, plain, toLayerConfig } from '../layerConfig';
import { takeAsInput } from '../shapeComments';
import { ArrayValue, type CallSite, DataTensor, ObjectValue, UnknownValue, type Value } from '../values';
import { givenData, isCertain, singletonOrArray, toTensors } from './arguments';
import { inputsOf, plusToken } from './layers';

export function createSequential(evaluator: Evaluation, config: Value, site: CallSite): Value {
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

export function createModel(evaluator: Evaluation, config: Value, site: CallSite): Value {
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

export function memberOfModel(
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
