/** Plain data: as text, from JSON and into it, copied. */
import { isSymbolic } from '../../../model-graph/dims';
import type { Evaluation } from '../evaluator/evaluation';
import { isPrimitive } from '../evaluator/kinds';
import { ArrayValue, ObjectValue, UnknownValue, type Value } from '../values';
import { native, notKnown } from './native';

export function jsonObject(evaluator: Evaluation): Value {
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

export function cloneData(value: Value, depth = 0): Value {
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
