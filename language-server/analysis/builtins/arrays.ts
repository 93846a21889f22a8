/** Lists: `Array` and its methods, where all elements are known and where more may follow. */
import type ts from 'typescript';
import { Unknown } from '../../../model-graph/layers/rule';
import type { Evaluation } from '../evaluator/evaluation';
import { isPrimitive, isUndecided } from '../evaluator/kinds';
import { shortText } from '../evaluator/syntax';
import {
  ArrayValue,
  type CallSite,
  FunctionValue,
  isCallable,
  ObjectValue,
  Scope,
  UnknownValue,
  type Value,
} from '../values';
import { textOf } from './data';
import { maximumLength, type Native, native, notKnown, openSize } from './native';

export function arrayConstructor(evaluator: Evaluation): Value {
  const create: Native = (args, site) => {
    if (args.length !== 1) return new ArrayValue(args);
    const [length] = args;
    // With holes, which `map` and `forEach` pass over.
    if (typeof length === 'number' && length >= 0 && length <= maximumLength)
      return new ArrayValue(new Array(Math.floor(length)));
    if (isPrimitive(length) && typeof length !== 'number') return new ArrayValue([length]);
    const array = new ArrayValue();
    array.rest = notKnown(evaluator, site, length);
    return array;
  };
  return native('Array', create, {
    isArray: native('isArray', ([value], site) =>
      value instanceof UnknownValue
        ? value.type && value.type !== 'object'
          ? false
          : new UnknownValue(`Array.isArray(${value.name})`, value.reason, site.location, 'boolean')
        : value instanceof ArrayValue,
    ),
    of: native('of', (args) => new ArrayValue(args)),
    from: native('from', ([source, mapper], site) => {
      let items = evaluator.iterate(source);
      if (!items && source instanceof ObjectValue) {
        const length = source.properties.get('length');
        if (typeof length === 'number' && length <= maximumLength)
          items = Array.from({ length }, (_, index) => source.properties.get(String(index)));
      }
      if (!items) {
        const array = new ArrayValue();
        array.rest = notKnown(
          evaluator,
          site,
          source instanceof ObjectValue ? source.properties.get('length') : source,
        );
        return isCallable(mapper) ? mapUnknown(evaluator, array, mapper, site) : array;
      }
      return new ArrayValue(
        isCallable(mapper) ? items.map((item, index) => evaluator.call(mapper, [item, index], site)) : items,
      );
    }),
  });
}

/** Calls a callback for what a list is known to begin with, then for the elements that are not known. */
export function mapUnknown(
  evaluator: Evaluation,
  array: ArrayValue,
  callback: Value,
  site: CallSite,
  self?: Value,
): ArrayValue {
  const results = new ArrayValue();
  results.rest = array.rest;
  if (!(callback instanceof FunctionValue) || !array.rest) return results;
  const items = array.items.slice();
  items.forEach((item, index) => {
    results.items.push(evaluator.call(callback, [item, index, array], site, self));
  });
  const first = evaluator.callbackRounds(site, callback, array.rest, items.length, (element, index) => [
    element,
    index,
    array,
  ]);
  if (first) results.items.push(first.value);
  return results;
}

