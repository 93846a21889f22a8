/**
 * Functions that build models, and calls to them: whoever wants a model of certain sizes has the analysis follow the
 * builder as called with them, instead of putting numbers into what came out with unknowns.
 */
import ts from 'typescript';
import type { Range, SourceLocation } from '../../model-graph/graph';
import { parseSource } from './parse';

/** A function at the top of a file, by the name that a call in that file would use. */
export interface Builder {
  name: string;
  range: Range;
  /** What a caller may give, e.g. `numClasses`, `options.units`; `isOptional` where the code has its own value. */
  parameters: { name: string; isOptional: boolean }[];
  node: ts.FunctionLikeDeclaration;
}

/** Values for parameters, or for properties of them, by name. Each is what JSON can hold. */
export type ParameterValues = ReadonlyMap<string, unknown>;

export function buildersOf(path: string, text: string): Builder[] {
  const file = parseSource(path, text);
  return file.statements.flatMap((statement) =>
    functionsOf(statement).map((found) => toBuilder(file, found)),
  );
}

/** Whether a place lies in the builder, whose file is at `path`. */
export function isWithin(location: SourceLocation | undefined, path: string, { range }: Builder): boolean {
  if (location?.path !== path) return false;
  const { line, character } = location.range.start;
  const isAfter =
    line > range.start.line || (line === range.start.line && character >= range.start.character);
  const isBefore = line < range.end.line || (line === range.end.line && character < range.end.character);
  return isAfter && isBefore;
}

function functionsOf(statement: ts.Statement): { name: string; node: ts.FunctionLikeDeclaration }[] {
  if (ts.isFunctionDeclaration(statement) && statement.name)
    return [{ name: statement.name.text, node: statement }];
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
    ts.isIdentifier(name) &&
    initializer &&
    (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))
      ? [{ name: name.text, node: initializer }]
      : [],
  );
}

function toBuilder(
  file: ts.SourceFile,
  { name, node }: { name: string; node: ts.FunctionLikeDeclaration },
): Builder {
  const position = (at: number) => file.getLineAndCharacterOfPosition(at);
  return {
    name,
    node,
    range: { start: position(node.getStart(file)), end: position(node.end) },
    parameters: node.parameters.flatMap((parameter) => {
      const isOptional = hasOwnValue(parameter);
      if (ts.isIdentifier(parameter.name)) return [{ name: parameter.name.text, isOptional }];
      return elementsOf(parameter.name).map((element) => ({
        name: element.key,
        isOptional: element.isOptional,
      }));
    }),
  };
}

function hasOwnValue({ initializer, questionToken, dotDotDotToken }: ts.ParameterDeclaration): boolean {
  return initializer !== undefined || questionToken !== undefined || dotDotDotToken !== undefined;
}

function elementsOf(pattern: ts.BindingPattern): { key: string; isOptional: boolean }[] {
  if (!ts.isObjectBindingPattern(pattern)) return [];
  return pattern.elements.flatMap(({ propertyName, name, initializer, dotDotDotToken }) => {
    const key = propertyName ?? name;
    return ts.isIdentifier(key) && !dotDotDotToken
      ? [{ key: key.text, isOptional: initializer !== undefined }]
      : [];
  });
}

/**
 * A statement that calls the builder, to be put at the end of its file: with the values given, with the code's own
 * defaults where it has them, and with unknowns of the parameters' names for the rest. `unused` are values that no
 * parameter takes.
 */
export function callOf(builder: Builder, values: ParameterValues): { text: string; unused: string[] } {
  const used = new Set<string>();
  const unknowns = new Set<string>();
  const given = (name: string): string | undefined => {
    if (!values.has(name)) return undefined;
    used.add(name);
    return JSON.stringify(values.get(name));
  };
  const unknown = (name: string): string => {
    unknowns.add(name);
    return name;
  };
  const passed = builder.node.parameters.map((parameter) => {
    if (ts.isIdentifier(parameter.name)) {
      const { text } = parameter.name;
      return (
        given(text) ?? objectOf(text, values, used) ?? (hasOwnValue(parameter) ? 'undefined' : unknown(text))
      );
    }
    const properties = elementsOf(parameter.name).flatMap(({ key, isOptional }) => {
      const value = given(key) ?? (isOptional ? undefined : unknown(key));
      return value === undefined ? [] : [`${key}: ${value}`];
    });
    return properties.length === 0 && hasOwnValue(parameter) ? 'undefined' : `{ ${properties.join(', ')} }`;
  });
  // Parameters of a function that nothing calls are unknowns to the analysis, whatever else has their names.
  const text = `\n;((${[...unknowns].join(', ')}) => ${builder.name}(${passed.join(', ')}));\n`;
  return { text, unused: [...values.keys()].filter((name) => !used.has(name)) };
}

/** `options.units = 4`, `options.depth = 2` → `{ units: 4, depth: 2 }`. */
function objectOf(name: string, values: ParameterValues, used: Set<string>): string | undefined {
  const inner = [...values.keys()].filter((key) => key.startsWith(`${name}.`));
  if (inner.length === 0) return undefined;
  const result: Record<string, unknown> = {};
  for (const key of inner) {
    used.add(key);
    const segments = key.slice(name.length + 1).split('.');
    let target = result;
    for (const segment of segments.slice(0, -1)) {
      target[segment] ??= {};
      target = target[segment] as Record<string, unknown>;
    }
    target[segments.at(-1)!] = values.get(key);
  }
  return JSON.stringify(result);
}
