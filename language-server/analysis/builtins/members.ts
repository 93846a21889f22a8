/** What values can do that are no objects of the program's own: members of texts, numbers, lists, functions, promises. */
import type ts from 'typescript';
import { Unknown } from '../../../model-graph/layers/rule';
import type { Evaluation } from '../evaluator/evaluation';
import { isPrimitive } from '../evaluator/kinds';
import { matchingMember, memberOfExpression } from '../regularExpressions';
import { ArrayValue, ClassValue, FunctionValue, isCallable, ObjectValue, type Value } from '../values';
import { arrayMember } from './arrays';
import { collectionMember } from './collections';
import { maximumLength, native, notKnown } from './native';

export function memberOfBuiltin(
  evaluator: Evaluation,
  object: Value,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  if (typeof object === 'string' || typeof object === 'number') {
    const member =
      typeof object === 'number'
        ? numberMember(evaluator, object, name)
        : (matchingMember(evaluator, object, name) ?? stringMember(evaluator, object, name));
    if (member) return member;
  }
  if (object instanceof ArrayValue) {
    if (object.members?.has(name)) return { value: object.members.get(name) };
    const member = arrayMember(evaluator, object, name, node);
    if (member) return member;
  }
  if (object instanceof ObjectValue && object.entries) {
    const member = collectionMember(evaluator, object, name, node);
    if (member) return member;
  }
  if (object instanceof ObjectValue && object.pattern) {
    const member = memberOfExpression(evaluator, object, name);
    if (member) return member;
  }
  if (object instanceof ObjectValue && name === 'hasOwnProperty') {
    return {
      value: native(name, ([key], site) =>
        typeof key === 'string' && (object.properties.has(key) || !object.rest)
          ? object.properties.has(key) || object.getters.has(key)
          : notKnown(evaluator, site, key, 'boolean'),
      ),
    };
  }
  if (isCallable(object) && !(object instanceof ClassValue)) {
    if (name === 'call')
      return { value: native(name, ([self, ...args], site) => evaluator.call(object, args, site, self)) };
    if (name === 'apply') {
      return {
        value: native(name, ([self, list], site) =>
          evaluator.call(object, evaluator.iterate(list) ?? [], site, self),
        ),
      };
    }
    if (name === 'bind') {
      return {
        value: native(name, ([self, ...bound]) =>
          object instanceof FunctionValue && bound.length === 0
            ? new FunctionValue(object.node, object.scope, self, object.name, object.home)
            : native(object.name, (args, site) => evaluator.call(object, [...bound, ...args], site, self)),
        ),
      };
    }
    if (name === 'name') return { value: object.name };
  }
  // A promise is its value: `.then(f)` is `f(value)`.
  if (object !== undefined && object !== null && !(object instanceof ObjectValue && object.rest)) {
    if (name === 'then') {
      return {
        value: native(name, ([callback], site) =>
          isCallable(callback) ? evaluator.call(callback, [object], site) : object,
        ),
      };
    }
    if (name === 'catch') return { value: native(name, () => object) };
    if (name === 'finally') {
      return {
        value: native(name, ([callback], site) => {
          if (isCallable(callback)) evaluator.call(callback, [], site);
          return object;
        }),
      };
    }
  }
  return undefined;
}

function stringMember(evaluator: Evaluation, text: string, name: string): { value: Value } | undefined {
  if (name === 'length') return { value: text.length };
  const method = (text as unknown as Record<string, unknown>)[name];
  if (typeof method !== 'function') return undefined;
  return {
    value: native(name, (args, site) => {
      if (!args.every(isPrimitive))
        return notKnown(
          evaluator,
          site,
          args.find((arg) => arg instanceof Unknown),
          'string',
        );
      if (name === 'repeat' && Number(args[0]) * text.length > maximumLength)
        return notKnown(evaluator, site, undefined, 'string');
      if ((name === 'padStart' || name === 'padEnd') && Number(args[0]) > maximumLength)
        return notKnown(evaluator, site, undefined, 'string');
      let result: unknown;
      try {
        result = method.apply(text, args);
      } catch {
        return notKnown(evaluator, site);
      }
      if (Array.isArray(result)) return new ArrayValue(result as Value[]);
      if (typeof result === 'string') return evaluator.spendText(result);
      return isPrimitive(result as Value) ? (result as Value) : notKnown(evaluator, site);
    }),
  };
}

function numberMember(evaluator: Evaluation, value: number, name: string): { value: Value } | undefined {
  if (!['toFixed', 'toString', 'toPrecision'].includes(name)) return undefined;
  return {
    value: native(name, ([digits], site) => {
      try {
        const count = typeof digits === 'number' ? digits : undefined;
        return name === 'toFixed'
          ? value.toFixed(count)
          : name === 'toString'
            ? value.toString(count)
            : value.toPrecision(count);
      } catch {
        return notKnown(evaluator, site, undefined, 'string');
      }
    }),
  };
}
