/**
 * Search by name, class and property: `conv`, `filters>64`, `kernel 3x3`, `activation:relu`, `params>=1e6`. All parts must
 * hold. Pure.
 */
import { formatShape } from '../shared/format';
import { kindNames } from '../shared/kinds';
import type { Item } from './scene';

type Comparison = '>' | '>=' | '<' | '<=' | '=' | '!=';

type Term =
  | { kind: 'text'; text: string }
  | { kind: 'property'; property: string; comparison: Comparison; value: string };

const propertyTerm = /([\p{L}_][\w]*)\s*(>=|<=|!=|=|>|<|:)\s*("[^"]*"|[^\s]+)/gu;
const sizeTerm = /([\p{L}_][\w]*)\s+(\d+(?:[x×]\d+)+)/gu;

export function parseQuery(query: string): Term[] {
  const terms: Term[] = [];
  const rest = query
    .replace(propertyTerm, (_, property: string, comparison: string, value: string) => {
      terms.push({
        kind: 'property',
        property: property.toLowerCase(),
        comparison: (comparison === ':' ? '=' : comparison) as Comparison,
        value: plain(value.replaceAll('"', '')),
      });
      return ' ';
    })
    .replace(sizeTerm, (_, property: string, value: string) => {
      terms.push({
        kind: 'property',
        property: property.toLowerCase(),
        comparison: '=',
        value: plain(value),
      });
      return ' ';
    });
  for (const text of rest.split(/\s+/).filter(Boolean)) terms.push({ kind: 'text', text: plain(text) });
  return terms;
}

/** Keys of the items that match, in the order of the drawing. A folded item matches when something inside does. */
export function search(items: readonly Item[], query: string): string[] {
  const terms = parseQuery(query);
  if (terms.length === 0) return [];
  const matches = (item: Item): boolean =>
    terms.every((term) => matchesTerm(item, term)) || item.members.some(matches);
  return items.filter(matches).map(({ key }) => key);
}

function matchesTerm(item: Item, term: Term): boolean {
  if (term.kind === 'text') return searchText(item).includes(term.text);
  return valuesOf(item, term.property).some((value) => compare(value, term.comparison, term.value));
}

function searchText(item: Item): string {
  const { layer } = item;
  return plain(
    [item.title, item.subtitle, layer?.name, layer?.className, kindNames[item.kind], item.shapeText]
      .concat(item.groups.map(({ label }) => label))
      .join(' '),
  );
}

/** What a property of this name is worth: a whole name or its beginning (`kernel` is `kernelSize`). */
function valuesOf(item: Item, property: string): unknown[] {
  const { layer, cost } = item;
  const own: Record<string, unknown> = {
    name: layer?.name ?? item.title,
    class: layer?.className,
    kind: kindNames[item.kind],
    shape: item.shapeText,
    output: item.shapeText,
    input: layer?.calls[item.call]?.inputShapes.map((shape) => formatShape(shape)).join(', '),
    params: cost.params,
    parameters: cost.params,
    macs: cost.multiplyAccumulates,
    memory: cost.activationBytes,
  };
  if (property in own) return [own[property]];
  return Object.entries(layer?.config ?? {})
    .filter(([name]) => name.toLowerCase().startsWith(property))
    .map(([, value]) => value);
}

function compare(value: unknown, comparison: Comparison, wanted: string): boolean {
  if (value === undefined || value === null) return false;
  const number = Number(wanted.replaceAll(',', ''));
  if (typeof value === 'number' && !Number.isNaN(number)) {
    if (comparison === '>') return value > number;
    if (comparison === '>=') return value >= number;
    if (comparison === '<') return value < number;
    if (comparison === '<=') return value <= number;
    return (value === number) === (comparison === '=');
  }
  if (Array.isArray(value) && !wanted.includes('x') && !Number.isNaN(number)) {
    const every = (value as unknown[]).every((one) =>
      compare(one, comparison === '!=' ? '=' : comparison, wanted),
    );
    return comparison === '!=' ? !every : every;
  }
  const text = plain(Array.isArray(value) ? value.join('x') : String(value));
  // `kernel 3x3` is also a kernel size written as the one number 3.
  const square = typeof value === 'number' && wanted.split('x').every((part) => Number(part) === value);
  const equal = square || (Array.isArray(value) ? text === wanted : text.includes(wanted));
  if (comparison === '=') return equal;
  return comparison === '!=' ? !equal : false;
}

/** Small letters, and a plain x for ×. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll('×', 'x');
}
