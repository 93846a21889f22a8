/**
 * Regular expressions, run on texts that are known. Only those whose matching is certain to be short: a pattern may
 * otherwise take longer than anyone waits for an answer.
 */
import type ts from 'typescript';
import type { Evaluation } from './evaluator/evaluation';
import { shortText } from './evaluator/syntax';
import {
  ArrayValue,
  type CallSite,
  isCallable,
  NativeFunction,
  ObjectValue,
  UnknownValue,
  type Value,
} from './values';

/** Comparisons of characters that one match may take. */
const maximumWork = 20_000_000;
const maximumMatches = 10_000;

/** The value of `/pattern/flags` or `new RegExp(pattern, flags)`; undefined where it is not a valid one. */
export function regularExpression(source: string, flags: string): ObjectValue | undefined {
  const object = new ObjectValue([['lastIndex', 0]]);
  try {
    object.pattern = new RegExp(source, flags);
  } catch {
    return undefined;
  }
  return object;
}

/** `/pattern/flags` as it stands in the source. */
export function literalExpression(text: string): ObjectValue | undefined {
  const end = text.lastIndexOf('/');
  return regularExpression(text.slice(1, end), text.slice(end + 1));
}

/**
 * Whether matching `length` characters ends soon: repetitions one behind the other each try every length, and those
 * inside each other, with alternatives, references or assertions, may try exponentially many.
 */
