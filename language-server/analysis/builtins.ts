/** JavaScript's own library, as far as programs that describe networks use it. */
import type ts from 'typescript';
import { ceilDivide, floorDivide, isSymbolic, maximum, minimum, type Quantity } from '../../model-graph/dims';
import { Unknown } from '../../model-graph/layers/rule';
import { type Evaluator, isPrimitive, isUndecided, shortText } from './evaluator';
import { tfNamespace } from './tfjs';
import {
  ArrayValue,
  type CallSite,
  ClassValue,
  FunctionValue,
  isCallable,
  NativeFunction,
  ObjectValue,
  Quotient,
  UnknownValue,
  type Value,
} from './values';

type Native = (args: Value[], site: CallSite, thisValue: Value) => Value;
const maximumLength = 100_000;

/** What a name means that the program does not declare. */
export function globalValue(evaluator: Evaluator, name: string): Value {
  switch (name) {
    case 'tf':
      return tfNamespace; // the global of a <script> tag
    case 'Math':
      return mathObject(evaluator);
    case 'Array':
      return arrayConstructor(evaluator);
    case 'Object':
      return objectConstructor(evaluator);
    case 'Number':
      return native('Number', ([value]) => toNumber(evaluator, value), {
        isInteger: native('isInteger', ([v], site) =>
          isPrimitive(v) ? Number.isInteger(v) : isSymbolic(v) ? true : notKnown(evaluator, site, v),
        ),
        isFinite: native('isFinite', ([v], site) =>
          isPrimitive(v) ? Number.isFinite(v) : isSymbolic(v) ? true : notKnown(evaluator, site, v),
        ),
        isNaN: native('isNaN', ([v], site) =>
          isPrimitive(v) ? Number.isNaN(v) : isSymbolic(v) ? false : notKnown(evaluator, site, v),
        ),
        parseInt: native('parseInt', ([v]) =>
          isPrimitive(v) ? Number.parseInt(String(v), 10) : toNumber(evaluator, v),
        ),
        parseFloat: native('parseFloat', ([v]) =>
          isPrimitive(v) ? Number.parseFloat(String(v)) : toNumber(evaluator, v),
        ),
        MAX_SAFE_INTEGER: Number.MAX_SAFE_INTEGER,
        POSITIVE_INFINITY: Number.POSITIVE_INFINITY,
        EPSILON: Number.EPSILON,
      });
    case 'parseInt':
      return native('parseInt', ([value, radix]) =>
        isPrimitive(value)
          ? Number.parseInt(String(value), typeof radix === 'number' ? radix : 10)
          : toNumber(evaluator, value),
      );
    case 'parseFloat':
      return native('parseFloat', ([value]) =>
        isPrimitive(value) ? Number.parseFloat(String(value)) : toNumber(evaluator, value),
      );
    case 'isNaN':
      return native('isNaN', ([value], site) =>
        isPrimitive(value) ? Number.isNaN(Number(value)) : notKnown(evaluator, site, value),
      );
    case 'String':
      return native('String', ([value], site) =>
        isPrimitive(value) || isSymbolic(value) ? String(value) : notKnown(evaluator, site, value, 'string'),
      );
    case 'Boolean':
      return native('Boolean', ([value], site) =>
        isUndecided(value) ? notKnown(evaluator, site, value, 'boolean') : Boolean(value),
      );
    case 'Map':
    case 'Set':
      return native(name, ([source]) => collection(evaluator, name, source));
    case 'Promise':
      return promiseConstructor(evaluator);
    case 'JSON':
      return jsonObject(evaluator);
    case 'Error':
    case 'TypeError':
    case 'RangeError':
      return native(name, ([message]) => new ObjectValue([['message', message]]));
    case 'console':
      return consoleObject;
    case 'globalThis':
    case 'window':
    case 'self':
      return new ObjectValue([['tf', tfNamespace]]);
    case 'structuredClone':
      return native(name, ([value]) => cloneData(value));
    default:
      return undefined;
  }
}

