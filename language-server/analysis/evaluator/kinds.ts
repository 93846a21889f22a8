/** Questions about values. */
import type ts from 'typescript';
import { isSymbolic, type Symbolic } from '../../../model-graph/dims';
import { Unknown } from '../../../model-graph/layers/rule';
import { Quotient, UnknownValue, type Value } from '../values';
import { shortText } from './syntax';

/** What an unknown value is as a number: always the same one. */
export function asNumber(value: UnknownValue, how = '#number'): Value {
  if (value.type === 'number') return value;
  return value.member(how, () => new UnknownValue(value.name, value.reason, value.at, 'number'));
}

/** The name under which `[Symbol.iterator]` is kept. */
export const iteratorKey = '@@iterator';

export function mistake(value: UnknownValue): UnknownValue {
  value.isMistake = true;
  return value;
}

export function isPrimitive(value: Value): value is undefined | null | boolean | number | string {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/** Whether a condition on it cannot be decided. */
export function isUndecided(value: Value): value is UnknownValue | Symbolic | Quotient {
  return value instanceof UnknownValue || isSymbolic(value) || value instanceof Quotient;
}

/** Another unknown of the same kind. */
export function renewed(value: UnknownValue): UnknownValue {
  const other = new UnknownValue(value.name, value.reason, value.at, value.type);
  other.standsForMore = value.standsForMore;
  other.isMistake = value.isMistake;
  other.candidates = value.candidates;
  return other;
}

/** What an unknown value is known to be that takes the place of this one. */
export function typeOfPrimitive(value: Value): UnknownValue['type'] {
  const type = typeof value;
  return type === 'number' || type === 'string' || type === 'boolean' ? type : undefined;
}

export function isNumeric(value: Value): boolean {
  return (
    isSizeLike(value) ||
    value instanceof Quotient ||
    (value instanceof UnknownValue && value.type === 'number')
  );
}

export function isSizeLike(value: Value): value is number | Symbolic {
  return typeof value === 'number' || isSymbolic(value);
}

export function nameOf(value: Value, node: ts.Node): string {
  if (value instanceof Unknown) return value.name;
  if (isSymbolic(value)) return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  return isPrimitive(value) ? String(value) : shortText(node);
}

export function subscript(count: number): string {
  return [...String(count)].map((digit) => String.fromCharCode(0x2080 + Number(digit))).join('');
}
