/**
 * Source text → models, layers and problems. Pure: everything it knows of the world comes through `ModuleHost`.
 *
 * The program is evaluated from its first line; then every function that nothing called is evaluated with parameters
 * that are not known. Where a condition is not known, the whole is done again with the other outcome, a few times at
 * most, and what differs is kept as alternatives.
 */
import ts from 'typescript';
import { layerNodeWriter, newNesting, toModelGraph } from '../../model-graph/fromTopology';
import type { LayerNode, ModelGraph, Problem, SourceLocation } from '../../model-graph/graph';
import { Layer, Model, SymbolicTensor } from '../../model-graph/topology';
import type { Creation } from './evaluator/evaluation';
import { Evaluator } from './evaluator/evaluator';
import { isPrimitive, isUndecided, typeOfPrimitive } from './evaluator/kinds';
import { StopSignal, ThrowSignal } from './evaluator/signals';
import { isAssignment } from './evaluator/syntax';
import { isExpectedToFail } from './expectedFailures';
import { type ModuleHost, ModuleLoader, ParsedFiles } from './modules';
import { receiverOf } from './receivers';
import { checkLayerComments } from './shapeComments';
import {
  ArrayValue,
  type FunctionNode,
  FunctionValue,
  ObjectValue,
  Scope,
  UnknownValue,
  type Value,
} from './values';
import { Volatile } from './volatile';

export type { ModuleHost } from './modules';
export { ParsedFiles } from './modules';

export interface AnalysisOptions {
  isCancelled?: () => boolean;
  parsed?: ParsedFiles;
  /** Nodes that one evaluation may visit. */
  stepLimit?: number;
  /** How many outcomes of unknown conditions are followed. */
  maximumRuns?: number;
  /** Told everything that each way through the program creates, in other files too. */
  onRun?: (creations: readonly Creation[]) => void;
  /** Told of every name that is declared or read, with what it holds then. */
  onName?: (node: ts.Identifier, value: Value) => void;
}

/** A call in the source that creates a layer, and every layer it creates. */
export interface LayerSite {
  location: SourceLocation;
  /** In order of creation, along the first way through the program. */
  layers: LayerNode[];
  /** What other outcomes of conditions that are not known create here instead. */
  alternatives: LayerNode[];
}

export interface Analysis {
  /** In source order, then in order of creation. */
  models: ModelGraph[];
  sites: LayerSite[];
  /** Created but part of no model that is shown. */
  unattached: LayerNode[];
  problems: Problem[];
  /** Files that were looked at, found or not. */
  dependencies: string[];
  /** Set when the program was too long to be followed to its end. */
  incomplete?: string;
}

const defaultStepLimit = 1_000_000;
const defaultRuns = 40;
/** How many other ways a model may come out are shown. */
const maximumAlternatives = 8;
/** Times that the program is evaluated again because functions change more than was seen before. */
const maximumPasses = 2;
/** Nodes visited by all evaluations together after which no further outcome is followed. */
const explorationSteps = 300_000;

export function analyze(
  path: string,
  text: string,
  host: ModuleHost,
  options: AnalysisOptions = {},
): Analysis {
  const parsed = options.parsed ?? new ParsedFiles();
  const stepLimit = options.stepLimit ?? defaultStepLimit;
  const runs: Run[] = [];
  // Breadth first: every condition gets flipped once before two are flipped together.
  const plans: boolean[][] = [[]];
  const volatile = new Volatile();
  let steps = 0;
  while (plans.length > 0 && runs.length < (options.maximumRuns ?? defaultRuns)) {
    const plan = plans.shift()!;
    let run: Run;
    let { findings } = volatile;
    for (let pass = 0; ; pass++) {
      run = runOnce(path, text, host, parsed, plan, stepLimit, volatile, options);
      if (volatile.findings === findings || pass === maximumPasses || run.incomplete) break;
      findings = volatile.findings;
    }
    runs.push(run);
    options.onRun?.(run.creations);
    if (run.incomplete) break;
    steps += run.steps;
    if (steps > explorationSteps) break; // long programs: other outcomes would cost more than they tell
    for (let index = plan.length; index < run.outcomes.length; index++) {
      plans.push([...run.outcomes.slice(0, index), !run.outcomes[index]]);
    }
  }
  const analysis = merge(path, runs);
  const expected = ({ location }: Problem) =>
    location?.path === path && isExpectedToFail(parsed.parse(path, text), location.range);
  return { ...analysis, problems: analysis.problems.filter((problem) => !expected(problem)) };
}