const consoleObject = new ObjectValue(
  [
    'log',
    'info',
    'warn',
    'error',
    'debug',
    'table',
    'time',
    'timeEnd',
    'group',
    'groupEnd',
    'trace',
    'assert',
  ].map((name) => [name, new NativeFunction(`console.${name}`, () => undefined)] as [string, Value]),
);

function native(name: string, call: Native, members: Record<string, Value> = {}): NativeFunction {
  return new NativeFunction(name, call, new Map(Object.entries(members)));
}

function notKnown(
  evaluator: Evaluator,
  site: CallSite,
  cause?: Value,
  type?: UnknownValue['type'],
): UnknownValue {
  const reason = cause instanceof Unknown ? cause.reason : `\`${shortText(site.node)}\` is not followed`;
  return new UnknownValue(
    shortText(site.node),
    reason,
    cause instanceof Unknown ? cause.at : evaluator.locate(site.node),
    type,
  );
}

function toNumber(_evaluator: Evaluator, value: Value): Value {
  if (isPrimitive(value)) return Number(value);
  if (value instanceof UnknownValue && value.type !== 'number')
    return new UnknownValue(value.name, value.reason, value.at, 'number');
  return value;
}

// --- Math ----------------------------------------------------------------------------------------------------------

function mathObject(evaluator: Evaluator): Value {
  const members: [string, Value][] = [];
  for (const name of Object.getOwnPropertyNames(Math)) {
    const own = (Math as unknown as Record<string, unknown>)[name];
    if (typeof own === 'number') members.push([name, own]);
    else members.push([name, native(`Math.${name}`, (args, site) => math(evaluator, name, args, site))]);
  }
  return new ObjectValue(members);
}

function math(evaluator: Evaluator, name: string, args: Value[], site: CallSite): Value {
  if (name === 'random')
    return new UnknownValue('Math.random()', '`Math.random()` differs every time', site.location, 'number');
  if (args.every((arg) => typeof arg === 'number')) {
    return (Math as unknown as Record<string, (...numbers: number[]) => number>)[name]!(
      ...(args as number[]),
    );
  }
  const [first] = args;
  if (['floor', 'ceil', 'trunc', 'round'].includes(name) && args.length === 1) {
    if (first instanceof Quotient) {
      if (name === 'ceil') return ceilDivide(first.numerator, first.denominator);
      if (name === 'floor') return floorDivide(first.numerator, first.denominator);
    } else {
      const quantity = evaluator.asQuantity(first);
      if (quantity !== undefined) return quantity;
    }
  }
  if ((name === 'max' || name === 'min') && args.length > 0) {
    const quantities = args.map((arg) => evaluator.asQuantity(arg));
    if (quantities.every((quantity) => quantity !== undefined)) {
      const combine = name === 'max' ? maximum : minimum;
      return (quantities as Quantity[]).reduce((left, right) => combine(left, right));
    }
  }
  return notKnown(
    evaluator,
    site,
    args.find((arg) => arg instanceof Unknown),
    'number',
  );
}

// --- Array, Object, JSON, Promise, Map, Set ---------------------------------------------------------------------------

