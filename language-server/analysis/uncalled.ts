/** Functions and classes that nothing calls: evaluated with unknowns named after their parameters. */
import ts from 'typescript';
import { Layer, Model, SymbolicTensor } from '../../model-graph/wired';
import type { Evaluator } from './evaluator/evaluator';
import { isPrimitive, typeOfPrimitive } from './evaluator/kinds';
import { targetOf } from './evaluator/syntax';
import { receiverOf } from './receivers';
import {
  ArrayValue,
  type FunctionNode,
  FunctionValue,
  ObjectValue,
  Scope,
  UnknownValue,
  type Value,
} from './values';

/**
 * Functions that the program itself never called: exported builders, event handlers, methods. Those that no other code
 * of the file mentions come first, so that a helper is seen as its callers call it.
 */
export function evaluateUncalled(evaluator: Evaluator, file: ts.SourceFile, scope: Scope): void {
  const mentions = countMentions(file);
  for (const onlyRoots of [true, false]) {
    const visit = (node: ts.Node, at: Scope): void => {
      if (ts.isClassLike(node)) {
        if (!onlyRoots || isRoot(node.name?.text, mentions)) evaluateClass(evaluator, node, at, mentions);
      } else if (isFunctionWithBody(node) && !evaluator.entered.has(node) && !isMethodOfClass(node)) {
        const name = nameOfFunction(node);
        // A callback that was handed to somebody has no name to be called by.
        const isCallback = name === undefined && evaluator.closures.has(node);
        if (!onlyRoots || isCallback || isRoot(name, mentions)) evaluateFunction(evaluator, node, name, at);
      }
      // What stands in a function that was never reached sees names of which nothing is known.
      const inside =
        isFunctionWithBody(node) && !evaluator.entered.has(node) ? scopeOfUnknowns(evaluator, node, at) : at;
      ts.forEachChild(node, (child) => visit(child, inside));
    };
    visit(file, scope);
  }
}

/** Everything that a function's parameters and body declare, hiding what has the same name outside. */
function scopeOfUnknowns(evaluator: Evaluator, fn: FunctionNode, parent: Scope): Scope {
  const scope = new Scope(parent, true);
  const visit = (node: ts.Node): void => {
    if ((ts.isParameter(node) || ts.isVariableDeclaration(node)) && ts.isIdentifier(node.name))
      scope.declare(node.name.text, evaluator.unknown(node, 'this code is not reached', node.name.text));
    if (ts.isBindingElement(node) && ts.isIdentifier(node.name))
      scope.declare(node.name.text, evaluator.unknown(node, 'this code is not reached', node.name.text));
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(fn, visit);
  return scope;
}

function isMethodOfClass(node: ts.Node): boolean {
  return ts.isMethodDeclaration(node) && ts.isClassLike(node.parent);
}

function evaluateFunction(
  evaluator: Evaluator,
  node: FunctionNode,
  name: string | undefined,
  scope: Scope,
): void {
  // As the program made it, so that it sees the variables of the functions around it.
  const made = evaluator.closures.get(node);
  const fn = made?.fn ?? new FunctionValue(node, scope, undefined, name ?? '');
  asRoot(evaluator, node, name, () =>
    evaluator.invoke(
      fn,
      evaluator.unknownArguments(node),
      receiverOf(evaluator, node, made?.self),
      undefined,
    ),
  );
}

/** How often each name stands in the file, apart from where it is exported by name. */
function countMentions(file: ts.SourceFile): Map<string, number> {
  const mentions = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isExportDeclaration(node) || ts.isExportAssignment(node)) return;
    if (ts.isIdentifier(node)) mentions.set(node.text, (mentions.get(node.text) ?? 0) + 1);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return mentions;
}

/** Its declaration is the only mention: nothing here calls it. */
function isRoot(name: string | undefined, mentions: Map<string, number>): boolean {
  return name !== undefined && (mentions.get(name) ?? 0) <= 1;
}

