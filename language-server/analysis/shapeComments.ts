/**
 * `@shape [n, 28, 28, 1]` in a comment: what a person says of a tensor (or a list of sizes) that the
 * analysis cannot follow. It is taken as true where nothing else is known, and checked where something is.
 *
 * A comment belongs to the declaration, parameter or expression that it stands before, or behind at the end of a line.
 * The first size is the batch, `null` or a name. Other names are variables of the program where it has such, else
 * symbols; `null` is a size that is left open.
 */
import ts from 'typescript';
import { formatBatchShape } from '../../model-graph/batchShape';
import { type Dim, equalDims, type Shape, symbol } from '../../model-graph/dims';
import type { SourceLocation } from '../../model-graph/graph';
import { Layer, SymbolicTensor } from '../../model-graph/wired';
import type { Evaluation } from './evaluator/evaluation';
import { ArrayValue, DataTensor, type Scope, UnknownValue, type Value } from './values';

export interface ShapeComment {
  sizes: (number | string | null)[];
  /** What it is said of is a list of sizes, as `inputShape` takes one, without a batch. */
  isList: boolean;
  start: number;
  end: number;
  file: ts.SourceFile;
}

/** The comment that says this shape; with nothing known of it, one to be filled in. */
export function shapeCommentFor(shape: Shape | null): string {
  return `/** @shape ${shape ? formatBatchShape(shape) : '[null, …]'} */`;
}

// --- finding them ----------------------------------------------------------------------------------------------------

type Target = ts.Expression | ts.ParameterDeclaration;

const comments = /\/\*(?:[^*]|\*(?!\/))*@shape\b(?:[^*]|\*(?!\/))*\*\/|\/\/[^\r\n]*@shape\b[^\r\n]*/g;
const found = new WeakMap<ts.SourceFile, ReadonlyMap<ts.Node, ShapeComment>>();

/** The comments of a file by what they are said of. */
export function shapeCommentsOf(file: ts.SourceFile): ReadonlyMap<ts.Node, ShapeComment> {
  const known = found.get(file);
  if (known) return known;
  const result = new Map<ts.Node, ShapeComment>();
  found.set(file, result);
  if (!file.text.includes('@shape')) return result;
  for (const match of file.text.matchAll(comments)) {
    const sizes = readSizes(match[0]);
    const end = match.index + match[0].length;
    const target = sizes && targetOf(file, match.index, end);
    if (target) result.set(target, { sizes, isList: isListOfSizes(target), start: match.index, end, file });
  }
  return result;
}

function readSizes(comment: string): ShapeComment['sizes'] | undefined {
  const list = /@shape\s*:?\s*\[([^\]]*)\]/.exec(comment)?.[1];
  if (list === undefined) return undefined;
  const sizes: ShapeComment['sizes'] = [];
  for (const part of list.trim() === '' ? [] : list.split(',')) {
    const size = part.trim();
    if (/^\d+$/.test(size)) sizes.push(Number(size));
    else if (size === 'null') sizes.push(null);
    else if (/^[\p{L}_$][\p{L}\d_$]*$/u.test(size)) sizes.push(size);
    else return undefined;
  }
  return sizes;
}

function targetOf(file: ts.SourceFile, start: number, end: number): Target | undefined {
  const next = tokenAt(file, start);
  if (!next || next.getStart(file) <= start) return undefined; // inside a text, not a comment
  const { text } = file;
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  const behind = /^[ \t]*(\r?\n|$)/.test(text.slice(end)) && before.trim() !== '';
  return behind ? targetBefore(file, next) : targetFrom(next, file);
}

/** The token at, or behind, a position. */
function tokenAt(file: ts.SourceFile, position: number): ts.Node | undefined {
  let node: ts.Node | undefined = file;
  while (node) {
    const children: readonly ts.Node[] = node.getChildren(file);
    if (children.length === 0) return node === file ? undefined : node;
    node = children.find((child) => !ts.isJSDoc(child) && child.pos <= position && position < child.end);
  }
  return undefined;
}

/** What begins with the token. */
function targetFrom(token: ts.Node, file: ts.SourceFile): Target | undefined {
  const start = token.getStart(file);
  return outermost(token, (node) => node.getStart(file) === start);
}

/** What ends before the token, its comma or semicolon aside. */
function targetBefore(file: ts.SourceFile, next: ts.Node): Target | undefined {
  let token = tokenAt(file, next.pos - 1);
  const ends = new Set([next.pos]);
  if (token && (token.kind === ts.SyntaxKind.SemicolonToken || token.kind === ts.SyntaxKind.CommaToken)) {
    ends.add(token.pos);
    token = tokenAt(file, token.pos - 1);
  }
  return token && outermost(token, (node) => ends.has(node.end));
}

/** The statement, declaration or expression around a token that still shares its edge. */
function outermost(token: ts.Node, sharesEdge: (node: ts.Node) => boolean): Target | undefined {
  let best: Target | undefined;
  for (let node = token; node && !ts.isSourceFile(node) && sharesEdge(node); node = node.parent) {
    if (ts.isParameter(node)) return node;
    const target = expressionOf(node);
    if (target) best = target;
    if (ts.isStatement(node)) break;
  }
  return best;
}

function expressionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isVariableStatement(node)) {
    const [only, second] = node.declarationList.declarations;
    return second ? undefined : only?.initializer;
  }
  if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isPropertyAssignment(node)) {
    return node.initializer;
  }
  if (ts.isReturnStatement(node) || ts.isExportAssignment(node)) return node.expression;
  if (ts.isExpressionStatement(node)) return assignedOrAdded(node.expression);
  return ts.isExpression(node) && !ts.isBlock(node.parent) ? node : undefined;
}