export function arrayMember(
  evaluator: Evaluation,
  array: ArrayValue,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const give = (call: Native) => ({ value: native(name, call) });
  const { items } = array;
  if (name === 'length') {
    if (!array.rest) return { value: items.length };
    return { value: openSize(array.rest, node, items.length) };
  }
  if (/^\d+$/.test(name)) return { value: evaluator.element(array, Number(name), node) };
  const open = (site: CallSite, type?: UnknownValue['type']) => notKnown(evaluator, site, array.rest, type);
  const callback = (fn: Value, site: CallSite, self?: Value) => (item: Value, index: number) =>
    evaluator.call(fn, [item, index, array], site, self);
  const test = (fn: Value, site: CallSite) => (item: Value, index: number) =>
    evaluator.truthy(callback(fn, site)(item, index), site.node);
  const derived = (list: Value[]) => {
    const result = new ArrayValue(list);
    result.rest = array.rest;
    return result;
  };
  switch (name) {
    case 'push':
      return give((args, site) => {
        const { samples } = array;
        evaluator.touch(array);
        array.samples = samples && [...samples, ...args];
        for (const arg of args) {
          if (arg instanceof UnknownValue && arg.standsForMore) array.rest ??= arg;
          else if (items.length >= maximumLength) array.rest ??= notKnown(evaluator, site);
          if (array.rest) return open(site, 'number'); // the places of what follows are not known
          items.push(arg);
        }
        return items.length;
      });
    case 'unshift':
      return give((args, site) => {
        evaluator.touch(array);
        const spread = args.findIndex((arg) => arg instanceof UnknownValue && arg.standsForMore);
        if (spread >= 0) evaluator.loseElements(array, 0, args[spread] as UnknownValue);
        const length = items.unshift(...(spread < 0 ? args : args.slice(0, spread)));
        return array.rest ? open(site, 'number') : length;
      });
    case 'pop':
      return give((_, site) => {
        evaluator.touch(array);
        const last = items.pop(); // with more to follow, the last one known may be the one that goes
        return array.rest ? open(site) : last;
      });
    case 'shift':
      return give((_, site) => {
        evaluator.touch(array);
        return array.rest && items.length === 0 ? open(site) : items.shift();
      });
    case 'next': // of a generator, whose values are all made when it is called
      return give((_, site) => {
        evaluator.touch(array);
        if (array.rest && items.length === 0) return open(site);
        const done = items.length === 0;
        const value = done ? array.returned : items.shift();
        if (done) array.returned = undefined;
        return new ObjectValue([
          ['value', value],
          ['done', done],
        ]);
      });
    case 'forEach':
    case 'map':
      return give(([fn, self], site) => {
        if (array.rest) {
          const results = mapUnknown(evaluator, array, fn, site, self);
          return name === 'map' ? results : undefined;
        }
        const results = items.slice().map(callback(fn, site, self));
        return name === 'map' ? new ArrayValue(results) : undefined;
      });
    case 'flatMap':
      return give(([fn], site) => {
        if (array.rest) return flatten(evaluator, mapUnknown(evaluator, array, fn, site), 1, site);
        return flatten(evaluator, new ArrayValue(items.slice().map(callback(fn, site))), 1, site);
      });
    case 'filter':
      return give(([fn], site) => {
        if (array.rest) {
          const kept = mapUnknown(evaluator, array, fn, site);
          kept.items.length = 0; // which ones are kept is not looked at
          return kept;
        }
        return new ArrayValue(items.filter(test(fn, site)));
      });
    case 'reduce':
    case 'reduceRight':
      return give((args, site) => {
        if (array.rest) return reduceUnknown(evaluator, array, args, site, name === 'reduceRight');
        const list = Array.from(items.entries());
        if (name === 'reduceRight') list.reverse();
        let accumulated = args.length > 1 ? args[1] : list.shift()?.[1];
        for (const [index, item] of list)
          accumulated = evaluator.call(args[0], [accumulated, item, index, array], site);
        return accumulated;
      });
    case 'find':
      return give(([fn], site) => (array.rest ? open(site) : items.find(test(fn, site))));
    case 'findIndex':
      return give(([fn], site) => (array.rest ? open(site, 'number') : items.findIndex(test(fn, site))));
    case 'some':
      return give(([fn], site) => (array.rest ? open(site, 'boolean') : items.some(test(fn, site))));
    case 'every':
      return give(([fn], site) => (array.rest ? open(site, 'boolean') : items.every(test(fn, site))));
    case 'includes':
      return give(([value], site) => {
        if (items.includes(value)) return true;
        return array.rest || isUndecided(value) || items.some(isUndecided) ? open(site, 'boolean') : false;
      });
    case 'indexOf':
    case 'lastIndexOf':
      return give(([value], site) =>
        array.rest || isUndecided(value) || items.some(isUndecided)
          ? open(site, 'number')
          : items[name](value),
      );
    case 'findLast':
    case 'findLastIndex':
      return give(([fn], site) => {
        if (array.rest) return open(site);
        const index = items.findLastIndex(test(fn, site));
        return name === 'findLast' ? items[index] : index;
      });
    case 'concat':
      return give((args) => {
        const result = derived(items.slice());
        for (const arg of args) {
          if (result.rest) break; // the places of what follows are not known
          if (arg instanceof ArrayValue) {
            result.items.push(...arg.items);
            result.rest ??= arg.rest;
          } else if (arg instanceof UnknownValue) result.rest ??= arg;
          else result.items.push(arg);
        }
        return result;
      });
    case 'slice':
      return give(([start, end], site) => {
        const bounds = [start, end].every((bound) => bound === undefined || typeof bound === 'number');
        const from = typeof start === 'number' ? start : 0;
        if (bounds && from >= 0 && typeof end === 'number' && end >= 0 && end <= items.length)
          return new ArrayValue(items.slice(from, end));
        if (!bounds || (array.rest && ((start as number) < 0 || (end as number) < 0))) {
          const result = new ArrayValue();
          result.rest = array.rest ?? notKnown(evaluator, site, start instanceof Unknown ? start : end);
          result.rest.candidates ??= items;
          return result;
        }
        return derived(items.slice(start as number | undefined, end as number | undefined));
      });
    case 'splice':
      return give((args, site) => {
        const [start, count, ...inserted] = args;
        evaluator.touch(array);
        const isKnown = typeof start === 'number' && (count === undefined || typeof count === 'number');
        const spread = args.find((arg) => arg instanceof UnknownValue && arg.standsForMore);
        if (!isKnown || array.rest || spread) {
          const from = typeof start === 'number' && start >= 0 ? start : 0;
          evaluator.loseElements(array, from, notKnown(evaluator, site, spread ?? start));
          return derived([]);
        }
        return new ArrayValue(
          args.length < 2 ? items.splice(start) : items.splice(start, count as number, ...inserted),
        );
      });
    case 'fill':
      return give(([value, start, end]) => {
        evaluator.touch(array);
        items.fill(
          value,
          typeof start === 'number' ? start : undefined,
          typeof end === 'number' ? end : undefined,
        );
        return array;
      });
    case 'reverse':
      return give(() => {
        evaluator.touch(array);
        if (array.rest) items.length = 0;
        items.reverse();
        return array;
      });
    case 'toReversed':
      return give(() => derived(array.rest ? [] : items.slice().reverse()));
    case 'sort':
    case 'toSorted':
      return give(([fn], site) => {
        const target = name === 'sort' ? array : derived(items.slice());
        evaluator.touch(target);
        let isKnown = !array.rest && (isCallable(fn) || items.every(isPrimitive));
        const compare = (left: Value, right: Value): number => {
          const order = evaluator.call(fn, [left, right], site);
          isKnown &&= isPrimitive(order);
          return isPrimitive(order) ? Number(order) || 0 : 0;
        };
        if (isKnown) target.items.sort(isCallable(fn) ? compare : undefined);
        if (!isKnown) evaluator.loseElements(target, 0, notKnown(evaluator, site));
        return target;
      });
    case 'flat':
      return give(([depth], site) => flatten(evaluator, array, typeof depth === 'number' ? depth : 1, site));
    case 'toString':
      return give((_, site) => textOf(array) ?? open(site, 'string'));
    case 'at':
      return give(([index], site) =>
        typeof index === 'number' && (!array.rest || (index >= 0 && index < items.length))
          ? items.at(index)
          : open(site),
      );
    case 'join':
      return give(([separator], site) =>
        !array.rest && items.every(isPrimitive)
          ? evaluator.spendText(items.join(typeof separator === 'string' ? separator : ','))
          : open(site, 'string'),
      );
    case 'keys':
      return give(() => derived([...items.keys()]));
    case 'values':
      return give(() => derived(Array.from(items)));
    case 'entries':
      return give(() => derived(Array.from(items, (item, index) => new ArrayValue([index, item]))));
  }
  return undefined;
}

