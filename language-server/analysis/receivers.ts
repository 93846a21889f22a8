/**
 * What `this` is in functions that nothing calls: the object whose method it is, an object made by the function whose
 * prototype it stands in, or the instance that Vue makes of a component's options.
 */
import ts from 'typescript';
import type { Evaluation } from './evaluator/evaluation';
import { isPrimitive, typeOfPrimitive } from './evaluator/kinds';
import { memberNameText, targetOf } from './evaluator/syntax';
import { type FunctionNode, FunctionValue, ObjectValue, UnknownValue, type Value } from './values';

/** `own` is the object literal that it is a method of. */
export function receiverOf(evaluator: Evaluation, node: FunctionNode, own: Value): Value {
  if (ts.isArrowFunction(node)) return own;
  const options = optionsAround(node);
  const instance = options && componentInstance(evaluator, options, node);
  if (instance) return instance;
  if (own instanceof ObjectValue) {
    // Whoever calls it may have given the object more by then.
    own.rest ??= evaluator.unknown(node, '`this` may have more than its object literal says', 'this');
    return own;
  }
  return (
    evaluator.instanceByPrototype(node) ??
    own ??
    evaluator.unknown(node, 'what `this` is here is not known', 'this')
  );
}

// --- Vue's options objects -----------------------------------------------------------------------------------------------

/** The parts of a component's options that hold functions. */
const functionParts = new Set(['methods', 'computed', 'watch']);
const markers = new Set(['methods', 'computed', 'data']);

/** `{data() {…}, methods: {…}}` around one of its functions. */
function optionsAround(node: FunctionNode): ts.ObjectLiteralExpression | undefined {
  const at = ts.isObjectLiteralExpression(node.parent) ? node.parent : node.parent.parent;
  if (!at || !ts.isObjectLiteralExpression(at)) return undefined;
  const part = at.parent;
  const isPart = ts.isPropertyAssignment(part) && functionParts.has(memberNameText(part.name) ?? '');
  const options = isPart && ts.isObjectLiteralExpression(part.parent) ? part.parent : at;
  return isOptions(options) ? options : undefined;
}

/** Whether an object literal looks like a component's options: two of what they hold, or a function for its data. */
export function isOptions(literal: ts.ObjectLiteralExpression): boolean {
  return literal.properties.some((property) => {
    const name = property.name && memberNameText(property.name);
    if (!name || !markers.has(name)) return false;
    if (name === 'data') {
      const value = ts.isPropertyAssignment(property) ? property.initializer : property;
      return ts.isFunctionLike(value);
    }
    return ts.isPropertyAssignment(property) && ts.isObjectLiteralExpression(property.initializer);
  });
}

function componentInstance(
  evaluator: Evaluation,
  options: ts.ObjectLiteralExpression,
  node: FunctionNode,
): ObjectValue | undefined {
  const known = evaluator.components.get(options);
  if (known) return known.instance;
  const object = evaluator.optionObjects.get(options);
  if (!object) return undefined;
  const instance = new ObjectValue();
  evaluator.components.set(options, { instance });
  const site = { node, location: evaluator.locate(node) };
  instance.rest = evaluator.unknown(options, '`this` has more than the component itself says', 'this');
  for (const [name, value] of partsOf(object, 'methods')) instance.properties.set(name, value);
  for (const [name, value] of partsOf(object, 'computed')) {
    const getter = value instanceof ObjectValue ? value.properties.get('get') : value;
    if (getter instanceof FunctionValue) instance.getters.set(name, getter);
  }
  const given = object.properties.get('data');
  const data = given instanceof FunctionValue ? evaluator.call(given, [], site, instance) : given;
  if (!(data instanceof ObjectValue)) return instance;
  const written = fieldsWrittenIn(options);
  for (const [name, value] of data.properties) {
    const varies = written.has(name) && isPrimitive(value) && value !== null && value !== undefined;
    const reason = `\`this.${name}\` is set by functions of the component, and perhaps by its template`;
    instance.properties.set(
      name,
      varies ? new UnknownValue(name, reason, site.location, typeOfPrimitive(value)) : value,
    );
  }
  return instance;
}

function partsOf(object: ObjectValue, part: string): Iterable<[string, Value]> {
  const value = object.properties.get(part);
  return value instanceof ObjectValue ? value.properties : [];
}

/** The fields of `this` that code assigns: `this.units = 5`, `this.count++`; and what a template sets. */
function fieldsWrittenIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (at: ts.Node): void => {
    const target = targetOf(at);
    if (target && ts.isPropertyAccessExpression(target)) names.add(target.name.text);
    ts.forEachChild(at, visit);
  };
  visit(node);
  for (const [, name] of node.getSourceFile().text.matchAll(/v-model[.\w]*\s*=\s*["'](?:\w+\.)*(\w+)["']/g))
    names.add(name!);
  return names;
}
