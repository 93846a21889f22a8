/** JavaScript's own library, as far as programs that describe networks use it. */
import type ts from 'typescript';
import { ceilDivide, floorDivide, isSymbolic, maximum, minimum, type Quantity } from '../../model-graph/dims';
import { Unknown } from '../../model-graph/layers/rule';
import type { Evaluation } from './evaluator/evaluation';
import { asNumber, isPrimitive, isUndecided, iteratorKey } from './evaluator/kinds';
import { shortText } from './evaluator/syntax';
import { matchingMember, memberOfExpression, regularExpression } from './regularExpressions';
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
  Scope,
  UnknownValue,
  type Value,
} from './values';

type Native = (args: Value[], site: CallSite, thisValue: Value) => Value;
const maximumLength = 100_000;

/** What a name means that the program does not declare: the same object wherever it stands. */
export function globalValue(evaluator: Evaluation, name: string): Value {
  const { globals } = evaluator;
  if (!globals.has(name)) globals.set(name, makeGlobal(evaluator, name));
  return globals.get(name);
}

function makeGlobal(evaluator: Evaluation, name: string): Value {
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
        parseInt: native('parseInt', ([v, radix]) =>
          isPrimitive(v)
            ? Number.parseInt(String(v), typeof radix === 'number' ? radix : undefined)
            : toNumber(evaluator, v),
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
          ? Number.parseInt(String(value), typeof radix === 'number' ? radix : undefined)
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
      return native('String', ([value], site) => textOf(value) ?? notKnown(evaluator, site, value, 'string'));
    case 'Boolean':
      return native('Boolean', ([value], site) =>
        isUndecided(value) ? notKnown(evaluator, site, value, 'boolean') : Boolean(value),
      );
    case 'Map':
    case 'Set':
      return native(name, ([source]) => collection(evaluator, name, source));
    case 'WeakMap':
      return native(name, ([source]) => collection(evaluator, 'Map', source));
    case 'WeakSet':
      return native(name, ([source]) => collection(evaluator, 'Set', source));
    case 'Symbol':
      return native(name, ([description]) => `@@${textOf(description) ?? ''}#${symbolCount++}`, {
        iterator: iteratorKey,
        asyncIterator: iteratorKey,
      });
    case 'RegExp':
      return native(name, ([source, flags], site) => {
        const given = source instanceof ObjectValue ? source.pattern?.source : source;
        const known = typeof given === 'string' && (flags === undefined || typeof flags === 'string');
        return (
          (known ? regularExpression(given, (flags as string | undefined) ?? '') : undefined) ??
          notKnown(evaluator, site, source)
        );
      });
    case 'Reflect':
      return reflectObject(evaluator);
    case 'Promise':
      return promiseConstructor(evaluator);
    case 'JSON':
      return jsonObject(evaluator);
    case 'Error':
    case 'TypeError':
    case 'RangeError':
    case 'SyntaxError':
    case 'ReferenceError':
    case 'EvalError':
    case 'URIError':
      return native(name, ([message]) => errorObject(name, message));
    case 'console':
      return consoleObject;
    case 'window':
    case 'self':
      return globalValue(evaluator, 'globalThis');
    case 'globalThis': {
      const globals = new ObjectValue([['tf', tfNamespace]]);
      globals.rest = new UnknownValue(name, 'what else is global is not known');
      return globals;
    }
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
  evaluator: Evaluation,
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

function toNumber(_evaluator: Evaluation, value: Value): Value {
  if (isPrimitive(value)) return Number(value);
  return value instanceof UnknownValue ? asNumber(value) : value;
}

// --- Math ----------------------------------------------------------------------------------------------------------

function mathObject(evaluator: Evaluation): Value {
  const members: [string, Value][] = [];
  for (const name of Object.getOwnPropertyNames(Math)) {
    const own = (Math as unknown as Record<string, unknown>)[name];
    if (typeof own === 'number') members.push([name, own]);
    else members.push([name, native(`Math.${name}`, (args, site) => math(evaluator, name, args, site))]);
  }
  return new ObjectValue(members);
}

function math(evaluator: Evaluation, name: string, args: Value[], site: CallSite): Value {
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

function arrayConstructor(evaluator: Evaluation): Value {
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

function objectConstructor(evaluator: Evaluation): Value {
  const listing =
    (pick: (name: string, value: Value) => Value): Native =>
    ([object], site) => {
      if (object instanceof ObjectValue && !object.rest) {
        return new ArrayValue(
          keysOf(object).map((name) => pick(name, evaluator.member(object, name, site.node))),
        );
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
      for (const source of sources) {
        if (target instanceof ObjectValue) {
          evaluator.spreadObject(target, source, site.node);
        } else if (source instanceof ObjectValue) {
          for (const key of keysOf(source))
            evaluator.assignMember(target, key, evaluator.member(source, key, site.node));
        }
      }
      return target;
    }),
    defineProperty: native('defineProperty', ([target, key, descriptor], site) => {
      if (target instanceof ObjectValue && typeof key === 'string' && descriptor instanceof ObjectValue) {
        const getter = descriptor.properties.get('get');
        if (getter instanceof FunctionValue) target.getters.set(key, getter);
        else evaluator.assignMember(target, key, evaluator.member(descriptor, 'value', site.node));
      } else if (target instanceof ObjectValue) evaluator.openUp(target, notKnown(evaluator, site, key));
      return target;
    }),
    freeze: native('freeze', same),
    seal: native('seal', same),
    create: native('create', ([prototype], site) => {
      const object = new ObjectValue();
      if (prototype instanceof ObjectValue) object.prototype = prototype;
      else if (prototype !== null) object.rest = notKnown(evaluator, site, prototype);
      return object;
    }),
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

function jsonObject(evaluator: Evaluation): Value {
  return new ObjectValue([
    [
      'parse',
      native('JSON.parse', ([text], site) => {
        if (text instanceof UnknownValue && stringified.has(text)) return cloneData(stringified.get(text));
        if (typeof text !== 'string') return notKnown(evaluator, site, text);
        try {
          return fromJson(JSON.parse(text));
        } catch {
          return notKnown(evaluator, site);
        }
      }),
    ],
    [
      'stringify',
      native('JSON.stringify', ([value], site) => {
        const plain = plainData(value);
        if (plain) return JSON.stringify(plain.value);
        const text = notKnown(evaluator, site, value, 'string');
        stringified.set(text, cloneData(value));
        return text;
      }),
    ],
  ]);
}

/** What the text was made from that `JSON.stringify` gave: the first half of a deep copy. */
const stringified = new WeakMap<UnknownValue, Value>();

/** As JavaScript lists them: whole numbers first, in order. */
export function keysOf(object: ObjectValue): string[] {
  const order: Record<string, true> = {};
  for (const name of object.properties.keys()) order[name] = true;
  for (const name of object.getters.keys()) order[name] = true;
  return Object.keys(order).filter((name) => !name.startsWith('@@')); // symbols
}

/** Data of which everything is known. */
function plainData(value: Value, depth = 0): { value: unknown } | undefined {
  if (depth > 50) return undefined;
  if (isPrimitive(value)) return { value };
  if (value instanceof ArrayValue && !value.rest) {
    const items = Array.from(value.items, (item) => plainData(item, depth + 1));
    return items.every((item) => item !== undefined)
      ? { value: items.map((item) => item?.value) }
      : undefined;
  }
  if (value instanceof ObjectValue && !value.rest && !value.classValue && value.getters.size === 0) {
    const copy: Record<string, unknown> = {};
    for (const [name, entry] of value.properties) {
      const plain = plainData(entry, depth + 1);
      if (!plain) return undefined;
      copy[name] = plain.value;
    }
    return { value: copy };
  }
  return undefined;
}

/** As `String(value)` has it, where that is known; sizes by their names. */
export function textOf(value: Value): string | undefined {
  if (isPrimitive(value) || isSymbolic(value)) return String(value);
  if (!(value instanceof ArrayValue) || value.rest) return undefined;
  const parts = Array.from(value.items, (item) => (item == null ? '' : textOf(item)));
  return parts.every((part) => part !== undefined) ? parts.join(',') : undefined;
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
function promiseConstructor(evaluator: Evaluation): Value {
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

function collection(evaluator: Evaluation, kind: 'Map' | 'Set', source: Value): ObjectValue {
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

let symbolCount = 0;

/** What an error is, by name: its class's base is `Error`. */
const errorClasses = new Map<string, ClassValue>();

function errorObject(name: string, message: Value): ObjectValue {
  const error = new ObjectValue([
    ['message', message ?? ''],
    ['name', name],
  ]);
  let cls = errorClasses.get(name);
  if (!cls) {
    const base = name === 'Error' ? undefined : errorObject('Error', '').classValue;
    cls = new ClassValue(name, undefined, undefined, base);
    errorClasses.set(name, cls);
  }
  error.classValue = cls;
  return error;
}

function reflectObject(evaluator: Evaluation): Value {
  return new ObjectValue([
    [
      'apply',
      native('apply', ([fn, self, list], site) =>
        evaluator.call(fn, evaluator.iterate(list) ?? [], site, self),
      ),
    ],
    [
      'construct',
      native('construct', ([cls, list], site) =>
        evaluator.construct(cls, evaluator.iterate(list) ?? [], site),
      ),
    ],
    ['get', native('get', ([object, key], site) => evaluator.element(object, key, site.node))],
    ['has', native('has', ([object, key], site) => evaluator.hasProperty(object, key, site.node))],
    [
      'ownKeys',
      native('ownKeys', ([object], site) =>
        object instanceof ObjectValue && !object.rest
          ? new ArrayValue(keysOf(object))
          : notKnown(evaluator, site, object),
      ),
    ],
  ]);
}

// --- members of values ------------------------------------------------------------------------------------------------

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

/** Calls a callback for what a list is known to begin with, then for the elements that are not known. */
function mapUnknown(
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

/** How many elements there are where more may follow than are known: always the same number until something changes. */
function openSize(rest: UnknownValue, node: ts.Node, known = 0): Value {
  return rest.member('length', () => {
    const length = new UnknownValue(shortText(node), rest.reason, rest.at, 'number');
    length.atLeast = known;
    return length;
  });
}

function arrayMember(
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