function evaluateClass(
  evaluator: Evaluator,
  node: ts.ClassLikeDeclaration,
  scope: Scope,
  mentions: Map<string, number>,
): void {
  const cls = evaluator.classes.get(node) ?? evaluator.classFrom(node, scope);
  const site = { node, location: evaluator.locate(node) };
  const pending = node.members.filter(
    (member): member is ts.MethodDeclaration =>
      ts.isMethodDeclaration(member) && member.body !== undefined && !evaluator.entered.has(member),
  );
  const rank = (method: ts.MethodDeclaration) => (isRoot(method.name.getText(), mentions) ? 0 : 1);
  pending.sort((left, right) => rank(left) - rank(right));
  if (pending.length === 0 && evaluator.entered.has(node)) return;
  const constructorNode = node.members.find(ts.isConstructorDeclaration);
  // An object that the program made knows more than one made from nothing.
  let self = evaluator.instances.get(node);
  if (self === undefined) {
    evaluator.root = node;
    evaluator.guarded(() => {
      const created = evaluator.creations.length;
      self = evaluator.construct(
        cls,
        constructorNode ? evaluator.unknownArguments(constructorNode) : [],
        site,
      );
      // A layer class that nobody instantiates is not a layer of this program.
      evaluator.creations.length = self instanceof ObjectValue ? evaluator.creations.length : created;
    });
    evaluator.root = undefined;
  }
  if (!(self instanceof ObjectValue)) return;
  const fields = new Map(self.properties);
  const writers = fieldWriters(node);
  const ranAlready = new Set(
    [...writers.values()]
      .flatMap((methods) => [...methods])
      .filter((method) => evaluator.entered.has(method)),
  );
  for (const method of pending) {
    if (evaluator.entered.has(method)) continue;
    const name = method.name.getText();
    // What another method sets is only what it begins with: when this one runs, is not known.
    for (const [field, methods] of writers) {
      const begun = fields.get(field);
      const now = self.properties.get(field);
      if (begun === undefined || begun === null) continue;
      const others = [...methods].filter((writer) => writer !== method);
      const reason = `\`this.${field}\` is set by other methods of \`${cls.name}\``;
      if (isPrimitive(begun) && isPrimitive(now) && others.length > 0) {
        self.properties.set(field, new UnknownValue(field, reason, site.location, typeOfPrimitive(begun)));
      } else if (isPlainCollection(now) && others.some((writer) => !ranAlready.has(writer))) {
        self.properties.set(field, new UnknownValue(field, reason, site.location));
      }
    }
    const isStatic = ts
      .getModifiers(method)
      ?.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword);
    const receiver = isStatic ? cls : self;
    const fn = new FunctionValue(method, cls.scope ?? scope, receiver, name, cls);
    asRoot(evaluator, method, name, () =>
      evaluator.invoke(fn, evaluator.unknownArguments(method), receiver, undefined),
    );
  }
}

/** A list or an object in which no layer is kept: where a program keeps those is its own affair. */
function isPlainCollection(value: Value): boolean {
  if (!(value instanceof ArrayValue || value instanceof ObjectValue)) return false;
  const items = value instanceof ArrayValue ? value.items : [...value.properties.values()];
  return !items.some((item) => item instanceof Layer || item instanceof SymbolicTensor);
}

/** The methods, apart from the constructor, that assign each field: `this.units = 5`, `this.count++`. */
function fieldWriters(node: ts.ClassLikeDeclaration): Map<string, Set<ts.ClassElement>> {
  const writers = new Map<string, Set<ts.ClassElement>>();
  for (const member of node.members) {
    if (!ts.isMethodDeclaration(member) && !ts.isAccessor(member)) continue;
    const visit = (at: ts.Node): void => {
      const target = targetOf(at);
      if (
        target &&
        ts.isPropertyAccessExpression(target) &&
        target.expression.kind === ts.SyntaxKind.ThisKeyword
      ) {
        const known = writers.get(target.name.text) ?? new Set();
        writers.set(target.name.text, known.add(member));
      }
      ts.forEachChild(at, visit);
    };
    visit(member);
  }
  return writers;
}

/** A model that a function returns without ever holding it is called after the function. */
function asRoot(evaluator: Evaluator, node: ts.Node, name: string | undefined, run: () => void): void {
  const before = evaluator.creations.length;
  const problems = evaluator.topology.problems.length;
  evaluator.root = node;
  evaluator.lostTensors.clear(); // what other functions tell of a value may be of another time
  evaluator.beforeRoot?.();
  const changes = evaluator.journalOf(() => evaluator.topology.withOwnNames(() => evaluator.guarded(run)));
  evaluator.volatileState.note(changes, node);
  evaluator.root = undefined;
  for (const problem of evaluator.topology.problems.slice(problems))
    evaluator.problemRoots.set(problem, node);
  if (!name) return;
  for (const { layer } of evaluator.creations.slice(before)) {
    if (layer instanceof Model) layer.label ??= name;
  }
}

function isFunctionWithBody(node: ts.Node): node is FunctionNode {
  return (
    ts.isFunctionLike(node) &&
    'body' in node &&
    node.body !== undefined &&
    !ts.isConstructorDeclaration(node) &&
    !ts.isAccessor(node)
  );
}

function nameOfFunction(node: FunctionNode): string | undefined {
  if (node.name) return node.name.getText();
  const { parent } = node;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : undefined;
}
