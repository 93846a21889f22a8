/**
 * A program's own layers, followed through their `build`, `addWeight` and `computeOutputShape`; and the weights of any
 * layer as a program sees them. Mirrors tfjs-layers engine/topology.ts Layer.
 */
import type ts from 'typescript';
import type { Shape } from '../../model-graph/dims';
import type { Weight } from '../../model-graph/graph';
import { type LayerFacts, type LayerRule, lostFacts, Unknown } from '../../model-graph/layers/rule';
import { type Layer, Model } from '../../model-graph/wired';
import { weightsNow, weightsOfModel } from '../../model-graph/wrappedModel';
import type { Evaluation } from './evaluator/evaluation';
import { shortText } from './evaluator/syntax';
import { toLayerConfig, toShape, toShapes } from './layerConfig';
import {
  ArrayValue,
  type CallSite,
  ClassValue,
  DataTensor,
  UnknownValue,
  type Value,
  WeightVariable,
} from './values';

/** `tf.layers.Layer`. */
export const layerClass = new ClassValue('Layer', undefined, undefined, undefined);

/** Where a layer that a class of the program made keeps that class. */
export const classKey = '#class';

export function isCustom(layer: Layer): boolean {
  return layer.extras.has(classKey);
}

/** `super(config)` of a class that extends tf.layers.Layer, or `new` of a class that is not a program's own. */
export function constructTfClass(
  evaluator: Evaluation,
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
  for (const list of ownLists) layer.extras.set(list, new ArrayValue());
  Object.assign(layer, { rule: customLayerRule(evaluator, layer, target) });
  evaluator.recordCreation(layer, site);
  return layer;
}

function customLayerRule(evaluator: Evaluation, layer: Layer, cls: ClassValue): LayerRule {
  let weights: Weight[] | Unknown | undefined;
  return {
    className: layer.className,
    factories: [],
    kind: 'custom',
    create: () => [],
    apply(_config, inputs): LayerFacts {
      const lost = (reason: string) => lostFacts({ reason, at: layer.location });
      if (inputs.some((shape) => shape === null)) return lost('the shape of its input is not known');
      const site: CallSite = { node: cls.node!, location: layer.location! };
      const shapes = (inputs as Shape[]).map((shape) => new ArrayValue(shape.slice()));
      const argument: Value = shapes.length === 1 ? shapes[0] : new ArrayValue(shapes);
      // The first application builds the weights, unless the program has done so itself.
      if (weights === undefined) {
        const isBuilt = layer.extras.get('built') === true;
        if (!isBuilt && evaluator.methodOf(cls, 'build'))
          evaluator.callMethod(cls, layer, 'build', [argument], site);
        weights = ownWeights(layer);
      }
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
      const known = weights instanceof Unknown ? null : weights;
      return {
        outputShapes,
        weights: known,
        // What its `call` computes is not followed; without weights it multiplies with none.
        multiplyAccumulates: known?.length === 0 ? 0 : null,
        window: null,
        derivation: [],
        problems: [],
        ...(weights instanceof Unknown ? { lost: { reason: weights.reason, at: layer.location } } : {}),
      };
    },
  };
}

/** What `computeOutputShape` gives that the program asks of a layer, its own inside `super.` or another. */
export function computeOutputShape(evaluator: Evaluation, layer: Layer, shape: Value, site: CallSite): Value {
  if (isCustom(layer)) return shape;
  const shapes = shapesOf(evaluator, shape);
  const outputs = evaluator.topology.outputShapesOf(layer, shapes);
  if (!outputs) return evaluator.unknown(site.node, `what \`${shortText(site.node)}\` gives is not known`);
  const lists = outputs.map((output) => new ArrayValue(output.slice()));
  return lists.length === 1 ? lists[0] : new ArrayValue(lists);
}

/** The shapes that a program hands to `build` or `computeOutputShape`. */
export function shapesOf(evaluator: Evaluation, value: Value): (Shape | null)[] {
  return toShapes(evaluator, value) ?? [null];
}

// --- weights -----------------------------------------------------------------------------------------------------------

/** tfjs's own fields of a layer; `trainableWeights` and `nonTrainableWeights` are views of both. */
const ownLists = ['_trainableWeights', '_nonTrainableWeights'] as const;

