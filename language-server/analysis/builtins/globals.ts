/** JavaScript's own library, as far as programs that describe networks use it: what is global. */
import { isSymbolic } from '../../../model-graph/dims';
import type { Evaluation } from '../evaluator/evaluation';
import { asNumber, isPrimitive, isUndecided, iteratorKey } from '../evaluator/kinds';
import { regularExpression } from '../regularExpressions';
import { tfNamespace } from '../tfjs/namespace';
import {
  ArrayValue,
  ClassValue,
  isCallable,
  NativeFunction,
  ObjectValue,
  UnknownValue,
  type Value,
} from '../values';
import { arrayConstructor } from './arrays';
import { collection } from './collections';
import { cloneData, jsonObject, textOf } from './data';
import { mathObject } from './math';
import { native, notKnown } from './native';
import { keysOf, objectConstructor } from './objects';

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

function toNumber(_evaluator: Evaluation, value: Value): Value {
  if (isPrimitive(value)) return Number(value);
  return value instanceof UnknownValue ? asNumber(value) : value;
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