function arrayConstructor(evaluator: Evaluator): Value {
  const create: Native = (args, site) => {
    if (args.length !== 1) return new ArrayValue(args);
    const [length] = args;
    if (typeof length === 'number')
      return new ArrayValue(new Array(Math.min(Math.max(0, length), maximumLength)).fill(undefined));
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
        if (typeof length === 'number') items = new Array(Math.min(length, maximumLength)).fill(undefined);
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

function objectConstructor(evaluator: Evaluator): Value {
  const listing =
    (pick: (name: string, value: Value) => Value): Native =>
    ([object], site) => {
      if (object instanceof ObjectValue && !object.rest) {
        return new ArrayValue([...object.properties].map(([name, value]) => pick(name, value)));
      }
      if (object instanceof ArrayValue && !object.rest) {
        return new ArrayValue(object.items.map((value, index) => pick(String(index), value)));
      }
      const array = new ArrayValue();
      array.rest = notKnown(evaluator, site, object);
      return array;
    };
  const same: Native = ([object]) => object;
  return native('Object', ([value]) => value ?? new ObjectValue(), {
    keys: native(
      'keys',
      listing((name) => name),
    ),
    values: native(
      'values',
      listing((_, value) => value),
    ),
    entries: native(
      'entries',
      listing((name, value) => new ArrayValue([name, value])),
    ),
    assign: native('assign', ([target, ...sources], site) => {
      if (!(target instanceof ObjectValue)) return target;
      for (const source of sources) evaluator.spreadObject(target, source, site.node);
      return target;
    }),
    freeze: native('freeze', same),
    seal: native('seal', same),
    create: native('create', () => new ObjectValue()),
    fromEntries: native('fromEntries', ([entries], site) => {
      const object = new ObjectValue();
      const items = evaluator.iterate(entries);
      if (!items) object.rest = notKnown(evaluator, site, entries);
      for (const item of items ?? []) {
        const [key, value] = item instanceof ArrayValue ? item.items : [];
        if (typeof key === 'string' || typeof key === 'number') object.properties.set(String(key), value);
      }
      return object;
    }),
  });
}

function jsonObject(evaluator: Evaluator): Value {
  return new ObjectValue([
    [
      'parse',
      native('JSON.parse', ([text], site) => {
        if (text instanceof ObjectValue || text instanceof ArrayValue) return text; // what `stringify` gave
        if (typeof text !== 'string') return notKnown(evaluator, site, text);
        try {
          return fromJson(JSON.parse(text));
        } catch {
          return notKnown(evaluator, site);
        }
      }),
    ],
    // Only ever useful as the first half of a deep copy.
    ['stringify', native('JSON.stringify', ([value]) => cloneData(value))],
  ]);
}

export function fromJson(data: unknown): Value {
  if (Array.isArray(data)) return new ArrayValue(data.map(fromJson));
  if (data !== null && typeof data === 'object') {
    return new ObjectValue(
      Object.entries(data).map(([name, value]) => [name, fromJson(value)] as [string, Value]),
    );
  }
  return data as Value;
}

function cloneData(value: Value, depth = 0): Value {
  if (depth > 50) return value;
  if (value instanceof ArrayValue) {
    const copy = new ArrayValue(value.items.map((item) => cloneData(item, depth + 1)));
    copy.rest = value.rest;
    return copy;
  }
  if (value instanceof ObjectValue && !value.classValue) {
    const copy = new ObjectValue(
      [...value.properties].map(([name, entry]) => [name, cloneData(entry, depth + 1)] as [string, Value]),
    );
    copy.rest = value.rest;
    return copy;
  }
  return value;
}

/** Promises are followed as the values they bring. */
function promiseConstructor(evaluator: Evaluator): Value {
  return native(
    'Promise',
    ([executor], site) => {
      let result: Value;
      const resolve = native('resolve', ([value]) => {
        result = value;
        return undefined;
      });
      if (isCallable(executor)) evaluator.call(executor, [resolve, native('reject', () => undefined)], site);
      return result === undefined ? notKnown(evaluator, site) : result;
    },
    {
      resolve: native('resolve', ([value]) => value),
      all: native('all', ([values]) => values),
      race: native('race', ([values], site) => evaluator.element(values, 0, site.node)),
      reject: native('reject', () => undefined),
    },
  );
}

const mapClass = new ClassValue('Map', undefined, undefined, undefined);
const setClass = new ClassValue('Set', undefined, undefined, undefined);

function collection(evaluator: Evaluator, kind: 'Map' | 'Set', source: Value): ObjectValue {
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

function collectionMember(
  evaluator: Evaluator,
  object: ObjectValue,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const entries = object.entries!;
  const give = (call: Native) => ({ value: native(name, call) });
  const known = (key: Value) => isPrimitive(key) || !isUndecided(key);
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
      return give(([key, value]) => {
        entries.set(key, value);
        return object;
      });
    case 'add':
      return give(([key]) => {
        entries.set(key, key);
        return object;
      });
    case 'delete':
      return give(([key]) => entries.delete(key));
    case 'clear':
      return give(() => {
        entries.clear();
        return undefined;
      });
    case 'size':
      return { value: object.rest ? evaluator.unknown(node, object.rest.reason) : entries.size };
    case 'keys':
      return give(() => new ArrayValue([...entries.keys()]));
    case 'values':
      return give(() => new ArrayValue([...entries.values()]));
    case 'entries':
      return give(() => new ArrayValue([...entries].map(([key, value]) => new ArrayValue([key, value]))));
    case 'forEach':
      return give(([callback], site) => {
        for (const [key, value] of [...entries]) evaluator.call(callback, [value, key], site);
        return undefined;
      });
  }
  return undefined;
}

// --- members of values ------------------------------------------------------------------------------------------------

export function memberOfBuiltin(
  evaluator: Evaluator,
  object: Value,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  if (typeof object === 'string') return stringMember(evaluator, object, name);
  if (typeof object === 'number') return numberMember(evaluator, object, name);
  if (object instanceof ArrayValue) {
    const member = arrayMember(evaluator, object, name, node);
    if (member) return member;
  }
  if (object instanceof ObjectValue && object.entries) {
    const member = collectionMember(evaluator, object, name, node);
    if (member) return member;
  }
  if (object instanceof ObjectValue && name === 'hasOwnProperty') {
    return {
      value: native(name, ([key], site) =>
        typeof key === 'string' && (object.properties.has(key) || !object.rest)
          ? object.properties.has(key)
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

function stringMember(evaluator: Evaluator, text: string, name: string): { value: Value } | undefined {
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
      try {
        const result: unknown = method.apply(text, args);
        if (Array.isArray(result)) return new ArrayValue(result as Value[]);
        return isPrimitive(result as Value) ? (result as Value) : notKnown(evaluator, site);
      } catch {
        return notKnown(evaluator, site);
      }
    }),
  };
}

function numberMember(evaluator: Evaluator, value: number, name: string): { value: Value } | undefined {
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

/** A callback over elements that are not known runs once, like a loop whose rounds are not known. */
function mapUnknown(evaluator: Evaluator, array: ArrayValue, callback: Value, site: CallSite): Value {
  const results = new ArrayValue();
  results.rest = array.rest;
  if (callback instanceof FunctionValue) {
    evaluator.unknownRounds(site.node, callback.scope, [callback.node], shortText(site.node), () => {
      evaluator.call(
        callback,
        [
          evaluator.elementOfUnknown(array, site.node),
          new UnknownValue('index', array.rest?.reason ?? '', array.rest?.at, 'number'),
          array,
        ],
        site,
      );
      return undefined;
    });
  }
  return results;
}

function arrayMember(
  evaluator: Evaluator,
  array: ArrayValue,
  name: string,
  node: ts.Node,
): { value: Value } | undefined {
  const give = (call: Native) => ({ value: native(name, call) });
  const { items } = array;
  if (name === 'length') {
    if (!array.rest) return { value: items.length };
    const { rest } = array;
    return {
      value: rest.member(
        'length',
        () => new UnknownValue(`${shortText(node)}`, rest.reason, rest.at, 'number'),
      ),
    };
  }
  if (/^\d+$/.test(name)) return { value: items[Number(name)] };
  const open = (site: CallSite, type?: UnknownValue['type']) => notKnown(evaluator, site, array.rest, type);
  const callback = (fn: Value, site: CallSite) => (item: Value, index: number) =>
    evaluator.call(fn, [item, index, array], site);
  const test = (fn: Value, site: CallSite) => (item: Value, index: number) =>
    evaluator.truthy(callback(fn, site)(item, index), site.node);
  const derived = (list: Value[]) => {
    const result = new ArrayValue(list);
    result.rest = array.rest;
    return result;
  };
  switch (name) {
    case 'push':
      return give((args) => {
        if (items.length + args.length <= maximumLength) items.push(...args);
        return items.length;
      });
    case 'unshift':
      return give((args) => items.unshift(...args));
    case 'pop':
      return give((_, site) => (array.rest ? open(site) : items.pop()));
    case 'shift':
      return give((_, site) => (array.rest && items.length === 0 ? open(site) : items.shift()));
    case 'forEach':
    case 'map':
      return give(([fn], site) => {
        if (array.rest) return mapUnknown(evaluator, array, fn, site);
        const results = items.slice().map(callback(fn, site));
        return name === 'map' ? new ArrayValue(results) : undefined;
      });
    case 'flatMap':
      return give(([fn], site) => {
        if (array.rest) return mapUnknown(evaluator, array, fn, site);
        return new ArrayValue(
          items
            .slice()
            .map(callback(fn, site))
            .flatMap((item) => (item instanceof ArrayValue ? item.items : [item])),
        );
      });
    case 'filter':
      return give(([fn], site) => {
        if (array.rest) return mapUnknown(evaluator, array, fn, site);
        return new ArrayValue(items.filter(test(fn, site)));
      });
    case 'reduce':
    case 'reduceRight':
      return give((args, site) => {
        if (array.rest) return open(site);
        const list = name === 'reduce' ? items.slice() : items.slice().reverse();
        let accumulated = args.length > 1 ? args[1] : list.shift();
        const offset = args.length > 1 ? 0 : 1;
        list.forEach((item, index) => {
          accumulated = evaluator.call(args[0], [accumulated, item, index + offset, array], site);
        });
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
      return give(([value], site) =>
        array.rest || isUndecided(value) ? open(site, 'number') : items.indexOf(value),
      );
    case 'concat':
      return give((args) => {
        const result = derived(items.slice());
        for (const arg of args) {
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
        if (!bounds || (array.rest && ((start as number) < 0 || (end as number) < 0))) {
          const result = new ArrayValue();
          result.rest = array.rest ?? notKnown(evaluator, site, start instanceof Unknown ? start : end);
          return result;
        }
        return derived(items.slice(start as number | undefined, end as number | undefined));
      });
    case 'splice':
      return give((args, site) => {
        const [start, count, ...inserted] = args;
        if (typeof start !== 'number' || (count !== undefined && typeof count !== 'number')) {
          array.rest ??= notKnown(evaluator, site, start);
          return derived([]);
        }
        return new ArrayValue(
          args.length < 2 ? items.splice(start) : items.splice(start, count as number, ...inserted),
        );
      });
    case 'fill':
      return give(([value, start, end]) => {
        items.fill(
          value,
          typeof start === 'number' ? start : undefined,
          typeof end === 'number' ? end : undefined,
        );
        return array;
      });
    case 'reverse':
      return give(() => {
        items.reverse();
        return array;
      });
    case 'toReversed':
      return give(() => derived(items.slice().reverse()));
    case 'sort':
      return give(([fn], site) => {
        if (!items.every(isPrimitive)) {
          array.rest ??= notKnown(evaluator, site);
          return array;
        }
        items.sort(
          isCallable(fn) ? (left, right) => Number(evaluator.call(fn, [left, right], site)) || 0 : undefined,
        );
        return array;
      });
    case 'flat':
      return give(([depth]) => derived(flatten(items, typeof depth === 'number' ? depth : 1)));
    case 'at':
      return give(([index], site) =>
        typeof index === 'number' && (!array.rest || (index >= 0 && index < items.length))
          ? items.at(index)
          : open(site),
      );
    case 'join':
      return give(([separator], site) =>
        !array.rest && items.every(isPrimitive)
          ? items.join(typeof separator === 'string' ? separator : ',')
          : open(site, 'string'),
      );
    case 'keys':
      return give(() => derived(items.map((_, index) => index)));
    case 'values':
      return give(() => array);
    case 'entries':
      return give(() => derived(items.map((item, index) => new ArrayValue([index, item]))));
  }
  return undefined;
}

function flatten(items: Value[], depth: number): Value[] {
  return items.flatMap((item) =>
    item instanceof ArrayValue && depth > 0 ? flatten(item.items, depth - 1) : [item],
  );
}