/** Whether a program's own layer keeps weights there: `this.trainableWeights = […]` sets `_trainableWeights`. */
export function assignWeights(layer: Layer, name: string, value: Value): boolean {
  const field = ownLists.find((list) => list === name || list === `_${name}`);
  if (!field || !isCustom(layer)) return false;
  layer.extras.set(field, value);
  if (layer.weights !== null) {
    const weights = ownWeights(layer);
    layer.weights = weights instanceof Unknown ? null : weights;
  }
  return true;
}

/** `addWeight(name, shape, dtype, initializer, regularizer, trainable, constraint)` */
export function addWeight(evaluator: Evaluation, layer: Layer, args: Value[]): Value {
  const [nameValue, shape, , , , trainable] = args;
  const name = typeof nameValue === 'string' ? nameValue : 'weight';
  const weight = new WeightVariable(toShape(evaluator, shape), name, trainable !== false);
  const list = layer.extras.get(trainable === false ? '_nonTrainableWeights' : '_trainableWeights');
  if (!(list instanceof ArrayValue)) return weight;
  evaluator.touch(list);
  if (trainable instanceof UnknownValue) list.rest ??= trainable;
  list.items.push(weight);
  return weight;
}

/** The weights that a program's own layer keeps, the trainable ones first; or why they are not known. */
function ownWeights(layer: Layer): Weight[] | Unknown {
  const trainable: Weight[] = [];
  const frozen: Weight[] = [];
  for (const field of ownLists) {
    const list = layer.extras.get(field);
    if (!(list instanceof ArrayValue))
      return new Unknown(field, list instanceof Unknown ? list.reason : `\`${field}\` is not a list`);
    if (list.rest) return list.rest;
    for (const item of list.items) {
      if (!(item instanceof DataTensor))
        return item instanceof Unknown ? item : new Unknown(field, `\`${field}\` holds something else`);
      if (!item.shape) return new Unknown(item.name, `the shape of weight "${item.name}" is not known`);
      const isTrainable =
        field === '_trainableWeights' && (!(item instanceof WeightVariable) || item.trainable);
      (isTrainable ? trainable : frozen).push({
        name: item.name,
        shape: item.shape,
        trainable: isTrainable,
      });
    }
  }
  return [...trainable, ...frozen];
}

/** A layer's weights: its own, or of a model those of all its layers. Undefined where they are not known. */
function weightsOf(evaluator: Evaluation, layer: Layer): Weight[] | undefined {
  if (layer instanceof Model) return weightsOfModel(layer) ?? undefined;
  // Mirrors Wrapper.trainableWeights: what a wrapper has is its layer's, built or not.
  if (layer.weights === null && layer.className === 'TimeDistributed') {
    const { layer: given } = layer.config as { layer?: { layer?: object } };
    const inner = given?.layer && evaluator.topology.wrapped.get(given.layer);
    return inner && weightsOf(evaluator, inner);
  }
  if (layer.weights === null && isCustom(layer)) {
    const own = ownWeights(layer);
    return own instanceof Unknown ? undefined : own;
  }
  // One that is not built has none yet.
  if (layer.weights === null && layer.calls.length === 0 && layer.rule) return [];
  return weightsNow(layer) ?? undefined;
}

/** `layer.trainableWeights` and the like. */
export function weightList(evaluator: Evaluation, layer: Layer, name: string, node: ts.Node): Value {
  const own = layer.extras.get(name);
  if (own instanceof ArrayValue) return own;
  const wanted = !/nontrainable/i.test(name);
  const weights = weightsOf(evaluator, layer);
  return weights
    ? new ArrayValue(weights.filter(({ trainable }) => trainable === wanted).map(toVariable))
    : evaluator.unknown(node, `the weights of \`${layer.name}\` are not known`);
}

/** `layer.weights`, `layer.getWeights()` */
export function allWeights(evaluator: Evaluation, layer: Layer, node: ts.Node): Value {
  const weights = weightsOf(evaluator, layer);
  return weights
    ? new ArrayValue(
        [
          ...weights.filter(({ trainable }) => trainable),
          ...weights.filter(({ trainable }) => !trainable),
        ].map(toVariable),
      )
    : evaluator.unknown(node, 'its weights are not known');
}

function toVariable({ name, shape, trainable }: Weight): WeightVariable {
  return new WeightVariable(shape, name, trainable);
}
