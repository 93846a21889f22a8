/** What the syntax alone tells. */
import ts from 'typescript';
import type { Range } from '../../../model-graph/graph';
import type { UnknownValue } from '../values';

export function rangeOf(file: ts.SourceFile, node: ts.Node): Range {
  return {
    start: file.getLineAndCharacterOfPosition(node.getStart(file)),
    end: file.getLineAndCharacterOfPosition(node.getEnd()),
  };
}

const shortTexts = new WeakMap<ts.Node, string>();

/** The source text of a node, on one line and short enough to be read in a hint's tooltip. */
export function shortText(node: ts.Node): string {
  const known = shortTexts.get(node);
  if (known !== undefined) return known;
  const text = node.getText().replace(/\s+/g, ' ');
  const short = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  shortTexts.set(node, short);
  return short;
}

export function calleeOf(node: ts.Node): ts.Node {
  return ts.isCallExpression(node) || ts.isNewExpression(node) ? node.expression : node;
}

export function skipParentheses(node: ts.Expression): ts.Expression {
  let inner = node;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isTypeAssertionExpression(inner) ||
    ts.isSatisfiesExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

export function functionName(node: ts.ArrowFunction | ts.FunctionExpression): string {
  const { parent } = node;
  if (parent && ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  if (parent && (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)))
    return memberNameText(parent.name) ?? '';
  return '';
}

export function memberNameText(name: ts.PropertyName): string | undefined {
  if (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) return name.text;
  if (ts.isStringLiteralLike(name) || ts.isNumericLiteral(name)) return name.text;
  return undefined;
}

export function hasStatic(member: ts.ClassElement): boolean {
  return (
    ts.canHaveModifiers(member) &&
    (ts.getModifiers(member)?.some((m) => m.kind === ts.SyntaxKind.StaticKeyword) ?? false)
  );
}

export function isDefaultExport(
  node: ts.Declaration & { modifiers?: ts.NodeArray<ts.ModifierLike> },
): boolean {
  return node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword) ?? false;
}

export function superCallOf(statement: ts.Statement): ts.CallExpression | undefined {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return undefined;
  return statement.expression.expression.kind === ts.SyntaxKind.SuperKeyword
    ? statement.expression
    : undefined;
}

export function alwaysLeaves(statement: ts.Statement): boolean {
  if (ts.isBlock(statement)) {
    const last = statement.statements.at(-1);
    return last !== undefined && alwaysLeaves(last);
  }
  return (
    ts.isReturnStatement(statement) || ts.isContinueStatement(statement) || ts.isBreakStatement(statement)
  );
}

export function alwaysThrows(statement: ts.Statement): boolean {
  if (ts.isThrowStatement(statement)) return true;
  if (ts.isBlock(statement)) {
    const last = statement.statements.at(-1);
    return last !== undefined && alwaysThrows(last);
  }
  return ts.isExpressionStatement(statement) && /^process\.exit\(/.test(statement.getText());
}

export function typeNameOf(type: ts.TypeNode | undefined): UnknownValue['type'] {
  switch (type?.kind) {
    case ts.SyntaxKind.NumberKeyword:
      return 'number';
    case ts.SyntaxKind.StringKeyword:
      return 'string';
    case ts.SyntaxKind.BooleanKeyword:
      return 'boolean';
    default:
      return undefined;
  }
}

const layerCall = /\b(layers\s*\.|\.add\s*\(|\.apply\s*\(|sequential\s*\()/;

/** What is read off a piece of code alone is read once: loops within loops ask again and again. */
function remembered<T>(read: (node: ts.Node) => T): (node: ts.Node) => T {
  const known = new WeakMap<ts.Node, T>();
  return (node) => {
    let value = known.get(node);
    if (value === undefined) {
      value = read(node);
      known.set(node, value);
    }
    return value;
  };
}

/** Whether a drawing would group by this function or loop: only where its text makes or applies layers. */
export function mentionsLayers(node: ts.Node): boolean {
  return (
    containsLayers(node) ||
    /\b(?:build|create|make|define|get|init)\w*(?:Model|Network|Net)\b/i.test(node.getText())
  );
}

export const containsLayers = remembered((node) => layerCall.test(node.getText()));

export function loopLabel(node: ts.IterationStatement): string {
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) return `for ${shortText(node.expression)}`;
  if (ts.isForStatement(node)) return node.condition ? `for ${shortText(node.condition)}` : 'for';
  return 'while';
}

export function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

export function isParameterProperty(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.PublicKeyword ||
    kind === ts.SyntaxKind.PrivateKeyword ||
    kind === ts.SyntaxKind.ProtectedKeyword ||
    kind === ts.SyntaxKind.ReadonlyKeyword
  );
}

/** What an assignment, `++` or `--` writes to; of other signs before a value the value, which is safe to take for written. */
export function targetOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isBinaryExpression(node)) return isAssignment(node.operatorToken.kind) ? node.left : undefined;
  return ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node) ? node.operand : undefined;
}

/** Names that a loop's body assigns, and so may change from round to round. */
export const namesAssignedIn = remembered((node): readonly string[] => {
  const names = new Set<string>();
  const visit = (at: ts.Node): void => {
    if (ts.isBinaryExpression(at) && isAssignment(at.operatorToken.kind)) addTargets(at.left);
    if ((ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)) && ts.isIdentifier(at.operand))
      names.add(at.operand.text);
    ts.forEachChild(at, visit);
  };
  const addTargets = (target: ts.Node): void => {
    if (ts.isIdentifier(target)) names.add(target.text);
    else if (ts.isArrayLiteralExpression(target) || ts.isObjectLiteralExpression(target))
      ts.forEachChild(target, addTargets);
  };
  visit(node);
  return [...names];
});

export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
}

/** The names of variables and parameters that a piece of code declares. */
export const namesBoundIn = remembered((node): readonly string[] => {
  const names: string[] = [];
  const visit = (at: ts.Node): void => {
    if (
      (ts.isVariableDeclaration(at) || ts.isParameter(at) || ts.isBindingElement(at)) &&
      ts.isIdentifier(at.name)
    )
      names.push(at.name.text);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return names;
});

/** The names that `var` declares in a function's body, wherever they stand. */
export const variablesOf = remembered((body): readonly string[] => {
  const names: string[] = [];
  const addNames = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text);
    else for (const element of name.elements) if (!ts.isOmittedExpression(element)) addNames(element.name);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === 0)
      for (const declaration of node.declarations) addNames(declaration.name);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return names;
});
