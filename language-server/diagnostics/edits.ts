/** Edits of the program's text, worked out on its syntax tree so that they keep to the form that is there. */
import ts from 'typescript';
import type { Range } from '../../model-graph/graph';

/** Replaces what lies between two offsets. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((left, right) => right.start - left.start)
    .reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text);
}

export function offsetsOf(file: ts.SourceFile, { start, end }: Range): { start: number; end: number } {
  return {
    start: file.getPositionOfLineAndCharacter(start.line, start.character),
    end: file.getPositionOfLineAndCharacter(end.line, end.character),
  };
}

/** The call that stands at exactly this range. */
export function callAt(file: ts.SourceFile, range: Range): ts.CallExpression | undefined {
  const { start, end } = offsetsOf(file, range);
  const find = (node: ts.Node): ts.CallExpression | undefined => {
    if (node.end < end || node.getStart(file) > start) return undefined;
    if (ts.isCallExpression(node) && node.end === end && node.getStart(file) === start) return node;
    return ts.forEachChild(node, find);
  };
  return find(file);
}

// --- the parts of a call ---------------------------------------------------------------------------------------------

/** `conv2d` of `tf.layers.conv2d(…)`. */
export function factoryOf(call: ts.CallExpression): string {
  const { expression } = call;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

/** `tf.layers` of `tf.layers.conv2d(…)`; undefined where the function is called by its bare name. */
export function namespaceOf(call: ts.CallExpression): string | undefined {
  const { expression } = call;
  return ts.isPropertyAccessExpression(expression) && isPlainPath(expression.expression)
    ? expression.expression.getText()
    : undefined;
}

/** The configuration as an object literal; undefined where it is none. */
function optionsOf(call: ts.CallExpression): ts.ObjectLiteralExpression | undefined {
  const [first] = call.arguments;
  return first && ts.isObjectLiteralExpression(first) ? first : undefined;
}

/** The expression that an option is given. */
export function optionOf(call: ts.CallExpression, name: string): ts.Expression | undefined {
  const property = optionsOf(call)?.properties.find(
    (member): member is ts.PropertyAssignment =>
      ts.isPropertyAssignment(member) && member.name.getText().replace(/^['"]|['"]$/g, '') === name,
  );
  return property?.initializer;
}

export function hasOption(call: ts.CallExpression, name: string): boolean {
  return optionsOf(call)?.properties.some((member) => member.name?.getText() === name) ?? false;
}

/** Every string that stands in an expression's lists and objects, and itself where it is one. */
export function stringsIn(expression: ts.Expression | undefined): ts.StringLiteralLike[] {
  if (!expression) return [];
  if (ts.isStringLiteralLike(expression)) return [expression];
  if (ts.isArrayLiteralExpression(expression)) return expression.elements.flatMap(stringsIn);
  if (!ts.isObjectLiteralExpression(expression)) return [];
  return expression.properties.flatMap((member) =>
    ts.isPropertyAssignment(member) ? stringsIn(member.initializer) : [],
  );
}

// --- edits -----------------------------------------------------------------------------------------------------------

export function replaceNode(node: ts.Node, text: string): Edit {
  return { start: node.getStart(), end: node.end, text };
}

/** The same string, between the quotes that are there. */
export function replaceString(literal: ts.StringLiteralLike, text: string): Edit {
  return { start: literal.getStart() + 1, end: literal.end - 1, text };
}

/** Gives the option this value, in the place where it stands or as the first of the configuration. */
export function setOption(call: ts.CallExpression, name: string, value: string): Edit[] {
  const given = optionOf(call, name);
  if (given) return [replaceNode(given, value)];
  if (hasOption(call, name)) return []; // a shorthand: the value is made elsewhere
  const property = `${name}: ${value}`;
  if (call.arguments.length === 0) return [insertAt(call.end - 1, `{ ${property} }`)];
  const options = optionsOf(call);
  if (!options) return [];
  const [first] = options.properties;
  return first ? [insertBefore(first, `${property},`)] : [replaceNode(options, `{ ${property} }`)];
}

/**
 * Puts a layer in front of another one, in the way the model is built: a call of `add` in front of the call that adds
 * it, an element in front of it in a list, or an application around what it is applied to.
 */
export function insertLayerBefore(
  call: ts.CallExpression,
  thrownAt: ts.CallExpression,
  layer: string,
): Edit[] {
  const place = throughWrappers(call);
  if (ts.isArrayLiteralExpression(place.parent)) return [insertBefore(place, `${layer},`)];
  const use = useOf(place) ?? thrownAt;
  const callee = use.expression;
  const [argument] = use.arguments;
  if (!ts.isPropertyAccessExpression(callee) || !argument || use.arguments.length !== 1) return [];
  if (callee.name.text === 'apply') {
    if (ts.isArrayLiteralExpression(argument) || ts.isSpreadElement(argument)) return [];
    return [insertAt(argument.getStart(), `${layer}.apply(`), insertAt(argument.end, ')')];
  }
  const statement = use.parent;
  if (callee.name.text !== 'add' || !isPlainPath(callee.expression) || !isStatementInList(statement))
    return [];
  const end = statement.getText().endsWith(';') ? ';' : '';
  return [insertBefore(statement, `${callee.expression.getText()}.add(${layer})${end}`)];
}

/** Takes a layer out of the model again. */
export function removeLayer(call: ts.CallExpression): Edit[] {
  const place = throughWrappers(call);
  const { parent } = place;
  if (ts.isArrayLiteralExpression(parent)) {
    const next = parent.elements[parent.elements.indexOf(place as ts.Expression) + 1];
    return next ? [{ start: place.getStart(), end: next.getStart(), text: '' }] : [];
  }
  const use = useOf(place);
  if (!use || !ts.isPropertyAccessExpression(use.expression)) return [];
  if (use.expression.name.text === 'apply') return [replaceNode(use, use.arguments[0]!.getText())];
  if (!isStatementInList(use.parent)) return [];
  const { text } = use.getSourceFile();
  const start = use.parent.getStart();
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', use.parent.end);
  const isAlone = text.slice(line, start).trim() === '' && text.slice(use.parent.end, next).trim() === '';
  return [
    isAlone && next >= 0
      ? { start: line, end: next + 1, text: '' }
      : { start, end: use.parent.end, text: '' },
  ];
}

/** The call of `add` or `apply` that a layer's expression stands in. */
function useOf(place: ts.Node): ts.CallExpression | undefined {
  const { parent } = place;
  if (ts.isCallExpression(parent) && parent.arguments[0] === place) return parent;
  return ts.isPropertyAccessExpression(parent) && ts.isCallExpression(parent.parent)
    ? parent.parent
    : undefined;
}

/** The expression with the parentheses and type assertions around it. */
function throughWrappers(node: ts.Node): ts.Node {
  const { parent } = node;
  return ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isNonNullExpression(parent)
    ? throughWrappers(parent)
    : node;
}

/** `model`, `this.model`: read twice, it is the same both times. */
function isPlainPath(expression: ts.Expression): boolean {
  return ts.isPropertyAccessExpression(expression)
    ? isPlainPath(expression.expression)
    : ts.isIdentifier(expression) || expression.kind === ts.SyntaxKind.ThisKeyword;
}

/** A statement that others may stand beside: not the bare body of an `if` or a loop. */
function isStatementInList(node: ts.Node): boolean {
  return (
    ts.isExpressionStatement(node) &&
    (ts.isBlock(node.parent) ||
      ts.isSourceFile(node.parent) ||
      ts.isModuleBlock(node.parent) ||
      ts.isCaseOrDefaultClause(node.parent))
  );
}

function insertAt(offset: number, text: string): Edit {
  return { start: offset, end: offset, text };
}

/** On a line of its own where the node begins one, with the same indentation; else on the same line. */
function insertBefore(node: ts.Node, text: string): Edit {
  const { text: source } = node.getSourceFile();
  const start = node.getStart();
  const line = source.lastIndexOf('\n', start - 1) + 1;
  const indentation = source.slice(line, start);
  const newline = source[line - 2] === '\r' ? '\r\n' : '\n';
  return insertAt(
    start,
    indentation.trim() === '' && line > 0 ? `${text}${newline}${indentation}` : `${text} `,
  );
}
