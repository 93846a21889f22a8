/** `Map` and `Set`. */
import type ts from 'typescript';
import type { Evaluation } from '../evaluator/evaluation';
import { isPrimitive, isUndecided } from '../evaluator/kinds';
import { ArrayValue, type CallSite, ClassValue, ObjectValue, UnknownValue, type Value } from '../values';
import { mapUnknown } from './arrays';
import { type Native, native, notKnown, openSize } from './native';

const mapClass = new ClassValue('Map', undefined, undefined, undefined);
const setClass = new ClassValue('Set', undefined, undefined, undefined);

export function collection(evaluator: Evaluation, kind: 'Map' | 'Set', source: Value): ObjectValue {
  const object = new ObjectValue();
  object.classValue = kind === 'Map' ? mapClass : setClass;
  object.entries = new Map();
  if (source === undefined || source === null) return object;
  const items = evaluator.iterate(source);
  if (!items) {
    object.rest =
      source instanceof UnknownValue ? source : new UnknownValue(kind, 'what it is made from is not known');
    return object;
  }
  for (const item of items) {
    if (kind === 'Set') object.entries.set(item, item);
    else if (item instanceof ArrayValue) object.entries.set(item.items[0], item.items[1]);
  }
  return object;
}

export function collectionMember(
  evaluator: Evaluation,
  object: ObjectValue,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const entries = object.entries!;
  const give = (call: Native) => ({ value: native(name, call) });
  const known = (key: Value) => isPrimitive(key) || !isUndecided(key);
  /** With a key that is not known, any entry may be meant. */
  const lose = (site: CallSite, key: Value) => {
    entries.clear();
    object.rest ??= notKnown(evaluator, site, key);
  };
  const list = (items: Value[]) => {
    const array = new ArrayValue(items);
    array.rest = object.rest;
    return array;
  };
  switch (name) {
    case 'get':
      return give(([key], site) =>
        known(key) && (entries.has(key) || !object.rest)
          ? entries.get(key)
          : notKnown(evaluator, site, object.rest ?? key),
      );
    case 'has':
      return give(([key], site) =>
        known(key) && (entries.has(key) || !object.rest)
          ? entries.has(key)
          : notKnown(evaluator, site, key, 'boolean'),
      );
    case 'set':
      return give(([key, value], site) => {
        evaluator.touch(object);
        if (known(key)) entries.set(key, value);
        else lose(site, key);
        return object;
      });
    case 'add':
      return give(([key], site) => {
        evaluator.touch(object);
        if (known(key)) entries.set(key, key);
        else lose(site, key);
        return object;
      });
    case 'delete':
      return give(([key], site) => {
        evaluator.touch(object);
        if (!known(key)) lose(site, key);
        return entries.delete(key);
      });
    case 'clear':
      return give(() => {
        evaluator.touch(object);
        entries.clear();
        return undefined;
      });
    case 'size':
      return { value: object.rest ? openSize(object.rest, node) : entries.size };
    case 'keys':
      return give(() => list([...entries.keys()]));
    case 'values':
      return give(() => list([...entries.values()]));
    case 'entries':
      return give(() => list([...entries].map(([key, value]) => new ArrayValue([key, value]))));
    case 'forEach':
      return give(([callback], site) => {
        if (object.rest) mapUnknown(evaluator, list([]), callback, site);
        for (const [key, value] of [...entries]) evaluator.call(callback, [value, key], site);
        return undefined;
      });
  }
  return undefined;
}
