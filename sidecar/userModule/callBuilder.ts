/** From what a program's builder is, a function, a class's method or a value, to the model it gives. */
import * as tf from '@tensorflow/tfjs';
import { SidecarError } from '../errors';

type Callable = (...args: unknown[]) => unknown;

/**
 * @param root What the first name of `builder` holds.
 * @param builder `build`, `models.lenet`, `Network.build`.
 * @returns The model, or a promise of it, or what holds it.
 */
export function callBuilder(root: unknown, builder: string, parameters: Record<string, unknown>): unknown {
  if (root === undefined)
    throw new SidecarError(`The file has nothing named \`${builder.split('.')[0]}\` at its top.`);
  const [, ...names] = builder.split('.');
  let holder: unknown;
  let value: unknown = root;
  for (const name of names) {
    // A method of a class is called on an instance of it, unless it is static.
    holder = isClass(value) && !(name in value) ? construct(value, parameters) : value;
    value = (holder as Record<string, unknown> | null | undefined)?.[name];
    if (value === undefined) throw new SidecarError(`\`${builder}\` is not there: it has no \`${name}\`.`);
  }
  if (isClass(value)) return construct(value, parameters);
  if (typeof value !== 'function') return value;
  return (value as Callable).apply(holder, argumentsFor(value as Callable, parameters));
}

/** The model itself, or the one that an object or a list holds. */
export function modelWithin(value: unknown): tf.LayersModel | undefined {
  if (value instanceof tf.LayersModel) return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const models = Object.values(value).filter((one) => one instanceof tf.LayersModel);
  return models.length === 1 ? models[0] : undefined;
}

function isClass(value: unknown): value is new (...args: unknown[]) => object {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function construct(cls: new (...args: unknown[]) => object, parameters: Record<string, unknown>): object {
  const [, text = ''] = /\bconstructor\s*(\([\s\S]*)/.exec(Function.prototype.toString.call(cls)) ?? [];
  return new cls(...valuesFor(text, parameters));
}

function argumentsFor(builder: Callable, parameters: Record<string, unknown>): unknown[] {
  const text = Function.prototype.toString.call(builder);
  // `n => …` has no parentheses.
  const single = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(text)?.[1];
  return single ? [parameters[single]] : valuesFor(text, parameters);
}

/** @param text Source that begins, somewhere, with a list of parameters in parentheses. */
function valuesFor(text: string, parameters: Record<string, unknown>): unknown[] {
  return parameterTexts(text).map((parameter) => {
    if (parameter.startsWith('{')) {
      const names = [...parameter.matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)].map(([name]) => name);
      const given = Object.fromEntries(
        names.filter((name) => name in parameters).map((name) => [name, parameters[name]]),
      );
      return Object.keys(given).length > 0 || !/\}\s*=/.test(parameter) ? given : undefined;
    }
    const name = parameter.split(/[\s=]/)[0] ?? '';
    if (name in parameters) return parameters[name];
    // `options.units` of a parameter `options`.
    const inner = Object.entries(parameters).filter(([key]) => key.startsWith(`${name}.`));
    return inner.length > 0
      ? Object.fromEntries(inner.map(([key, value]) => [key.slice(name.length + 1), value]))
      : undefined;
  });
}

/** The parts between the commas of the first parentheses; those within brackets do not count. */
function parameterTexts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text.slice(text.indexOf('(') + 1)) {
    if (depth === 0 && character === ')') break;
    if (depth === 0 && character === ',') {
      parts.push(part.trim());
      part = '';
      continue;
    }
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character)) depth--;
    part += character;
  }
  return part.trim() === '' ? parts : [...parts, part.trim()];
}