/** `x = f()` says it of `f()`, and `model.add(layer)` of `layer`. */
function assignedOrAdded(expression: ts.Expression): ts.Expression {
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    return expression.right;
  }
  if (
    ts.isCallExpression(expression) &&
    ts.isPropertyAccessExpression(expression.expression) &&
    expression.expression.name.text === 'add' &&
    expression.arguments[0]
  ) {
    return expression.arguments[0];
  }
  return expression;
}

function isListOfSizes(target: Target): boolean {
  const holder = ts.isParameter(target) ? target : target.parent;
  const name =
    ts.isParameter(holder) || ts.isVariableDeclaration(holder) || ts.isPropertyAssignment(holder)
      ? holder.name.getText()
      : '';
  return /(shape|sizes?|dims)$/i.test(name);
}

// --- honouring and checking them -------------------------------------------------------------------------------------

const pendingLayers = new WeakMap<Evaluation, Map<Layer, ShapeComment>>();

/** The value that the comment is said of, with the comment's shape where it has none of its own. */
export function withShapeComment(
  evaluator: Evaluation,
  comment: ShapeComment,
  value: Value,
  scope: Scope,
): Value {
  const shape = comment.sizes.map((size, index) =>
    sizeOf(evaluator, size, scope, index === 0 && !comment.isList),
  );
  if (value instanceof UnknownValue) {
    return comment.isList ? new ArrayValue(shape) : tensorOfUnknown(value, shape);
  }
  if (value instanceof SymbolicTensor) {
    if (value.shape) check(evaluator, comment, shape, value.shape);
    else Object.assign(value, { shape, lost: undefined });
  } else if (value instanceof DataTensor) {
    if (!value.shape) return new DataTensor(shape, value.name);
    check(evaluator, comment, shape, value.shape);
  } else if (value instanceof ArrayValue && comment.isList && !value.rest) {
    // Not `map`: a program's list may have holes.
    const known = Array.from(value.items, (item) => (item == null ? null : evaluator.asQuantity(item)));
    if (known.every((size) => size !== undefined)) check(evaluator, comment, shape, known as Shape);
  } else if (value instanceof Layer) {
    const pending = pendingLayers.get(evaluator) ?? new Map<Layer, ShapeComment>();
    pendingLayers.set(evaluator, pending.set(value, comment));
  }
  return value;
}

/** Layers are known once they are applied, which is after their comments are met. */
export function checkLayerComments(evaluator: Evaluation): void {
  for (const [layer, comment] of pendingLayers.get(evaluator) ?? []) {
    const known = layer.calls[0]?.outputs[0]?.shape;
    const said = comment.sizes.map((size, index) =>
      typeof size !== 'string' ? size : index === 0 ? null : symbol(size),
    );
    if (known) check(evaluator, comment, said, known);
  }
}

/**
 * A tensor of which nothing but the shape is known. What leads to it stays lost: a model that contains it has layers
 * that nobody has seen.
 */
function tensorOfUnknown(value: UnknownValue, shape: Shape): SymbolicTensor {
  const lost = { reason: `${value.reason}; only its shape is known, from a comment`, at: value.at };
  const layer = new Layer(value.name, '?', 'custom', {}, undefined, undefined, lost);
  const tensor = new SymbolicTensor(layer, 0, 0, shape);
  layer.calls.push({
    inputs: [],
    outputs: [tensor],
    facts: {
      outputShapes: [shape],
      weights: null,
      multiplyAccumulates: null,
      window: null,
      derivation: [],
      problems: [],
      lost,
    },
  });
  return tensor;
}

/** Only what comes from tf.input can be a model's input: used as one, the unknown is known to be that. */
export function takeAsInput({ layer }: SymbolicTensor): void {
  const [call] = layer.calls;
  if (layer.className !== '?' || !layer.lost || !call) return;
  Object.assign(layer, {
    className: 'InputLayer',
    kind: 'input',
    lost: undefined,
    weights: [],
    trainable: false,
  });
  Object.assign(call.facts, {
    weights: [],
    multiplyAccumulates: 0,
    window: { kind: 'pointwise' },
    lost: undefined,
  });
}

function sizeOf(evaluator: Evaluation, size: number | string | null, scope: Scope, isBatch: boolean): Dim {
  if (typeof size !== 'string') return size;
  if (isBatch) return null;
  const { found: isVariable, value } = scope.lookup(size);
  const quantity = isVariable ? evaluator.asQuantity(value) : undefined;
  return quantity ?? symbol(size);
}

function check(evaluator: Evaluation, comment: ShapeComment, said: Shape, known: Shape): void {
  const agrees =
    said.length === known.length && said.every((size, axis) => equalDims(size, known[axis]!) !== false);
  if (agrees) return;
  evaluator.topology.problems.push({
    code: 'shape-comment-mismatch',
    severity: 'warning',
    stage: 'create',
    message: `The comment says ${formatBatchShape(said)}, but the shape is ${formatBatchShape(known)}.`,
    location: locationOf(evaluator, comment),
  });
}

function locationOf(evaluator: Evaluation, { file, start, end }: ShapeComment): SourceLocation {
  return {
    path: evaluator.modules.pathOf(file),
    range: { start: file.getLineAndCharacterOfPosition(start), end: file.getLineAndCharacterOfPosition(end) },
  };
}
