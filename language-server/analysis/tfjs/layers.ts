/** Layers: made by `tf.layers.*`, applied, and their members. */
import type ts from 'typescript';
import { checkSetWeights } from '../../../model-graph/checks/weights';
import { isSymbolic, product, type Shape } from '../../../model-graph/dims';
import type { Problem } from '../../../model-graph/graph';
import { ruleForClassName, ruleForFactory } from '../../../model-graph/layers';
import type { LayerRule } from '../../../model-graph/layers/rule';
import { type Layer, Model, type SymbolicTensor } from '../../../model-graph/wired';
import { type Native, native } from '../builtins/native';
import { addWeight, allWeights, computeOutputShape, isCustom, shapesOf, weightList } from '../customLayers';
import type { Evaluation } from '../evaluator/evaluation';
import { toLayerConfig } from '../layerConfig';
import { ArrayValue, type CallSite, DataTensor, ObjectValue, UnknownValue, type Value } from '../values';
import { givenData, isCertain, singletonOrArray, toTensors } from './arguments';

export function inputFactory(evaluator: Evaluation): Value {
  return native('tf.input', ([config], site) => {
    const tensor = evaluator.topology.createInput(
      ruleForClassName('InputLayer'),
      toLayerConfig(evaluator, config),
      site.location,
    );
    evaluator.recordCreation(tensor.layer, site);
    return tensor;
  });
}

export function layerFactory(evaluator: Evaluation, factory: string): Value {
  if (factory === 'input') return inputFactory(evaluator);
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

export function memberOfLayer(
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

/** SyntaxKind.PlusToken; the parser itself is not needed here. */
export const plusToken = 40 as ts.SyntaxKind;

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

export function inputsOf(layer: Layer): SymbolicTensor[] {
  if (layer instanceof Model) return layer.inputs;
  return layer.calls[0]?.inputs ?? [];
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
