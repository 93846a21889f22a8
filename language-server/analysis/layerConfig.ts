/** Values as TensorFlow.js takes them: the configuration of a layer, a shape, a list of shapes. */
import { isSymbolic, type Shape } from '../../model-graph/dims';
import { type ConfigValue, type LayerConfig, Unknown } from '../../model-graph/layers/rule';
import { Layer, Model } from '../../model-graph/wired';
import { ruleOfModel } from '../../model-graph/wrappedModel';
import type { Evaluation } from './evaluator/evaluation';
import { isPrimitive } from './evaluator/kinds';
import {
  ArrayValue,
  NativeFunction,
  ObjectValue,
  Quotient,
  SerializableValue,
  UnknownValue,
  type Value,
} from './values';

/** The object a factory is called with. Where parts of it are not known, every option it does not name is unknown, too. */
export function toLayerConfig(evaluator: Evaluation, value: Value): LayerConfig {
  if (value instanceof ObjectValue) {
    const config: LayerConfig = { ...value.configuration };
    for (const [name, getter] of value.getters)
      config[name] = optionValue(evaluator, name, evaluator.invoke(getter, [], value, undefined));
    for (const [name, entry] of value.properties) config[name] = optionValue(evaluator, name, entry);
    return value.rest ? openConfig(evaluator, config, value.rest) : config;
  }
  if (value instanceof UnknownValue) return openConfig(evaluator, {}, value);
  return {};
}

/** Options that are read but not named come out as unknowns named after them. */
function openConfig(evaluator: Evaluation, config: LayerConfig, unknown: UnknownValue): LayerConfig {
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

function optionValue(evaluator: Evaluation, name: string, value: Value): ConfigValue {
  const isSize = value instanceof UnknownValue && (sizes.has(name) || value.type === 'number');
  return (isSize ? evaluator.asQuantity(value) : undefined) ?? toConfigValue(evaluator, value);
}

function optionOf(unknown: UnknownValue, name: string): Value {
  return unknown.member(name, () => new UnknownValue(`${unknown.name}.${name}`, unknown.reason, unknown.at));
}

export function toConfigValue(evaluator: Evaluation, value: Value): ConfigValue {
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
    if (value.rest) {
      const list = new Unknown(value.rest.name, value.rest.reason, value.rest.at);
      if (value.samples)
        list.samples = [...value.items, ...value.samples].map((item) => toConfigValue(evaluator, item));
      return list;
    }
    return Array.from(value.items, (item) => {
      const element = toConfigValue(evaluator, item);
      // What stands in a list of sizes is a size.
      if (element instanceof UnknownValue) return evaluator.asQuantity(element) ?? element;
      return element;
    });
  }
  if (value instanceof SerializableValue)
    return { serializable: { className: value.className, config: value.config } };
  if (value instanceof Layer) {
    const { className, name, config } = value;
    const rule = value instanceof Model ? ruleOfModel(evaluator.topology, value) : value.rule;
    const layer = { className, name, config, rule };
    evaluator.topology.wrapped.set(layer, value);
    return { layer };
  }
  if (value instanceof ObjectValue) return toLayerConfig(evaluator, value);
  const name = value instanceof NativeFunction && lossFunction.test(value.name) ? value.name : '…';
  return new Unknown(name, 'this value is not followed');
}

/** TensorFlow.js's own functions that `compile` takes for a loss or a metric. */
const lossFunction = /^tf\.(losses|metrics)\.\w+$/;

export function isSerializable(
  value: ConfigValue,
): value is { serializable: { className: string; config: LayerConfig } } {
  return value !== null && typeof value === 'object' && 'serializable' in value;
}

/** What is not known stands in brackets; `tf.losses.meanSquaredError` and its like are known by their names. */
export function plain(value: ConfigValue): Record<string, unknown> {
  const nameOf = ({ name }: Unknown) => (lossFunction.test(name) ? name : `‹${name}›`);
  return JSON.parse(
    JSON.stringify(value, (_key, entry) => (entry instanceof Unknown ? nameOf(entry) : entry)),
  ) as Record<string, unknown>;
}

export function toShape(evaluator: Evaluation, value: Value): Shape | null {
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

export function toShapes(evaluator: Evaluation, value: Value): Shape[] | null {
  if (value instanceof ArrayValue && value.items[0] instanceof ArrayValue) {
    const shapes = Array.from(value.items, (item) => toShape(evaluator, item));
    return shapes.every((shape) => shape !== null) ? (shapes as Shape[]) : null;
  }
  const shape = toShape(evaluator, value);
  return shape ? [shape] : null;
}

/** The shape of literal data: as given, else counted from nested arrays. */
export function dataShape(evaluator: Evaluation, data: Value, shape: Value): Shape | null {
  if (shape instanceof ArrayValue) return toShape(evaluator, shape);
  const counted: Shape = [];
  for (let at = data; at instanceof ArrayValue; at = at.items[0]) {
    if (at.rest) return null;
    counted.push(at.items.length);
  }
  return counted.length > 0 ? counted : null;
}
