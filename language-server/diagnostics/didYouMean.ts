/** The fix for a name that tfjs does not know: the nearest one that it does. */
import type ts from 'typescript';
import { closestName } from '../../model-graph/closestName';
import type { Fix } from './diagnostic';
import { optionOf, replaceString, stringsIn } from './edits';

/** One fix for each string in these options that is none of the names but near one of them. */
export function didYouMean(
  call: ts.CallExpression,
  options: readonly string[],
  names: readonly string[],
  meant: (written: string) => string | null = (written) => closestName(written, names),
): Fix[] {
  return options
    .flatMap((option) => stringsIn(optionOf(call, option)))
    .filter((literal) => !names.includes(literal.text))
    .flatMap((literal) => {
      const name = meant(literal.text);
      return name === null ? [] : [{ title: `Change to '${name}'`, edits: [replaceString(literal, name)] }];
    });
}

/** The names of the options of a call that match. */
export function optionNames(call: ts.CallExpression, pattern: RegExp): string[] {
  const [options] = call.arguments;
  if (!options || !('properties' in options)) return [];
  return (options as ts.ObjectLiteralExpression).properties
    .map((member) => member.name?.getText() ?? '')
    .filter((name) => pattern.test(name));
}