interface Run {
  creations: Creation[];
  problems: Problem[];
  /** The uncalled function that a problem was found in. */
  problemRoots: ReadonlyMap<Problem, ts.Node>;
  outcomes: boolean[];
  decisions: { name: string; outcome: boolean }[];
  /** Functions that the program itself called. */
  called: ReadonlySet<ts.Node>;
  dependencies: Set<string>;
  steps: number;
  /** The problems from this one on may be due to two conditions of one name having been taken for one. */
  likenedAt?: Problem;
  incomplete?: string;
  reached?: Set<string>;
}

function runOnce(
  path: string,
  text: string,
  host: ModuleHost,
  parsed: ParsedFiles,
  plan: boolean[],
  stepLimit: number,
  volatile: Volatile,
  { isCancelled, onName }: AnalysisOptions,
): Run {
  const modules = new ModuleLoader(host, parsed);
  const file = modules.parse(path, text);
  const evaluator = new Evaluator(modules, { stepLimit, plan, isCancelled, onName, volatile });
  let incomplete: string | undefined;
  try {
    const scope = modules.evaluateEntry(evaluator, path, file);
    const unknowns = [...volatile.names].map(
      (name) => new UnknownValue(name, `\`${name}\` is changed by functions that may be called at any time`),
    );
    evaluator.beforeRoot = () => {
      for (const unknown of unknowns) scope.declare(unknown.name, unknown);
      evaluator.volatileState.forget(evaluator.root);
    };
    evaluator.beforeRoot();
    const before = new Map(scope.bindings);
    evaluateUncalled(evaluator, file, scope);
    checkLayerComments(evaluator);
    for (const [name, value] of before) {
      const now = scope.bindings.get(name);
      if (now !== value && isPrimitive(value) && (isPrimitive(now) || isUndecided(now)))
        volatile.addName(name);
    }
  } catch (error) {
    if (error instanceof StopSignal) {
      if (error.reason === 'cancelled') throw error;
      incomplete = 'the program is too long to be followed to its end';
    } else if (error instanceof RangeError) {
      incomplete = 'the program nests too deeply to be followed'; // the call stack
    } else if (!(error instanceof ThrowSignal)) {
      throw error;
    }
  }
  return {
    creations: evaluator.creations,
    problems: evaluator.topology.problems,
    problemRoots: evaluator.problemRoots,
    outcomes: evaluator.decisions.map((decision) => decision.outcome),
    decisions: evaluator.decisions,
    called: evaluator.called,
    dependencies: modules.dependencies,
    steps: evaluator.stepsTaken,
    likenedAt:
      evaluator.likenedAt === undefined ? undefined : evaluator.topology.problems[evaluator.likenedAt],
    incomplete,
  };
}

/**
 * Functions that the program itself never called: exported builders, event handlers, methods. Those that no other code
 * of the file mentions come first, so that a helper is seen as its callers call it.
 */
