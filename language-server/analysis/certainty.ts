/**
 * Whether a program is, at some call, in the state that the analysis sees. Functions that nothing calls, handlers of
 * events above all, are evaluated as though nothing had run since the program began; in truth other handlers may have
 * changed what they share. What is said of a model's state holds only where there is nothing shared.
 */
import ts from 'typescript';

/**
 * The call is reached from the top of the program; or from a function that nothing calls and that uses nothing that
 * other code could have changed. `calls` leads there, outermost first.
 */
export function isStateCertain(calls: readonly ts.Node[], call: ts.Node): boolean {
  const root = uncalledFunction(calls, call);
  if (!root) return true;
  const known = verdicts.get(root);
  if (known !== undefined) return known;
  const verdict = usesOnlyConstants(root, new Set());
  verdicts.set(root, verdict);
  return verdict;
}

/** Of functions that have been looked into: a loop may ask for thousands of times. */
const verdicts = new WeakMap<ts.Node, boolean>();

/** The function that the way to the call begins in; undefined for the program itself. */
function uncalledFunction(calls: readonly ts.Node[], call: ts.Node): ts.Node | undefined {
  let at = call;
  for (const outer of calls.toReversed()) {
    if (outer === at) continue;
    const fn = enclosingFunction(at);
    if (!fn || !isCallOf(outer, fn)) return fn;
    at = outer;
  }
  return enclosingFunction(at);
}

function enclosingFunction(node: ts.Node): ts.Node | undefined {
  return ts.findAncestor(
    node.parent,
    (ancestor) => ts.isFunctionLike(ancestor) || ts.isPropertyDeclaration(ancestor),
  );
}

/** By name: a function given to another one to be called is called when that one pleases. */
function isCallOf(call: ts.Node, fn: ts.Node): boolean {
  if (ts.isNewExpression(call)) return ts.isConstructorDeclaration(fn) || ts.isPropertyDeclaration(fn);
  if (!ts.isCallExpression(call)) return false;
  const callee = ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression;
  const named = ts.isFunctionLike(fn) && fn.name ? fn : fn.parent;
  return 'name' in named && (named.name as ts.Node | undefined)?.getText() === callee.getText();
}

/** `known` are the functions and classes that have been looked into. */
function usesOnlyConstants(root: ts.Node, known: Set<ts.Node>): boolean {
  if (known.has(root)) return true;
  known.add(root);
  const declarations = declarationsOf(root.getSourceFile());
  const isWithin = (node: ts.Node) => node.pos >= root.pos && node.end <= root.end;
  const isConstant = (declaration: ts.Node): boolean => {
    if (isWithin(declaration) || ts.isImportClause(declaration)) return true;
    if (ts.isImportSpecifier(declaration) || ts.isNamespaceImport(declaration)) return true;
    if (ts.isFunctionDeclaration(declaration) || ts.isClassDeclaration(declaration)) {
      return usesOnlyConstants(declaration, known);
    }
    if (!ts.isVariableDeclaration(declaration) || !(declaration.parent.flags & ts.NodeFlags.Const))
      return false;
    const { initializer } = declaration;
    if (!initializer || !ts.isIdentifier(declaration.name)) return false;
    if (ts.isFunctionLike(initializer)) return usesOnlyConstants(initializer, known);
    return ts.isLiteralExpression(initializer) || isRequire(initializer);
  };
  const isFine = (node: ts.Node): boolean => {
    if (ts.isTypeNode(node)) return true;
    if (node.kind === ts.SyntaxKind.ThisKeyword) return ts.isClassLike(root);
    if (ts.isIdentifier(node) && isReference(node)) {
      return (declarations.get(node.text) ?? []).every(isConstant);
    }
    return ts.forEachChild(node, (child) => !isFine(child)) !== true;
  };
  return isFine(root);
}

/** What declares a name, anywhere in the file. */
function declarationsOf(file: ts.SourceFile): Map<string, ts.Node[]> {
  const found = new Map<string, ts.Node[]>();
  const visit = (node: ts.Node): void => {
    const name = ts.isPropertyAccessExpression(node) ? undefined : (node as { name?: ts.Node }).name;
    const isMember = ts.isClassElement(node) || ts.isObjectLiteralElement(node) || ts.isTypeElement(node);
    if (name && ts.isIdentifier(name) && !isMember)
      found.set(name.text, [...(found.get(name.text) ?? []), node]);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Not the name of a member or of what is being declared. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return (parent as { name?: ts.Node }).name !== node;
}

function isRequire(expression: ts.Expression): boolean {
  return (
    ts.isCallExpression(expression) &&
    ts.isIdentifier(expression.expression) &&
    expression.expression.text === 'require'
  );
}