export function isShortWork(source: string, length: number): boolean {
  let ways = length + 1; // the places at which a match may begin
  const groups: { varies: boolean }[] = [];
  let last: { varies: boolean } | undefined;
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    const closed = last;
    last = undefined;
    if (char === '\\') {
      at++;
      if (/[1-9k]/.test(source[at] ?? '')) return false; // a reference back
      last = { varies: false };
    } else if (char === '[') {
      at++;
      if (source[at] === '^') at++;
      for (let first = true; at < source.length && (first || source[at] !== ']'); at++, first = false)
        if (source[at] === '\\') at++;
      last = { varies: false };
    } else if (char === '(') {
      if (source[at + 1] === '?') {
        const kind = /^\(\?(:|<[A-Za-z_$][\w$]*>)/.exec(source.slice(at))?.[0];
        if (!kind) return false; // looks ahead or behind
        at += kind.length - 1;
      }
      groups.push({ varies: false });
    } else if (char === ')') {
      const group = groups.pop() ?? { varies: true };
      if (group.varies) for (const outer of groups) outer.varies = true;
      last = group;
    } else if (char === '|') {
      ways *= 2;
      for (const group of groups) group.varies = true;
    } else if (/[*+?{]/.test(char)) {
      const bounds = /^\{(\d+)(,(\d*))?\}/.exec(source.slice(at));
      if (char === '{' && !bounds) {
        last = { varies: false };
        continue;
      }
      if (bounds) at += bounds[0].length - 1;
      if (source[at + 1] === '?') at++; // as few as possible
      const least = bounds ? Number(bounds[1]) : 0;
      const most = bounds
        ? bounds[2]
          ? bounds[3]
            ? Number(bounds[3])
            : length
          : least
        : char === '?'
          ? 1
          : length;
      if (most > 1 && closed?.varies !== false) return false;
      ways *= Math.max(most - least, 0) + 1;
      if (most !== least) for (const group of groups) group.varies = true;
    } else last = { varies: false };
    if (ways > maximumWork) return false;
  }
  return true;
}

/** `expression.test(…)` and the like. */
export function memberOfExpression(
  evaluator: Evaluation,
  object: ObjectValue,
  name: string,
): { value: Value } | undefined {
  const { pattern } = object;
  if (!pattern) return undefined;
  switch (name) {
    case 'source':
    case 'flags':
    case 'global':
      return { value: pattern[name] };
    case 'exec':
    case 'test':
      return {
        value: new NativeFunction(name, ([text], site) => {
          const match = matchOnce(evaluator, object, text);
          if (match === undefined) return notRun(evaluator, site, text);
          return name === 'test' ? match !== null : match && matchValue(match);
        }),
      };
  }
  return undefined;
}

/** Mirrors RegExp.prototype.exec, with its place in the text kept where the evaluator sees it change. */
function matchOnce(
  evaluator: Evaluation,
  object: ObjectValue,
  text: Value,
): RegExpExecArray | null | undefined {
  const pattern = object.pattern!;
  const from = object.properties.get('lastIndex');
  if (typeof text !== 'string' || typeof from !== 'number' || !isShortWork(pattern.source, text.length))
    return undefined;
  pattern.lastIndex = from;
  const match = pattern.exec(text);
  if (pattern.global || pattern.sticky) evaluator.assignMember(object, 'lastIndex', pattern.lastIndex);
  return match;
}

function matchValue(match: RegExpMatchArray): ArrayValue {
  const list = new ArrayValue(Array.from(match));
  const groups = match.groups && new ObjectValue(Object.entries(match.groups));
  list.members = new Map<string, Value>([
    ['index', match.index],
    ['input', match.input],
    ['groups', groups],
  ]);
  return list;
}

/** Methods of texts that take an expression, or a text that they read as one. */
export function matchingMember(
  evaluator: Evaluation,
  text: string,
  name: string,
): { value: Value } | undefined {
  const readsAsExpression = ['match', 'matchAll', 'search'].includes(name);
  if (!readsAsExpression && !['replace', 'replaceAll', 'split'].includes(name)) return undefined;
  const run = (args: Value[], site: CallSite): Value => {
    const [given, replacement] = args;
    const object = given instanceof ObjectValue && given.pattern ? given : undefined;
    if (!object && typeof given !== 'string') return notRun(evaluator, site, given);
    const pattern = object
      ? new RegExp(object.pattern!) // one of its own, whose place in the text is the beginning
      : regularExpression(
          readsAsExpression ? (given as string) : escaped(given as string),
          name === 'matchAll' || name === 'replaceAll' ? 'g' : '',
        )?.pattern;
    if (!pattern || !isShortWork(pattern.source, text.length)) return notRun(evaluator, site, given);
    if (name === 'search') return text.search(pattern);
    if (name === 'split') {
      const limit = args[1];
      if (limit !== undefined && typeof limit !== 'number') return notRun(evaluator, site, limit);
      return new ArrayValue(object ? text.split(pattern, limit) : text.split(given as string, limit));
    }
    if (name === 'match' && !pattern.global) {
      const match = text.match(pattern);
      return match && matchValue(match);
    }
    const matches: RegExpMatchArray[] = [];
    for (const match of text.matchAll(pattern.global ? pattern : new RegExp(pattern, `${pattern.flags}g`))) {
      matches.push(match);
      if (matches.length >= maximumMatches) return notRun(evaluator, site, undefined);
      if (!pattern.global) break;
    }
    if (name === 'match') return matches.length > 0 ? new ArrayValue(matches.map(([whole]) => whole)) : null;
    if (name === 'matchAll') return new ArrayValue(matches.map(matchValue));
    return replaced(evaluator, text, matches, replacement, site);
  };
  return { value: new NativeFunction(name, run) };
}

function replaced(
  evaluator: Evaluation,
  text: string,
  matches: RegExpMatchArray[],
  replacement: Value,
  site: CallSite,
): Value {
  let result = '';
  let end = 0;
  for (const match of matches) {
    const { index = 0, groups } = match;
    let by: Value;
    if (isCallable(replacement)) {
      const named = groups ? [new ObjectValue(Object.entries(groups))] : [];
      by = evaluator.call(replacement, [...match, index, text, ...named], site);
    } else if (typeof replacement === 'string') {
      by = replacementText(replacement, match);
    }
    if (typeof by === 'number') by = String(by);
    if (typeof by !== 'string') return notRun(evaluator, site, by ?? replacement);
    result += text.slice(end, index) + by;
    end = index + match[0].length;
    if (result.length > 100_000) return notRun(evaluator, site, undefined);
  }
  return evaluator.spendText(result + text.slice(end));
}

/** `$1`, `$<name>` and `$&` filled in; undefined where it asks for what comes before or behind. */
function replacementText(replacement: string, match: RegExpMatchArray): string | undefined {
  if (/\$[`']/.test(replacement)) return undefined;
  return replacement.replace(/\$(?:\$|&|<([^>]*)>|(\d\d?))/g, (whole, name?: string, digits?: string) => {
    if (whole === '$$') return '$';
    if (whole === '$&') return match[0];
    if (name !== undefined) return match.groups ? (match.groups[name] ?? '') : whole;
    const number = Number(digits);
    return number > 0 && number < match.length ? (match[number] ?? '') : whole;
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function notRun(evaluator: Evaluation, site: CallSite, cause: Value): UnknownValue {
  const reason =
    cause instanceof UnknownValue
      ? cause.reason
      : 'this regular expression is not run on text that is not known or long';
  return new UnknownValue(shortText(site.node), reason, evaluator.locate(site.node as ts.Node));
}