function evaluateUncalled(evaluator: Evaluator, file: ts.SourceFile, scope: Scope): void {
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
      const target =
        ts.isBinaryExpression(at) && isAssignment(at.operatorToken.kind)
          ? at.left
          : ts.isPrefixUnaryExpression(at) || ts.isPostfixUnaryExpression(at)
            ? at.operand
            : undefined;
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

// --- results ---------------------------------------------------------------------------------------------------------

function merge(path: string, runs: Run[]): Analysis {
  leaveOutUncalled(runs);
  const dependencies = new Set<string>();
  const sites = new Map<string, LayerSite>();
  const models: ModelGraph[] = [];
  const unattached: LayerNode[] = [];
  /** By the place that makes them; only a place that makes several has them compared. */
  const seenModels = new Map<string, { first: ModelGraph; keys?: Set<string> }>();
  const alternatives = new Map<string, number>();
  const problems = new Map<string, Problem>();

  runs.forEach((run, runIndex) => {
    for (const dependency of run.dependencies) dependencies.add(dependency);
    const wired = run.creations.flatMap(({ layer, via }) =>
      layer instanceof Model ? [{ model: layer, via }] : [],
    );
    const nesting = newNesting(); // costs change while a program runs, not afterwards
    const attached = new Map<Layer, LayerNode>();
    const nestedModels = new Set(
      wired.flatMap(({ model }) => model.layers.filter((layer) => layer instanceof Model)),
    );
    for (const { model, via } of wired) {
      const graph = toModelGraph(model, modelId(model, models.length), nesting);
      model.layers.forEach((layer, index) => {
        const node = graph.layers[index]!;
        // An input layer that a model makes for its first layer is not among its layers.
        if (!attached.has(layer)) attached.set(layer, node);
      });
      if (nestedModels.has(model) && model.location?.path !== path) continue;
      const place = model.location ? locationKey(model.location) : '';
      const seen = seenModels.get(place);
      // Along another way through the program a model may have other numbers in its names, and nothing else.
      const keysOf = (other: ModelGraph): string[] => {
        const key = fingerprint({ ...other, id: '' });
        return [key, withoutNumbers(key)];
      };
      if (seen) {
        seen.keys ??= new Set(keysOf(seen.first));
        const [key, plainKey] = keysOf(graph) as [string, string];
        if (seen.keys.has(runIndex === 0 ? key : plainKey)) continue;
        seen.keys.add(key).add(plainKey);
      } else seenModels.set(place, { first: graph });
      // Of the ways a model may come out where conditions are not known, a few are shown.
      const others = alternatives.get(place) ?? 0;
      if (runIndex > 0 && others >= maximumAlternatives) continue;
      if (runIndex > 0) alternatives.set(place, others + 1);
      // A model that a helper in another file makes belongs to the call here that asked for it.
      if (model.location?.path === path) models.push(graph);
      else if (via) models.push({ ...graph, location: via });
      else if (ownsLayerIn(graph, path)) models.push(graph);
    }
    const writeNode = layerNodeWriter();
    const ofRun = new Map<string, LayerNode[]>();
    for (const { layer, location } of run.creations) {
      if (layer instanceof Model) continue;
      const node = attached.get(layer) ?? writeNode(layer);
      if (location.path !== path) continue;
      const key = locationKey(location);
      const list = ofRun.get(key) ?? [];
      list.push(node);
      ofRun.set(key, list);
      if (!sites.has(key)) sites.set(key, { location, layers: [], alternatives: [] });
      if (runIndex === 0 && !attached.has(layer)) unattached.push(node);
    }
    for (const [key, nodes] of ofRun) {
      const site = sites.get(key)!;
      if (site.layers.length === 0) {
        site.layers = nodes;
        continue;
      }
      const known = new Set([...site.layers, ...site.alternatives].map(factsKey));
      for (const node of nodes) {
        if (known.has(factsKey(node))) continue;
        known.add(factsKey(node));
        site.alternatives.push(node);
      }
    }
    for (const problem of run.problems) {
      const key = `${problemKey(problem)} ${problem.message}`;
      const known = problems.get(key);
      // Of layers made in a loop, one may only be warned of what makes tfjs refuse the next.
      if (known && (known.severity === 'error' || problem.severity !== 'error')) continue;
      const shown = conditional(problem, run, runs);
      if (shown) problems.set(key, shown);
    }
  });

  // A layer in a loop or a function that is called often may be fine in one round and wrong in another: say it once.
  for (const site of sites.values()) preferKnown(site);
  return {
    models,
    sites: [...sites.values()].sort((left, right) => compareLocations(left.location, right.location)),
    unattached,
    problems: [...problems.values()],
    dependencies: [...dependencies],
    ...(runs[0]?.incomplete ? { incomplete: runs[0].incomplete } : {}),
  };
}

/**
 * What goes wrong only where conditions that are not known come out in one way may never go wrong, since the program
 * may see to it that they do not: no error, but worth a warning.
 */
function conditional(problem: Problem, run: Run, runs: Run[]): Problem | undefined {
  if (problem.severity !== 'error' || !problem.location) return problem;
  const key = problemKey(problem);
  const places = [problem.location, problem.thrownAt ?? problem.location].map(locationKey);
  const fine = runs.filter(
    (other) =>
      other !== run &&
      !other.problems.some((candidate) => problemKey(candidate) === key) &&
      places.some((place) => (other.reached ??= placesReached(other)).has(place)),
  );
  if (fine.length === 0) {
    // `kind === 'conv'` was asked of several, and taken to come out alike: perhaps it never does.
    const first = run.likenedAt ? run.problems.indexOf(run.likenedAt) : -1;
    const isLikened = first >= 0 && run.problems.indexOf(problem) >= first;
    const isEverywhere = runs.every(({ problems }) => problems.some((other) => problemKey(other) === key));
    return isLikened && !isEverywhere ? { ...problem, severity: 'warning' } : problem;
  }
  // What comes out here as it does nowhere where all is well; what was asked last, depends on the rest.
  const cause = run.decisions.findLast(({ name, outcome }) =>
    fine.every(({ decisions }) => decisions.find((decision) => decision.name === name)?.outcome !== outcome),
  );
  // That a builder's first layer lacks an input shape, or that a kind is none of those it knows, its callers see to.
  if (problem.code === 'missing-input-shape') return undefined;
  if (problem.code === 'not-a-layer' && cause?.outcome === false) return undefined;
  const where = cause ? ` This is so where \`${cause.name}\` is ${cause.outcome}.` : '';
  return { ...problem, severity: 'warning', message: problem.message + where };
}

/** Where layers are created and applied. */
function placesReached({ creations }: Run): Set<string> {
  const places = new Set<string>();
  for (const { layer, location } of creations) {
    places.add(locationKey(location));
    for (const call of layer.calls) if (call.location) places.add(locationKey(call.location));
  }
  return places;
}

function problemKey({ code, location }: Problem): string {
  return `${code} ${location ? locationKey(location) : ''}`;
}

/** Where one outcome loses track and another does not, what is known comes first. */
function preferKnown(site: LayerSite): void {
  const isKnown = ({ verdict }: LayerNode) => verdict.kind !== 'lost';
  if (site.layers.some(isKnown) || !site.alternatives.some(isKnown)) return;
  const { layers, alternatives } = site;
  site.layers = alternatives.filter(isKnown);
  site.alternatives = [...layers, ...alternatives.filter((node) => !isKnown(node))];
}

/** A function that is called along one way through the program is shown as it is called there, and never as uncalled. */
function leaveOutUncalled(runs: Run[]): void {
  for (const run of runs) {
    const isCalledElsewhere = (root: ts.Node | undefined) =>
      root !== undefined && runs.some((other) => other.called.has(root));
    run.creations = run.creations.filter(({ root }) => !isCalledElsewhere(root));
    run.problems = run.problems.filter((problem) => !isCalledElsewhere(run.problemRoots.get(problem)));
  }
}

/** Stable while the code around is edited: models keep their order far more often than their line. */
function modelId(model: Model, index: number): string {
  return `${model.named ? model.name : (model.label ?? model.name)}#${index}`;
}

function ownsLayerIn(graph: ModelGraph, path: string): boolean {
  return graph.layers.some((layer) => layer.location?.path === path);
}

export function locationKey({ path, range }: SourceLocation): string {
  return `${path}:${range.start.line}:${range.start.character}:${range.end.line}:${range.end.character}`;
}

function compareLocations(left: SourceLocation, right: SourceLocation): number {
  return (
    left.range.start.line - right.range.start.line || left.range.start.character - right.range.start.character
  );
}

export function factsKey(node: LayerNode): string {
  return fingerprint([
    node.className,
    node.calls.map((call) => call.outputShapes),
    node.params,
    node.verdict.kind,
  ]);
}

/** Without the numbers that tfjs gives names that are given none, and without how often a loop or function has run. */
function withoutNumbers(key: string): string {
  return key
    .replace(/"([a-z0-9_]+_[A-Z]\w*?|input|sequential_|model)\d+(?=(_input)?["/])/g, '"$1')
    .replace(/"run":\d+/g, '"run":0');
}

function fingerprint(value: unknown): string {
  return JSON.stringify(value);
}