function flatten(evaluator: Evaluation, array: ArrayValue, depth: number, site: CallSite): ArrayValue {
  const flat = new ArrayValue();
  const visit = (list: ArrayValue, left: number): void => {
    for (const item of list.items) {
      if (flat.rest) return; // the places of what follows are not known
      if (item instanceof ArrayValue && left > 0) visit(item, left - 1);
      else if (item instanceof UnknownValue && left > 0) flat.rest = notKnown(evaluator, site, item);
      else flat.items.push(item);
    }
    flat.rest ??= list.rest;
  };
  visit(array, depth);
  return flat;
}

/** Like a loop whose rounds are not known, with what is accumulated for the variable that it changes. */
function reduceUnknown(
  evaluator: Evaluation,
  array: ArrayValue,
  args: Value[],
  site: CallSite,
  fromEnd: boolean,
): Value {
  const [callback, initial] = args;
  const result = notKnown(evaluator, site, array.rest);
  if (!(callback instanceof FunctionValue)) return result;
  const state = new Scope(undefined);
  const known = fromEnd ? [] : array.items.slice();
  const begin =
    args.length > 1 ? initial : known.length > 0 ? known[0] : evaluator.elementOfUnknown(array, site.node);
  state.declare('accumulated', begin);
  const round = (element: Value, index: Value) => () => {
    const next = evaluator.call(callback, [state.bindings.get('accumulated'), element, index, array], site);
    evaluator.touch(state);
    state.declare('accumulated', next);
    return undefined;
  };
  known.forEach((item, index) => {
    if (index > 0 || args.length > 1) round(item, index)();
  });
  const index = new UnknownValue('index', array.rest?.reason ?? '', array.rest?.at, 'number');
  index.atLeast = known.length;
  let any = evaluator.elementOfUnknown(array, site.node);
  evaluator.unknownRounds(
    site.node,
    callback.scope,
    [callback.node],
    shortText(site.node),
    () => round(any, index)(),
    () => {
      const first = any; // keeps its name
      any = evaluator.elementOfUnknown(array, site.node);
      index.atLeast = known.length + 1;
      return round(first, known.length)();
    },
  );
  return state.bindings.get('accumulated');
}
