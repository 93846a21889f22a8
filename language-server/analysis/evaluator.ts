/**
 * Evaluates a program's syntax tree over abstract values (`values.ts`), without running it: numbers, arrays, objects,
 * functions and classes as JavaScript has them; layers, symbolic tensors and models through `Topology`; and `Unknown`
 * for everything else.
 *
 * A condition that is not known is decided by a plan; `analyze.ts` runs the program again for the other decisions.
 * Programs are half-typed most of the time, so nothing here may throw on a strange tree; and a step budget ends what
 * would not end by itself.
 */
import ts from 'typescript';
import {
  add,
  ceilDivide,
  equalDims,
  equalShapes,
  floorDivide,
  isSymbolic,
  multiply,
  type Quantity,
  type Symbolic,
  subtract,
  symbol,
} from '../../model-graph/dims';
import type { LayerGroup, Problem, Range, SourceLocation } from '../../model-graph/graph';
import { Unknown } from '../../model-graph/layers/rule';
import { Layer, type Lost, Model, SymbolicTensor, Topology } from '../../model-graph/topology';
import { globalValue, keysOf, memberOfBuiltin, textOf } from './builtins';
import { assignWeights, constructTfClass } from './customLayers';
import type { ModuleLoader } from './modules';
import { importMeta, placeOfModule } from './nodePaths';
import { isOptions } from './receivers';
import { type ShapeComment, shapeCommentsOf, withShapeComment } from './shapeComments';
import { memberOfTf, tfNamespace } from './tfjs';
import {
  ArrayValue,
  birthsSoFar,
  type CallSite,
  ClassValue,
  DataTensor,
  type FunctionContext,
  type FunctionNode,
  FunctionValue,
  isCallable,
  NativeFunction,
  ObjectValue,
  Quotient,
  Scope,
  UnknownValue,
  type Value,
  WeightVariable,
} from './values';
import { type Volatile, VolatileState } from './volatile';

/** Longer texts are data, not names. */
const maximumText = 10_000;
/** No one reads a size of more terms, and a loop could make it grow without end. */
const maximumTerms = 24;
const maximumKey = 2_000;

function isTooLong({ terms, key }: Symbolic): boolean {
  return terms.length > maximumTerms || key.length > maximumKey;
}

/** A statement's way of ending other than by reaching its end. */
type Completion =
  | { kind: 'return'; value: Value }
  | { kind: 'break'; label?: string }
  | { kind: 'continue'; label?: string }
  | undefined;

/** The program's own `throw`. */
export class ThrowSignal extends Error {
  constructor(readonly value: Value) {
    super('thrown by the program');
  }
}

/** The analysis itself must stop: its budget is used up, or it was cancelled. */
export class StopSignal extends Error {
  constructor(readonly reason: 'budget' | 'cancelled') {
    super(reason);
  }
}

/** What was there before the rounds of a loop changed it. */
export interface Journal {
  /** Things born later belong to one round alone. */
  born: number;
  maps: Map<Map<unknown, unknown>, Map<unknown, unknown>>;
  arrays: Map<ArrayValue, Value[]>;
  /** The objects and classes among what changed. */
  owners?: Map<Map<unknown, unknown>, ObjectValue | ClassValue>;
}

export interface EvaluatorOptions {
  /** Nodes that may be evaluated in one run. */
  stepLimit: number;
  isCancelled?: () => boolean;
  /** Outcomes of the first conditions that are not known, in the order in which they are met; later ones are true. */
  plan: boolean[];
  /** Told of every name that is declared or read, with what it holds then. */
  onName?: (node: ts.Identifier, value: Value) => void;
  /** What is changed at a time that is not known. */
  volatile?: Volatile;
}

/** A layer or model as the program made it. */
export interface Creation {
  layer: Layer;
  location: SourceLocation;
  /** The innermost call in the analysed file that led here. */
  via?: SourceLocation;
  /** The function that was evaluated although nothing calls it. */
  root?: ts.Node;
}

/** Methods of lists that call what they are given for their elements. */
const listMethods = /\.(forEach|map|flatMap|filter|reduce|reduceRight|find|some|every)$/;
/** Functions of packages that change what they are given. */
const changingCall =
  /(^|\.)(merge|mergeWith|extend|defaults|defaultsDeep|assign|assignIn|set|unset|pull|pullAll|remove|fill|reverse|shuffle\w*|sort\w*)$/i;
const maximumCallDepth = 120;
const maximumRounds = 12_000;
/** Times that a round is evaluated again because it changes more than was seen before. */
const maximumPasses = 4;
/** What exists in a browser, or in Node, but not everywhere. */
const runtimeGlobals = new Set([
  'window',
  'self',
  'document',
  'navigator',
  'process',
  'require',
  'module',
  'importScripts',
]);
/** More than anyone trains; a loop that makes more is a slip. */
const maximumLayers = 12_000;

export class Evaluator {
  readonly topology = new Topology();
  readonly creations: Creation[] = [];
  /** Functions whose body has been entered. */
  readonly entered = new Set<ts.Node>();
  /** Functions and classes that the program itself calls. */
  readonly called = new Set<ts.Node>();
  readonly problemRoots = new Map<Problem, ts.Node>();
  /** The uncalled functions that made a model, and that added to it afterwards. */
  readonly modelRoots = new Map<Model, { maker?: ts.Node; extender?: ts.Node }>();
  /** Puts back what functions may have changed that are called at any time. */
  beforeRoot?: () => void;
  /** The function that is being evaluated although nothing calls it. */
  root?: ts.Node;
  /** Conditions that were not known, in the order in which they were met. */
  readonly decisions: { name: string; outcome: boolean }[] = [];
  /** By the expression or parameter that they are said of. */
  private readonly shapeComments = new Map<ts.Node, ShapeComment>();
  /** How a condition that is not known comes out along the first way through the program. */
  private expected = true;
  private readonly decided = new Map<string, boolean>();
  /** What unknown values were decided to equal. */
  private readonly decidedEqual = new Map<UnknownValue | string, Value>();
  /** The first function made of each piece of code, with the variables that it closes over. */
  readonly closures = new Map<ts.Node, { fn: FunctionValue; self: Value }>();
  readonly classes = new Map<ts.Node, ClassValue>();
  /** The first object of each class that the program itself made. */
  readonly instances = new Map<ts.Node, Value>();
  /** Functions that are methods of what `new` of another function makes, by the prototype that they stand in. */
  private readonly prototypeMethods = new Map<ts.Node, ObjectValue>();
  /** The first object made with each prototype. */
  private readonly prototypeInstances = new Map<ObjectValue, ObjectValue>();
  /** Objects that look like the options of a component, by their literal; and what Vue makes of them. */
  readonly optionObjects = new Map<ts.Node, ObjectValue>();
  readonly components = new Map<ts.Node, { instance: ObjectValue }>();
  readonly volatileState: VolatileState;
  /** Functions given to others that are not known, which may call them at once or later; how much was made by then. */
  readonly handedOut = new Map<ts.Node, { to: string; creations: number }>();
  readonly globals = new Map<string, Value>();
  private readonly journals: Journal[] = [];
  /** The conditions asked about in each loop whose rounds are not known. */
  private readonly consulted: Set<string>[] = [];
  private readonly symbolNames = new Map<string, number>();
  private readonly groups: LayerGroup[] = [];
  private readonly groupRuns = new Map<string, number>();
  private readonly repeatedReason: { reason: string; at: SourceLocation }[] = [];
  /** The calls under way, outermost first. */
  readonly callFrames: CallSite[] = [];
  private callDepth = 0;
  private steps = 0;
  get stepsTaken(): number {
    return this.steps;
  }

  constructor(
    readonly modules: ModuleLoader,
    private readonly options: EvaluatorOptions,
  ) {
    this.volatileState = new VolatileState(options.volatile);
  }

  // --- places and reasons ------------------------------------------------------------------------------------------

  locate(node: ts.Node): SourceLocation {
    const file = node.getSourceFile();
    return { path: this.modules.pathOf(file), range: rangeOf(file, node) };
  }

  unknown(node: ts.Node, reason: string, name = shortText(node)): UnknownValue {
    return new UnknownValue(name, reason, this.locate(node));
  }

  private step(): void {
    this.steps++;
    if (this.steps > this.options.stepLimit) throw new StopSignal('budget');
    if ((this.steps & 1023) === 0 && this.options.isCancelled?.()) throw new StopSignal('cancelled');
  }

  /** The size that stands for an unknown number: always the same for the same unknown, never for another. */
  symbolOf(value: UnknownValue): Symbolic {
    if (value.asSymbol) return value.asSymbol;
    value.asSymbol = symbol(this.distinct(value).name);
    return value.asSymbol;
  }

  /** The same value under a name that no other unknown has: sizes of one name are taken for equal. */
  distinct(value: UnknownValue): UnknownValue {
    const { root } = value;
    if (root.ownName === undefined) {
      const name = value.name.length > 24 ? `${value.name.slice(0, 23)}…` : value.name;
      const count = (this.symbolNames.get(name) ?? 0) + 1;
      this.symbolNames.set(name, count);
      root.ownName = count === 1 ? name : `${name}${subscript(count)}`;
    }
    return root.ownName === value.name ? value : value.renamed(root.ownName);
  }

  // --- layers ------------------------------------------------------------------------------------------------------

  recordCreation(layer: Layer, site: CallSite): void {
    if (this.creations.length >= maximumLayers) throw new StopSignal('budget');
    layer.groups = this.groups.map((group) => ({ ...group }));
    layer.repeated = this.repeatedReason.slice();
    const via = this.callFrames.findLast((frame) => frame.location.path === this.modules.entryPath);
    this.creations.push({ layer, location: site.location, via: via?.location, root: this.root });
  }

  // --- decisions ---------------------------------------------------------------------------------------------------

  /** JavaScript's truthiness; a condition that is not known is decided by the plan, the same condition always alike. */
  truthy(value: Value, node: ts.Node, expected = this.expected): boolean {
    if (value instanceof UnknownValue) {
      if (value.negates) return !this.truthy(value.negates, node, !expected);
      if (!value.equality) return this.decide(value.name, expected);
      // What equals one constant equals no other.
      const { subject, constant } = value.equality;
      if (this.decidedEqual.has(subject)) return this.decidedEqual.get(subject) === constant;
      const isEqual = this.decide(value.name, expected);
      if (isEqual) this.decidedEqual.set(subject, constant);
      return isEqual;
    }
    if (isSymbolic(value)) return this.decide(`${value} ≠ 0`, expected);
    if (value instanceof Quotient) return this.decide(shortText(node), expected);
    return Boolean(value);
  }

  private decide(name: string, expected = true): boolean {
    for (const names of this.consulted) names.add(name);
    const known = this.decided.get(name);
    if (known !== undefined) return known;
    const outcome = this.options.plan[this.decisions.length] ?? expected;
    this.decisions.push({ name, outcome });
    this.decided.set(name, outcome);
    return outcome;
  }

  // --- modules and functions ----------------------------------------------------------------------------------------

  evaluateModule(file: ts.SourceFile, scope: Scope): void {
    this.entered.add(file);
    for (const [node, comment] of shapeCommentsOf(file)) this.shapeComments.set(node, comment);
    this.hoistVariables(file, scope);
    this.hoist(file.statements, scope);
    const imports = file.statements.filter(ts.isImportDeclaration);
    const others = file.statements.filter((statement) => !ts.isImportDeclaration(statement));
    // A program that throws at its top level ends there; what follows is still worth showing.
    for (const statement of [...imports, ...others]) this.guarded(() => this.statement(statement, scope));
  }

  /** Runs something that the program's own `throw` may end. */
  guarded(run: () => void): void {
    const creations = this.creations.length;
    const problems = this.topology.problems.length;
    try {
      run();
    } catch (error) {
      if (!(error instanceof ThrowSignal)) throw error;
      // An outcome of unknown conditions that the program rejects is not one to be shown.
      if (this.options.plan.length > 0) {
        this.creations.length = creations;
        this.topology.problems.length = problems;
      }
    }
  }

  call(callee: Value, args: Value[], site: CallSite, thisValue: Value = undefined): Value {
    this.step();
    if (callee instanceof FunctionValue) return this.invoke(callee, args, thisValue, site);
    if (callee instanceof NativeFunction) return callee.call(args, site, thisValue);
    if (callee instanceof UnknownValue) return this.callUnknown(callee, args, site);
    if (callee instanceof ClassValue)
      return this.unknown(site.node, `class ${callee.name} is called without new`);
    return this.unknown(
      site.node,
      `\`${shortText(calleeOf(site.node))}\` is not a function that is known here`,
    );
  }

  private callUnknown(callee: UnknownValue, args: Value[], site: CallSite): Value {
    // The list is not known, but what is done with its elements is in plain sight.
    const callback = listMethods.test(callee.name)
      ? args.find((arg) => arg instanceof FunctionValue)
      : undefined;
    if (callback) {
      this.unknownRounds(site.node, callback.scope, [callback.node], shortText(calleeOf(site.node)), () => {
        const elements = this.unknownArguments(callback.node).map(
          (argument) =>
            argument && new UnknownValue((argument as UnknownValue).name, callee.reason, callee.at),
        );
        this.call(callback, elements, site);
        return undefined;
      });
    }
    for (const arg of args) {
      if (arg instanceof FunctionValue && !this.handedOut.has(arg.node))
        this.handedOut.set(arg.node, { to: callee.name, creations: this.creations.length });
    }
    // Only code of this workspace that could not be read may add layers; packages and globals look at a model.
    const isUnread = callee.reason.startsWith(unreadableModule);
    if (isUnread || (changingCall.test(callee.name) && !callee.isMistake)) {
      for (const arg of args) {
        const lost = new UnknownValue(
          '…',
          `\`${callee.name}()\` may change it: ${callee.reason}`,
          site.location,
        );
        if (arg instanceof ArrayValue) this.loseElements(arg, 0, lost);
        else if (arg instanceof ObjectValue && !arg.classValue) this.openUp(arg, lost);
      }
    }
    if (isUnread) {
      for (const arg of args) {
        if (arg instanceof Model && arg.modelKind === 'sequential') {
          this.loseContents(arg, {
            reason: `\`${callee.name}()\` may change the model: ${callee.reason}`,
            at: site.location,
          });
        }
      }
    }
    const name = `${callee.name}()`;
    const result = new UnknownValue(name, `\`${name}\` is not analysed: ${callee.reason}`, site.location);
    result.isMistake = callee.isMistake;
    return result;
  }

  loseContents(model: Model, lost: Lost): void {
    model.contentsLost = lost;
    const placeholder = new Layer('?', '?', 'custom', {}, undefined);
    model.outputs = [new SymbolicTensor(placeholder, 0, 0, null, lost)];
  }

  /** A stand-in where a program applies a layer to something that is not known. */
  lostTensor(value: Value, node: ts.Node): SymbolicTensor {
    const reason =
      value instanceof Unknown ? value.reason : `\`${shortText(node)}\` is not a symbolic tensor`;
    const at = value instanceof Unknown ? value.at : this.locate(node);
    const name = value instanceof Unknown ? value.name : shortText(node);
    const isHidden = value instanceof UnknownValue && !value.isMistake;
    return new SymbolicTensor(new Layer(name, '?', 'custom', {}, undefined), 0, 0, null, {
      reason,
      at,
      isHidden,
    });
  }

  invoke(fn: FunctionValue, args: Value[], thisValue: Value, site: CallSite | undefined): Value {
    this.step();
    const { node } = fn;
    if (!node.body) return this.unknown(node, `\`${fn.name}\` has no body here`);
    if (this.callDepth >= maximumCallDepth) {
      return this.unknown(
        site?.node ?? node,
        `\`${fn.name}\` calls itself more than ${maximumCallDepth} times`,
      );
    }
    this.entered.add(node);
    if (site) this.called.add(node);
    const { expected } = this;
    this.expected = true;
    const isArrow = ts.isArrowFunction(node);
    const context: FunctionContext | undefined = isArrow
      ? fn.scope.context
      : { thisValue: fn.thisValue ?? thisValue, home: fn.home };
    const isGenerator = !isArrow && 'asteriskToken' in node && node.asteriskToken !== undefined;
    if (isGenerator && context) context.yields = new ArrayValue();
    const scope = new Scope(fn.scope, true, context);
    if (!isArrow) scope.declare('arguments', new ArrayValue(args));
    const named = site && fn.name && containsLayers(node);
    if (named) this.enterGroup(`${fn.name}@${site.node.pos}`, 'function', fn.name);
    this.callDepth++;
    if (site) this.callFrames.push(site);
    try {
      this.bindParameters(node.parameters, args, scope);
      if (!ts.isBlock(node.body)) return this.expression(node.body, scope);
      this.hoistVariables(node.body, scope);
      this.hoist(node.body.statements, scope);
      const completion = this.statements(node.body.statements, scope);
      if (isGenerator) return context?.yields;
      return completion?.kind === 'return' ? completion.value : undefined;
    } finally {
      this.expected = expected;
      this.callDepth--;
      if (site) this.callFrames.pop();
      if (named) this.groups.pop();
    }
  }

  private bindParameters(
    parameters: ts.NodeArray<ts.ParameterDeclaration>,
    args: Value[],
    scope: Scope,
  ): void {
    // What was spread into the call may reach every parameter from there on.
    const last = args.at(-1);
    const spread = last instanceof UnknownValue && last.standsForMore ? last : undefined;
    const known = spread ? args.length - 1 : args.length;
    parameters.forEach((parameter, index) => {
      if (ts.isIdentifier(parameter.name) && parameter.name.text === 'this') return;
      let value: Value =
        spread && index >= known
          ? new UnknownValue(parameter.name.getText(), spread.reason, spread.at)
          : args[index];
      if (parameter.dotDotDotToken) {
        const list = new ArrayValue(args.slice(index, known));
        list.rest = spread;
        value = list;
      }
      if (parameter.initializer) value = this.withDefault(value, parameter.initializer, scope);
      const comment = this.shapeComments.get(parameter);
      if (comment) value = withShapeComment(this, comment, value, scope);
      this.bind(parameter.name, value, scope);
    });
  }

  /** `constructor(private units: number)` is a field, too. */
  private parameterProperties(node: ts.ConstructorDeclaration, self: Value, scope: Scope): void {
    for (const { name, modifiers } of node.parameters) {
      if (ts.isIdentifier(name) && modifiers?.some((modifier) => isParameterProperty(modifier.kind)))
        this.assignMember(self, name.text, scope.bindings.get(name.text));
    }
  }

  private withDefault(value: Value, initializer: ts.Expression, scope: Scope): Value {
    if (value === undefined) return this.expression(initializer, scope);
    // Unknown, so perhaps absent: the name then stands for whichever of the two it turns out to be.
    if (value instanceof UnknownValue && value.type === undefined) {
      const fallback = this.expression(initializer, scope);
      if (typeof fallback === 'number') return new UnknownValue(value.name, value.reason, value.at, 'number');
    }
    return value;
  }

  /** What a function is given when nobody calls it: unknowns named after its parameters. */
  unknownArguments(fn: FunctionNode): Value[] {
    const owner = fn.name && ts.isIdentifier(fn.name) ? `\`${fn.name.text}\`` : 'a function';
    return fn.parameters.map((parameter) => {
      // Called without arguments it has its defaults.
      if (parameter.initializer || parameter.dotDotDotToken) return undefined;
      const name = ts.isIdentifier(parameter.name) ? parameter.name.text : 'options';
      // `export default (tf) => …`: the library handed in.
      if (name === 'tf' && (!parameter.type || ts.isTypeQueryNode(parameter.type))) return tfNamespace;
      const value = new UnknownValue(
        name,
        `\`${name}\` is a parameter of ${owner}, and no call with known arguments was found`,
        this.locate(parameter),
        typeNameOf(parameter.type ?? ts.getJSDocType(parameter)),
      );
      return value;
    });
  }

  // --- classes -----------------------------------------------------------------------------------------------------

  construct(callee: Value, args: Value[], site: CallSite): Value {
    this.step();
    if (callee instanceof NativeFunction) return callee.call(args, site, undefined);
    if (callee instanceof UnknownValue) {
      return new UnknownValue(
        `new ${callee.name}()`,
        `class \`${callee.name}\` is not analysed: ${callee.reason}`,
        site.location,
      );
    }
    if (callee instanceof FunctionValue) {
      const self = new ObjectValue();
      const prototype = this.member(callee, 'prototype', site.node);
      if (prototype instanceof ObjectValue) self.prototype = prototype;
      if (self.prototype && !this.prototypeInstances.has(self.prototype))
        this.prototypeInstances.set(self.prototype, self);
      const result = this.invoke(callee, args, self, site);
      return result instanceof ObjectValue ? result : self;
    }
    if (!(callee instanceof ClassValue))
      return this.unknown(site.node, 'what is constructed here is not known');
    const context: FunctionContext = { thisValue: undefined, home: callee, newTarget: callee };
    this.callFrames.push(site);
    try {
      this.constructWith(callee, args, site, context);
    } finally {
      this.callFrames.pop();
    }
    if (callee.node && !this.instances.has(callee.node)) this.instances.set(callee.node, context.thisValue);
    return context.thisValue;
  }

  /** Runs one class of the chain; the object comes to be in its root, as in JavaScript. */
  private constructWith(cls: ClassValue, args: Value[], site: CallSite, context: FunctionContext): void {
    if (!cls.node || !cls.scope) {
      context.thisValue = constructTfClass(this, cls, args, site, context.newTarget ?? cls);
      return;
    }
    this.entered.add(cls.node);
    if (this.root !== cls.node) this.called.add(cls.node);
    const constructorNode = cls.node.members.find(ts.isConstructorDeclaration);
    const scope = new Scope(cls.scope, true, context);
    const isDerived = cls.base !== undefined;
    if (!isDerived) {
      const self = new ObjectValue();
      self.classValue = context.newTarget;
      context.thisValue = self;
      if (!constructorNode?.body) this.initializeFields(cls, scope);
    }
    if (constructorNode?.body) {
      this.entered.add(constructorNode);
      const bodyScope = new Scope(scope, true, { ...context, home: cls });
      const body = bodyScope.context!;
      this.callDepth++;
      try {
        this.bindParameters(constructorNode.parameters, args, bodyScope);
        const initialize = () => {
          this.parameterProperties(constructorNode, context.thisValue, bodyScope);
          this.initializeFields(cls, new Scope(cls.scope, true, context));
        };
        if (!isDerived) initialize();
        this.hoistVariables(constructorNode.body, bodyScope);
        this.hoist(constructorNode.body.statements, bodyScope);
        for (const statement of constructorNode.body.statements) {
          const superCall = isDerived ? superCallOf(statement) : undefined;
          if (superCall) {
            const superArgs = this.arguments(superCall.arguments, bodyScope);
            this.constructBase(cls, superArgs, site, context);
            body.thisValue = context.thisValue;
            initialize();
            continue;
          }
          const completion = this.statement(statement, bodyScope);
          if (completion?.kind === 'return') break;
        }
      } finally {
        this.callDepth--;
      }
      if (context.thisValue === undefined) context.thisValue = body.thisValue;
    } else if (isDerived) {
      this.constructBase(cls, args, site, context);
      this.initializeFields(cls, new Scope(cls.scope, true, context));
    }
    context.thisValue ??= new ObjectValue();
  }

  private constructBase(cls: ClassValue, args: Value[], site: CallSite, context: FunctionContext): void {
    if (cls.base instanceof ClassValue) {
      if (this.callDepth >= maximumCallDepth) throw new StopSignal('budget');
      this.callDepth++;
      this.constructWith(cls.base, args, site, context);
      this.callDepth--;
      return;
    }
    const self = new ObjectValue();
    self.classValue = context.newTarget;
    self.rest =
      cls.base instanceof UnknownValue
        ? cls.base
        : new UnknownValue(cls.name, 'its base class is not known', site.location);
    context.thisValue = self;
  }

  private initializeFields(cls: ClassValue, scope: Scope): void {
    for (const member of cls.node?.members ?? []) {
      if (!ts.isPropertyDeclaration(member) || hasStatic(member) || !member.initializer) continue;
      const name = this.propertyName(member.name, scope);
      if (name === undefined) continue;
      const value = this.named(this.expression(member.initializer, scope), name);
      this.assignMember(scope.context?.thisValue, name, value);
    }
  }

  classFrom(node: ts.ClassLikeDeclaration, scope: Scope): ClassValue {
    const heritage = node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword);
    const base = heritage?.types[0] ? this.expression(heritage.types[0].expression, scope) : undefined;
    const cls = new ClassValue(node.name?.text ?? 'class', node, scope, base);
    if (!this.classes.has(node)) this.classes.set(node, cls);
    this.volatileState.created(cls);
    const staticScope = new Scope(scope, true, { thisValue: cls, home: cls });
    if (node.name) staticScope.declare(node.name.text, cls);
    for (const member of node.members) {
      if (ts.isClassStaticBlockDeclaration(member)) this.block(member.body, staticScope);
      if (!hasStatic(member)) continue;
      if (ts.isPropertyDeclaration(member)) {
        const name = this.propertyName(member.name, scope);
        if (name !== undefined) {
          cls.statics.set(
            name,
            member.initializer ? this.expression(member.initializer, staticScope) : undefined,
          );
        }
      } else if (ts.isMethodDeclaration(member)) {
        const name = this.propertyName(member.name, scope);
        if (name !== undefined)
          cls.statics.set(name, new FunctionValue(member, staticScope, undefined, name, cls));
      }
    }
    return cls;
  }

  /** Looks a method or getter up along the class chain. */
  methodOf(
    cls: Value,
    name: string,
    isStatic = false,
  ): { member: ts.ClassElement; owner: ClassValue } | undefined {
    for (let at = cls, depth = 0; at instanceof ClassValue && depth < 50; at = at.base, depth++) {
      for (const member of at.node?.members ?? []) {
        if (hasStatic(member) !== isStatic) continue;
        if (!ts.isMethodDeclaration(member) && !ts.isGetAccessor(member)) continue;
        if (!member.body) continue; // an overload, or abstract
        if (memberNameText(member.name) === name) return { member, owner: at };
      }
    }
    return undefined;
  }

  callMethod(cls: ClassValue, self: Value, name: string, args: Value[], site: CallSite): Value {
    const found = this.methodOf(cls, name);
    if (!found || !ts.isMethodDeclaration(found.member)) return undefined;
    return this.invoke(
      new FunctionValue(found.member, found.owner.scope!, self, name, found.owner),
      args,
      self,
      site,
    );
  }

  private instanceMember(
    cls: ClassValue | undefined,
    self: Value,
    name: string,
    node: ts.Node,
  ): { value: Value } | undefined {
    const found = this.methodOf(cls, name);
    if (!found) return undefined;
    const fn = new FunctionValue(
      found.member as FunctionNode,
      found.owner.scope!,
      undefined,
      name,
      found.owner,
    );
    if (ts.isGetAccessor(found.member))
      return { value: this.invoke(fn, [], self, { node, location: this.locate(node) }) };
    return { value: fn };
  }

  // --- statements --------------------------------------------------------------------------------------------------

  /** `var` belongs to the whole function, whichever block it stands in, and hides what is outside from the start. */
  private hoistVariables(body: ts.Node, scope: Scope): void {
    for (const name of variablesOf(body)) if (!scope.declares(name)) scope.declare(name, undefined);
  }

  /** Function declarations exist before their block runs. */
  private hoist(statements: readonly ts.Statement[], scope: Scope): void {
    for (const statement of statements) {
      if (!ts.isFunctionDeclaration(statement)) continue;
      const name = statement.name?.text ?? (isDefaultExport(statement) ? 'default' : undefined);
      if (name !== undefined) scope.declare(name, this.closure(statement, scope, name));
    }
  }

  private closure(node: FunctionNode, scope: Scope, name: string, self?: Value): FunctionValue {
    const fn = new FunctionValue(node, scope, undefined, name);
    if (!this.closures.has(node)) this.closures.set(node, { fn, self });
    return fn;
  }

  private statements(list: readonly ts.Statement[], scope: Scope): Completion {
    for (const statement of list) {
      const completion = this.statement(statement, scope);
      if (completion) return completion;
    }
    return undefined;
  }

  private statement(node: ts.Statement, scope: Scope): Completion {
    this.step();
    if (ts.isExpressionStatement(node)) {
      this.expression(node.expression, scope);
      return undefined;
    }
    if (ts.isVariableStatement(node)) {
      if (node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword))
        this.ambient(node.declarationList, scope);
      else this.declarations(node.declarationList, scope);
      return undefined;
    }
    if (ts.isReturnStatement(node)) {
      return { kind: 'return', value: node.expression ? this.expression(node.expression, scope) : undefined };
    }
    if (ts.isIfStatement(node)) return this.ifStatement(node, scope);
    if (ts.isBlock(node)) return this.block(node, scope);
    if (ts.isForStatement(node)) return this.forStatement(node, scope);
    if (ts.isForOfStatement(node)) return this.forOf(node, scope);
    if (ts.isForInStatement(node)) return this.forIn(node, scope);
    if (ts.isWhileStatement(node)) return this.whileStatement(node, scope);
    if (ts.isDoStatement(node)) return this.whileStatement(node, scope);
    if (ts.isSwitchStatement(node)) return this.switchStatement(node, scope);
    if (ts.isTryStatement(node)) return this.tryStatement(node, scope);
    if (ts.isThrowStatement(node)) throw new ThrowSignal(this.expression(node.expression, scope));
    if (ts.isBreakStatement(node)) return { kind: 'break', label: node.label?.text };
    if (ts.isContinueStatement(node)) return { kind: 'continue', label: node.label?.text };
    if (ts.isLabeledStatement(node)) {
      const completion = this.statement(node.statement, scope);
      return completion?.kind === 'break' && completion.label === node.label.text ? undefined : completion;
    }
    if (ts.isClassDeclaration(node)) {
      const cls = this.classFrom(node, scope);
      scope.declare(node.name?.text ?? 'default', cls);
      if (isDefaultExport(node)) scope.declare('default', cls);
      return undefined;
    }
    if (ts.isFunctionDeclaration(node)) {
      if (isDefaultExport(node) && node.name) scope.declare('default', scope.lookup(node.name.text).value);
      return undefined;
    }
    if (ts.isEnumDeclaration(node)) {
      this.enumDeclaration(node, scope);
      return undefined;
    }
    if (ts.isImportDeclaration(node)) this.modules.bindImport(this, node, scope);
    else if (ts.isImportEqualsDeclaration(node)) this.modules.bindImportEquals(this, node, scope);
    else if (ts.isExportAssignment(node)) scope.declare('default', this.expression(node.expression, scope));
    else if (ts.isModuleDeclaration(node) && node.body && ts.isModuleBlock(node.body)) {
      this.namespaceDeclaration(node, node.body, scope);
    }
    return undefined;
  }

  private block(node: ts.Block, scope: Scope): Completion {
    const inner = new Scope(scope);
    this.hoist(node.statements, inner);
    return this.statements(node.statements, inner);
  }

  /** `declare const size: number`: there is one, somewhere else. */
  private ambient(list: ts.VariableDeclarationList, scope: Scope): void {
    for (const { name, type } of list.declarations) {
      if (!ts.isIdentifier(name) || name.text === 'tf') continue; // the global tf of a script tag
      const reason = `\`${name.text}\` is declared here, but made elsewhere`;
      scope.declare(name.text, new UnknownValue(name.text, reason, this.locate(name), typeNameOf(type)));
    }
  }

  private declarations(list: ts.VariableDeclarationList, scope: Scope): void {
    const isVar = (list.flags & ts.NodeFlags.BlockScoped) === 0;
    const target = isVar ? scope.functionScope() : scope;
    for (const declaration of list.declarations) {
      if (isVar && !declaration.initializer) continue; // does not reset what it holds by now
      const value = declaration.initializer ? this.expression(declaration.initializer, scope) : undefined;
      this.bind(declaration.name, value, target);
    }
  }

  /** Gives things the name that the program first calls them by. */
  private named(value: Value, name: string): Value {
    if (value instanceof Model && value.label === undefined) value.label = name;
    if (value instanceof UnknownValue && /[().[\]]/.test(value.name) && !value.asSymbol)
      return value.renamed(name);
    return value;
  }

  private bind(target: ts.BindingName, value: Value, scope: Scope): void {
    if (ts.isIdentifier(target)) {
      this.touch(scope);
      scope.declare(target.text, this.named(value, target.text));
      this.options.onName?.(target, value);
    } else if (ts.isObjectBindingPattern(target)) {
      const taken = new Set<string>();
      for (const element of target.elements) {
        if (element.dotDotDotToken) {
          this.bind(element.name, this.restOf(value, taken, element), scope);
          continue;
        }
        const nameNode = element.propertyName ?? element.name;
        const name = ts.isIdentifier(nameNode)
          ? nameNode.text
          : this.propertyName(nameNode as ts.PropertyName, scope);
        if (name === undefined) continue;
        taken.add(name);
        let part = this.member(value, name, element);
        // In a parameter, `{units}` of an unknown object is best called `units`.
        if (part instanceof UnknownValue && value instanceof UnknownValue && !part.asSymbol) {
          part = part.renamed(name);
          value.setMember(name, part);
        }
        if (element.initializer) part = this.withDefault(part, element.initializer, scope);
        this.bind(element.name, part, scope);
      }
    } else {
      target.elements.forEach((element, index) => {
        if (ts.isOmittedExpression(element)) return;
        let part = element.dotDotDotToken
          ? this.sliceFrom(value, index, element)
          : this.element(value, index, element);
        if (element.initializer) part = this.withDefault(part, element.initializer, scope);
        this.bind(element.name, part, scope);
      });
    }
  }

  private restOf(value: Value, taken: Set<string>, node: ts.Node): Value {
    if (value instanceof ObjectValue) {
      const rest = new ObjectValue([...value.properties].filter(([name]) => !taken.has(name)));
      rest.rest = value.rest;
      return rest;
    }
    if (value instanceof UnknownValue) return value;
    return this.unknown(node, 'the object that is taken apart here is not known');
  }

  private sliceFrom(value: Value, index: number, node: ts.Node): Value {
    if (value instanceof ArrayValue && !value.rest) return new ArrayValue(value.items.slice(index));
    return value instanceof UnknownValue
      ? value
      : this.unknown(node, 'the list that is taken apart here is not known');
  }

  private ifStatement(node: ts.IfStatement, scope: Scope): Completion {
    // Where a branch leaves and nothing is built in it, what comes after it is the way to show first.
    const isGuard =
      !node.elseStatement && alwaysLeaves(node.thenStatement) && !containsLayers(node.thenStatement);
    const outer = this.expected;
    this.expected = !isGuard;
    const condition = this.expression(node.expression, scope);
    const isTaken = this.takesBranch(node, condition);
    this.expected = outer;
    if (isTaken) return this.statement(node.thenStatement, scope);
    return node.elseStatement ? this.statement(node.elseStatement, scope) : undefined;
  }

  private takesBranch(node: ts.IfStatement, condition: Value): boolean {
    if (isUndecided(condition)) {
      // A branch that only throws is a guard: what comes after it holds the other way.
      if (alwaysThrows(node.thenStatement)) return false;
      if (node.elseStatement && alwaysThrows(node.elseStatement)) return true;
    }
    return this.truthy(condition, node.expression);
  }

  private forStatement(node: ts.ForStatement, scope: Scope): Completion {
    let loopScope = new Scope(scope);
    if (node.initializer) {
      if (ts.isVariableDeclarationList(node.initializer)) this.declarations(node.initializer, loopScope);
      else this.expression(node.initializer, loopScope);
    }
    return this.inLoop(node, () => {
      for (let round = 0; ; round++) {
        const condition = node.condition ? this.expression(node.condition, loopScope) : true;
        if (isUndecided(condition) || round >= maximumRounds) {
          return this.unknownRounds(
            node,
            loopScope,
            [node.statement, node.incrementor],
            shortText(node.condition ?? node),
            () => this.loopBody(node.statement, loopScope),
          );
        }
        if (!this.truthy(condition, node)) return undefined;
        const completion = this.loopBody(node.statement, loopScope);
        if (completion && !isContinue(completion, node)) return leaveLoop(completion);
        // Each round has its own bindings, so that closures keep theirs.
        loopScope = loopScope.copy();
        if (node.incrementor) this.expression(node.incrementor, loopScope);
      }
    });
  }

  private whileStatement(node: ts.WhileStatement | ts.DoStatement, scope: Scope): Completion {
    return this.inLoop(node, () => {
      for (let round = 0; ; round++) {
        if (ts.isWhileStatement(node) || round > 0) {
          const condition = this.expression(node.expression, scope);
          if (isUndecided(condition) || round >= maximumRounds) {
            return this.unknownRounds(node, scope, [node.statement], shortText(node.expression), () =>
              this.loopBody(node.statement, scope),
            );
          }
          if (!this.truthy(condition, node.expression)) return undefined;
        }
        const completion = this.loopBody(node.statement, scope);
        if (completion && !isContinue(completion, node)) return leaveLoop(completion);
      }
    });
  }

  private forOf(node: ts.ForOfStatement, scope: Scope): Completion {
    const iterable = this.expression(node.expression, scope);
    const items = this.iterate(iterable);
    const bindItem = (item: Value): Scope => {
      const inner = new Scope(scope);
      if (ts.isVariableDeclarationList(node.initializer)) {
        const declaration = node.initializer.declarations[0];
        if (declaration) this.bind(declaration.name, item, inner);
      } else {
        this.assign(node.initializer, item, inner);
      }
      return inner;
    };
    return this.inLoop(node, () => {
      if (!items) {
        return this.unknownRounds(node, scope, [node.statement], shortText(node.expression), () => {
          const inner = bindItem(this.elementOfUnknown(iterable, node.expression));
          return this.loopBody(node.statement, inner);
        });
      }
      for (const item of items) {
        const completion = this.loopBody(node.statement, bindItem(item));
        if (completion && !isContinue(completion, node)) return leaveLoop(completion);
      }
      return undefined;
    });
  }

  private forIn(node: ts.ForInStatement, scope: Scope): Completion {
    const object = this.expression(node.expression, scope);
    const keys =
      object instanceof ObjectValue && !object.rest
        ? keysOf(object)
        : object instanceof ArrayValue && !object.rest
          ? Object.keys(object.items)
          : undefined;
    const bindKey = (key: Value): Scope => {
      const inner = new Scope(scope);
      if (ts.isVariableDeclarationList(node.initializer)) {
        const declaration = node.initializer.declarations[0];
        if (declaration) this.bind(declaration.name, key, inner);
      } else {
        this.assign(node.initializer, key, inner);
      }
      return inner;
    };
    return this.inLoop(node, () => {
      if (!keys) {
        return this.unknownRounds(node, scope, [node.statement], shortText(node.expression), () =>
          this.loopBody(
            node.statement,
            bindKey(this.unknown(node.initializer, 'the keys of this object are not known')),
          ),
        );
      }
      for (const key of keys) {
        const completion = this.loopBody(node.statement, bindKey(key));
        if (completion && !isContinue(completion, node)) return leaveLoop(completion);
      }
      return undefined;
    });
  }

  private loopBody(body: ts.Statement, scope: Scope): Completion {
    this.step();
    const group = this.groups.at(-1);
    if (group?.id === `loop@${body.parent.pos}`) group.round = (group.round ?? -1) + 1;
    return ts.isBlock(body) ? this.block(body, scope) : this.statement(body, new Scope(scope));
  }

  private enterGroup(id: string, kind: LayerGroup['kind'], label: string): void {
    const run = this.groupRuns.get(id) ?? 0;
    this.groupRuns.set(id, run + 1);
    this.groups.push({ id, kind, label, run });
  }

  private inLoop(node: ts.IterationStatement, run: () => Completion): Completion {
    if (!containsLayers(node)) return run();
    this.enterGroup(`loop@${node.pos}`, 'loop', loopLabel(node));
    try {
      return run();
    } finally {
      this.groups.pop();
    }
  }

  /**
   * A loop whose number of rounds is not known. One round is evaluated; where it leaves every shape as it was, that
   * holds for any number of rounds. Otherwise what the loop changes is lost, and the round is evaluated again with it
   * lost. Either way, how many layers it creates is not known.
   */
  unknownRounds(
    node: ts.Node,
    scope: Scope,
    bodies: (ts.Node | undefined)[],
    condition: string,
    run: () => Completion,
  ): Completion {
    const reason = `the number of rounds of this loop is not known (${condition})`;
    const at = this.locate(node);
    const widened = new Set<Value>();
    const general = new Set<string>();
    const widen = (name: string, type?: UnknownValue['type']): UnknownValue => {
      const value = new UnknownValue(name, `\`${name}\` changes in a loop, and ${reason}`, at, type);
      widened.add(value);
      return value;
    };
    const names = new Set<string>();
    for (const body of bodies) if (body) collectAssigned(body, names);
    const varying = new Set([
      ...names,
      ...namesBoundIn(node),
      ...bodies.flatMap((body) => (body ? namesBoundIn(body) : [])),
    ]);
    for (const name of names) {
      // Counters differ in every round.
      const holder = scope.holder(name);
      const value = holder?.bindings.get(name);
      if (holder && (typeof value === 'string' || isSizeLike(value))) {
        this.touch(holder);
        holder.declare(name, widen(name, typeof value === 'string' ? 'string' : 'number'));
      }
    }
    const models = this.topology.created.filter(
      (layer): layer is Model => layer instanceof Model && layer.modelKind === 'sequential',
    );
    const firstCreation = this.creations.length;
    const firstProblem = this.topology.problems.length;
    const { numbering } = this.topology;
    this.repeatedReason.push({ reason, at });
    try {
      // What a round changes is lost, and the round is evaluated again with it lost, until nothing more is.
      for (let pass = 0; ; pass++) {
        const before = models.map((model) => ({ output: model.outputs[0], layers: model.layers.slice() }));
        const journal: Journal = { born: birthsSoFar(), maps: new Map(), arrays: new Map() };
        const asked = new Set<string>();
        this.journals.push(journal);
        this.consulted.push(asked);
        let completion: Completion;
        try {
          completion = run();
        } catch (error) {
          if (!(error instanceof ThrowSignal)) throw error;
        } finally {
          this.journals.pop();
          this.consulted.pop();
        }
        // `i < n - 1` comes out in one way here, but in several over the rounds.
        const roundsDiffer = [...asked].some((name) => wordsOf(name).some((word) => varying.has(word)));
        /** The sizes that rounds change become symbols of their own; undefined where not even their number stays. */
        const generalize = (name: string, old: SymbolicTensor, now: SymbolicTensor) => {
          if (roundsDiffer || !old.shape || old.shape.length !== now.shape?.length) return undefined;
          let isNew = false;
          const shape = old.shape.map((size, axis) => {
            const other = now.shape![axis] ?? null;
            if (size === other || (size !== null && general.has(String(size)))) return size;
            if (size !== null && other !== null && equalDims(size, other) === true) return size;
            isNew = true;
            const own = this.symbolOf(new UnknownValue(`${name}.shape[${axis}]`, reason, at, 'number'));
            general.add(String(own));
            return own;
          });
          // The next round begins where this one began; after the last one, it is this one's output.
          const { layer, callIndex, outputIndex } = isNew ? old : now;
          return { tensor: new SymbolicTensor(layer, callIndex, outputIndex, shape), isNew };
        };
        let isStable = !this.widenChanges(journal, widened, widen, generalize, roundsDiffer);
        models.forEach((model, index) => {
          const old = before[index]!;
          if (model.contentsLost || model.layers.length === old.layers.length) return;
          const now = model.outputs[0];
          if (
            !roundsDiffer &&
            old.output?.shape &&
            now?.shape &&
            equalShapes(old.output.shape, now.shape) === true
          )
            return;
          const general = old.output && now && generalize(model.label ?? 'model', old.output, now);
          if (general && !general.isNew) {
            model.outputs = [general.tensor];
            model.linkOwnCall();
            return;
          }
          isStable = false;
          for (const layer of model.layers.slice(old.layers.length))
            if (!old.layers.includes(layer)) model.members.delete(layer);
          model.layers = old.layers;
          if (general) {
            model.outputs = [general.tensor];
            model.linkOwnCall();
          } else this.loseContents(model, { reason, at });
        });
        if (isStable || pass === maximumPasses) {
          // Whether a round that leaves the loop for good is ever reached is not known either.
          const leaves = completion && completion.kind !== 'continue' && leaveLoop(completion);
          return leaves && this.decide(`${condition}: ${completion?.kind}`) ? leaves : undefined;
        }
        this.creations.length = firstCreation;
        this.topology.problems.length = firstProblem;
        this.topology.numbering = numbering;
      }
    } finally {
      this.repeatedReason.pop();
    }
  }

  /** To be called before something is changed that the rounds of a loop may share. */
  touch(target: Value | Scope): void {
    // How many elements there are is another number from here on.
    if (target instanceof ArrayValue && target.rest) target.rest = renewed(target.rest);
    if (this.journals.length === 0) return;
    for (const { born, maps, arrays, owners } of this.journals) {
      const record = (map: Map<unknown, unknown>) => {
        if (!maps.has(map)) maps.set(map, new Map(map));
      };
      if (target instanceof Scope) {
        if (target.born <= born) record(target.bindings);
      } else if (target instanceof ObjectValue) {
        if (target.born > born) continue;
        record(target.properties);
        owners?.set(target.properties, target);
        if (target.entries) {
          record(target.entries);
          owners?.set(target.entries, target);
        }
      } else if (target instanceof ArrayValue) {
        if (target.born <= born && !arrays.has(target)) arrays.set(target, target.items.slice());
      } else if (target instanceof ClassValue) {
        record(target.statics);
        owners?.set(target.statics, target);
      } else if (target instanceof FunctionValue) record(target.properties);
    }
  }

  /** What running this changes of what is there already. */
  journalOf(run: () => void): Journal {
    const journal: Journal = { born: birthsSoFar(), maps: new Map(), arrays: new Map(), owners: new Map() };
    this.journals.push(journal);
    try {
      run();
    } finally {
      this.journals.splice(this.journals.indexOf(journal), 1);
    }
    return journal;
  }

  /** Whether anything was lost that was not lost before. */
  private widenChanges(
    { maps, arrays }: Journal,
    widened: ReadonlySet<Value>,
    widen: (name: string, type?: UnknownValue['type']) => UnknownValue,
    generalize: (
      name: string,
      old: SymbolicTensor,
      now: SymbolicTensor,
    ) => { tensor: SymbolicTensor; isNew: boolean } | undefined,
    roundsDiffer: boolean,
  ): boolean {
    let isNew = false;
    const known = widened.size;
    const isSame = (before: Value, now: Value) =>
      roundsDiffer && now instanceof SymbolicTensor ? before === now : this.sameForAnyRound(before, now);
    for (const [map, old] of maps) {
      for (const key of new Set([...old.keys(), ...map.keys()])) {
        const [before, now] = [old.get(key) as Value, map.get(key) as Value];
        if (old.has(key) && map.has(key) && isSame(before, now)) continue;
        if (before instanceof SymbolicTensor && now instanceof SymbolicTensor) {
          const tensor = generalize(String(key), before, now);
          if (tensor) {
            map.set(key, tensor.tensor);
            isNew ||= tensor.isNew;
            continue;
          }
        }
        const areSizes = isSizeLike(before) && isSizeLike(now);
        map.set(key, widened.has(before) ? before : widen(String(key), areSizes ? 'number' : undefined));
      }
    }
    for (const [array, old] of arrays) {
      const differs = array.items.findIndex((item, index) => !isSame(old[index], item));
      const from = differs < 0 ? array.items.length : differs;
      if (from === old.length && from === array.items.length) continue;
      // Known elements stay; how many follow is not known.
      array.items.length = Math.min(from, old.length);
      array.rest ??= widen('…');
    }
    return isNew || widened.size > known;
  }

  private sameForAnyRound(old: Value, now: Value): boolean {
    if (old === now || Object.is(old, now)) return true;
    if (old instanceof UnknownValue && now instanceof UnknownValue && old.root === now.root) return true;
    if (old instanceof SymbolicTensor && now instanceof SymbolicTensor) {
      return old.shape !== null && now.shape !== null && equalShapes(old.shape, now.shape) === true;
    }
    if (isSizeLike(old) && isSizeLike(now)) return equalDims(old, now) === true;
    return false;
  }

  private switchStatement(node: ts.SwitchStatement, scope: Scope): Completion {
    const subject = this.expression(node.expression, scope);
    const inner = new Scope(scope);
    const { clauses } = node.caseBlock;
    let start = -1;
    for (let index = 0; index < clauses.length && start < 0; index++) {
      const clause = clauses[index]!;
      if (!ts.isCaseClause(clause)) continue;
      const equal = this.strictEqual(
        subject,
        this.expression(clause.expression, inner),
        clause.expression,
        node.expression,
      );
      if (this.truthy(equal, clause.expression)) start = index;
    }
    if (start < 0) start = clauses.findIndex(ts.isDefaultClause);
    if (start < 0) return undefined;
    for (const clause of clauses.slice(start)) {
      const completion = this.statements(clause.statements, inner);
      if (completion?.kind === 'break' && completion.label === undefined) return undefined;
      if (completion) return completion;
    }
    return undefined;
  }

  private tryStatement(node: ts.TryStatement, scope: Scope): Completion {
    const { catchClause } = node;
    const handle = (error: Value): Completion => {
      if (!catchClause) return undefined;
      const inner = new Scope(scope);
      if (catchClause.variableDeclaration) this.bind(catchClause.variableDeclaration.name, error, inner);
      return this.block(catchClause.block, inner);
    };
    let completion: Completion;
    try {
      // `try { load() } catch { build() }`: whether it throws is for the world to say; both ways are shown.
      const mayThrow = catchClause && mentionsLayers(catchClause.block) && !mentionsLayers(node.tryBlock);
      completion =
        !mayThrow || this.decide(`no error in ${shortText(node.tryBlock)}`)
          ? this.block(node.tryBlock, scope)
          : handle(this.unknown(catchClause, 'what is thrown is not known'));
    } catch (error) {
      if (!(error instanceof ThrowSignal) || !catchClause) throw error;
      completion = handle(error.value);
    } finally {
      if (node.finallyBlock) completion = this.block(node.finallyBlock, scope) ?? completion;
    }
    return completion;
  }

  private enumDeclaration(node: ts.EnumDeclaration, scope: Scope): void {
    const members = new ObjectValue();
    const inner = new Scope(scope);
    let next: Value = 0;
    for (const member of node.members) {
      const name = this.propertyName(member.name, scope);
      if (name === undefined) continue;
      const value: Value = member.initializer ? this.expression(member.initializer, inner) : next;
      members.properties.set(name, value);
      if (typeof value === 'number') members.properties.set(String(value), name);
      inner.declare(name, value);
      next = typeof value === 'number' ? value + 1 : undefined;
    }
    scope.declare(node.name.text, members);
  }

  private namespaceDeclaration(node: ts.ModuleDeclaration, body: ts.ModuleBlock, scope: Scope): void {
    const inner = new Scope(scope);
    this.hoist(body.statements, inner);
    this.statements(body.statements, inner);
    scope.declare(node.name.text, new ObjectValue(inner.entries()));
  }

  // --- expressions -------------------------------------------------------------------------------------------------

  expression(node: ts.Expression, scope: Scope): Value {
    const value = this.evaluate(node, scope);
    const comment = this.shapeComments.get(node);
    return comment ? withShapeComment(this, comment, value, scope) : value;
  }

  private evaluate(node: ts.Expression, scope: Scope): Value {
    this.step();
    switch (node.kind) {
      case ts.SyntaxKind.NumericLiteral:
        return Number((node as ts.NumericLiteral).text);
      case ts.SyntaxKind.BigIntLiteral:
        return this.unknown(node, 'big integers are not followed');
      case ts.SyntaxKind.StringLiteral:
      case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
        return (node as ts.StringLiteral).text;
      case ts.SyntaxKind.TrueKeyword:
        return true;
      case ts.SyntaxKind.FalseKeyword:
        return false;
      case ts.SyntaxKind.NullKeyword:
        return null;
      case ts.SyntaxKind.ThisKeyword:
        return scope.context ? scope.context.thisValue : this.unknown(node, '`this` is not known here');
    }
    if (ts.isIdentifier(node)) return this.identifier(node, scope);
    if (ts.isPropertyAccessExpression(node)) return this.propertyAccess(node, scope);
    if (ts.isElementAccessExpression(node)) return this.elementAccess(node, scope);
    if (ts.isCallExpression(node)) return this.callExpression(node, scope);
    if (ts.isNewExpression(node)) {
      const callee = this.expression(node.expression, scope);
      const args = this.arguments(node.arguments ?? [], scope);
      const made = this.construct(callee, args, { node, location: this.locate(node) });
      if (made instanceof ObjectValue && made.entries) {
        made.literal = node;
        this.volatileState.created(made);
      }
      return made;
    }
    if (ts.isObjectLiteralExpression(node)) return this.objectLiteral(node, scope);
    if (ts.isArrayLiteralExpression(node)) {
      const array = new ArrayValue();
      array.literal = node;
      this.volatileState.created(array);
      for (const element of node.elements) {
        if (ts.isSpreadElement(element))
          this.spreadInto(array, this.expression(element.expression, scope), element);
        else if (ts.isOmittedExpression(element)) array.items.length++;
        else {
          const item = this.expression(element, scope);
          if (!array.rest) array.items.push(item);
        }
      }
      return array;
    }
    if (
      ts.isParenthesizedExpression(node) ||
      ts.isAsExpression(node) ||
      ts.isTypeAssertionExpression(node) ||
      ts.isSatisfiesExpression(node) ||
      ts.isNonNullExpression(node) ||
      ts.isExpressionWithTypeArguments(node)
    ) {
      return this.expression(node.expression, scope);
    }
    if (ts.isMetaProperty(node)) {
      return importMeta(
        this.locate(node).path,
        this.unknown(node, 'it is known only where the program runs'),
      );
    }
    if (ts.isAwaitExpression(node)) return this.expression(node.expression, scope); // promises are followed as their values
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      if (ts.isFunctionExpression(node) && node.name) {
        const inner = new Scope(scope);
        const self = this.closure(node, inner, node.name.text);
        inner.declare(node.name.text, self);
        return self;
      }
      return this.closure(node, scope, functionName(node));
    }
    if (ts.isClassExpression(node)) return this.classFrom(node, scope);
    if (ts.isConditionalExpression(node)) {
      const condition = this.expression(node.condition, scope);
      return this.expression(this.truthy(condition, node.condition) ? node.whenTrue : node.whenFalse, scope);
    }
    if (ts.isBinaryExpression(node)) return this.binary(node, scope);
    if (ts.isPrefixUnaryExpression(node)) return this.prefix(node, scope);
    if (ts.isPostfixUnaryExpression(node)) {
      const old = this.expression(node.operand, scope);
      const by = node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
      this.assign(node.operand, this.arithmetic(ts.SyntaxKind.PlusToken, old, by, node), scope);
      return old;
    }
    if (ts.isTemplateExpression(node)) return this.template(node, scope);
    if (ts.isTypeOfExpression(node) && ts.isIdentifier(node.expression)) {
      const { text } = node.expression;
      // Whether this runs in a browser is not known.
      if (runtimeGlobals.has(text) && !scope.lookup(text).found)
        return this.unknown(node, 'where this program runs is not known');
    }
    if (ts.isTypeOfExpression(node)) return this.typeOf(this.expression(node.expression, scope), node);
    if (ts.isVoidExpression(node)) {
      this.expression(node.expression, scope);
      return undefined;
    }
    if (ts.isDeleteExpression(node)) {
      this.deleteMember(node.expression, scope);
      return true;
    }
    if (ts.isYieldExpression(node)) {
      const value = node.expression ? this.expression(node.expression, scope) : undefined;
      const yields = scope.context?.yields;
      if (yields && node.asteriskToken) this.spreadInto(yields, value, node);
      else yields?.items.push(value);
      return undefined;
    }
    if (ts.isCommaListExpression?.(node)) {
      let last: Value;
      for (const element of node.elements) last = this.expression(element, scope);
      return last;
    }
    return this.unknown(node, `\`${shortText(node)}\` is not followed`);
  }

  private identifier(node: ts.Identifier, scope: Scope): Value {
    const value = this.valueOfName(node, scope);
    this.options.onName?.(node, value);
    return value;
  }

  private valueOfName(node: ts.Identifier, scope: Scope): Value {
    const name = node.text;
    if (name === '') return mistake(this.unknown(node, 'something is still missing here', '…'));
    if (name === 'undefined') return undefined;
    const { found, value } = scope.lookup(name);
    if (found) return value;
    const builtin = globalValue(this, name) ?? placeOfModule(name, this.locate(node).path);
    if (builtin !== undefined) return builtin;
    if (name === 'NaN') return Number.NaN;
    if (name === 'Infinity') return Number.POSITIVE_INFINITY;
    return this.unknown(node, `\`${name}\` is not declared in code that is analysed`);
  }

  private propertyAccess(node: ts.PropertyAccessExpression, scope: Scope): Value {
    if (node.expression.kind === ts.SyntaxKind.SuperKeyword) {
      const home = scope.context?.home;
      const found = this.methodOf(home?.base, node.name.text);
      if (found && ts.isMethodDeclaration(found.member)) {
        return new FunctionValue(
          found.member,
          found.owner.scope!,
          scope.context?.thisValue,
          node.name.text,
          found.owner,
        );
      }
      if (found && ts.isGetAccessor(found.member)) {
        const getter = new FunctionValue(
          found.member,
          found.owner.scope!,
          undefined,
          node.name.text,
          found.owner,
        );
        return this.invoke(getter, [], scope.context?.thisValue, { node, location: this.locate(node) });
      }
      const builtin = memberOfTf(this, scope.context?.thisValue, node.name.text, node);
      if (builtin) return builtin.value;
      return this.unknown(node, 'the base class is not analysed');
    }
    const object = this.expression(node.expression, scope);
    if ((object === undefined || object === null) && ts.isOptionalChain(node)) return undefined;
    const value = this.member(object, node.name.text, node);
    if (ts.isIdentifier(node.name)) this.options.onName?.(node.name, value);
    return value;
  }

  private elementAccess(node: ts.ElementAccessExpression, scope: Scope): Value {
    const object = this.expression(node.expression, scope);
    if ((object === undefined || object === null) && ts.isOptionalChain(node)) return undefined;
    return this.element(object, this.expression(node.argumentExpression, scope), node);
  }

  /** `object[key]` */
  element(object: Value, key: Value, node: ts.Node): Value {
    if (typeof key === 'number') {
      if (object instanceof ArrayValue) {
        if (key >= 0 && key < object.items.length) return object.items[key];
        return object.rest ? this.elementOfUnknown(object, node) : undefined;
      }
      if (typeof object === 'string') return object[key];
      return this.member(object, String(key), node);
    }
    if (typeof key === 'string') return this.member(object, key, node);
    if (object instanceof UnknownValue && key instanceof UnknownValue) {
      return object.member(`[${key.root.id}]`, () => this.unknown(node, object.reason));
    }
    const why = key instanceof Unknown ? key.reason : 'the key is not known';
    const one = this.unknown(node, why);
    if (object instanceof ArrayValue) one.candidates = object.items;
    if (object instanceof ObjectValue) one.candidates = [...object.properties.values()];
    return one;
  }

  elementOfUnknown(list: Value, node: ts.Node): UnknownValue {
    const source = list instanceof UnknownValue ? list : list instanceof ArrayValue ? list.rest : undefined;
    const element = new UnknownValue(
      `${shortText(node)}[…]`,
      source?.reason ?? 'the elements of this list are not known',
      source?.at ?? this.locate(node),
    );
    element.candidates = source?.candidates;
    return element;
  }

  /** `object.name`, for every kind of value. */
  member(object: Value, name: string, node: ts.Node): Value {
    if (object instanceof UnknownValue) {
      return object.member(name, () => {
        const type = name === 'length' ? 'number' : undefined;
        const path = /^\d+$/.test(name) ? `${object.name}[${name}]` : `${object.name}.${name}`;
        const part = new UnknownValue(path, object.reason, object.at, type);
        part.isMistake = object.isMistake;
        return part;
      });
    }
    if (object instanceof ObjectValue) {
      const live = object.live?.get(name);
      if (live) return live();
      if (object.properties.has(name)) return object.properties.get(name);
      const getter = object.getters.get(name);
      if (getter) return this.invoke(getter, [], object, { node, location: this.locate(node) });
      for (let at = object.prototype, depth = 0; at && depth < 50; at = at.prototype, depth++) {
        if (at.properties.has(name)) return at.properties.get(name);
        const above = at.getters.get(name);
        if (above) return this.invoke(above, [], object, { node, location: this.locate(node) });
      }
      const inherited = this.instanceMember(object.classValue, object, name, node);
      if (inherited) return inherited.value;
      if (name === 'constructor' && object.classValue) return object.classValue;
    }
    if (object instanceof Layer) {
      const cls = object.extras.get(classKey) as ClassValue | undefined;
      if (object.extras.has(name)) return object.extras.get(name) as Value;
      const inherited = this.instanceMember(cls, object, name, node);
      if (inherited) return inherited.value;
    }
    if (object instanceof ClassValue) {
      for (let at: Value = object, depth = 0; at instanceof ClassValue && depth < 50; at = at.base, depth++) {
        if (at.statics.has(name)) return at.statics.get(name);
      }
      const getter = this.methodOf(object, name, true);
      if (getter && ts.isGetAccessor(getter.member)) {
        const fn = new FunctionValue(getter.member, getter.owner.scope!, undefined, name, getter.owner);
        return this.invoke(fn, [], object, { node, location: this.locate(node) });
      }
      if (name === 'name') return object.name;
    }
    const ofTf = memberOfTf(this, object, name, node);
    if (ofTf) return ofTf.value;
    const builtin = memberOfBuiltin(this, object, name, node);
    if (builtin) return builtin.value;
    if (object instanceof ObjectValue) {
      if (object.rest) {
        const { rest } = object;
        return rest.member(name, () => new UnknownValue(name, rest.reason, rest.at));
      }
      if (object.fallback) return this.member(object.fallback, name, node);
      return undefined;
    }
    if (object instanceof NativeFunction) {
      return object.members.has(name)
        ? object.members.get(name)
        : this.unknown(node, `\`${object.name}.${name}\` is not followed`);
    }
    if (object instanceof FunctionValue) {
      if (name === 'prototype' && !object.properties.has(name))
        object.properties.set(name, new ObjectValue([['constructor', object]]));
      return object.properties.get(name);
    }
    if (object === undefined || object === null) {
      return this.unknown(node, `\`${shortText(node)}\` reads a property of ${object}`);
    }
    return this.unknown(node, `\`${shortText(node)}\` is not followed`);
  }

  assignMember(object: Value, name: string, value: Value): void {
    this.touch(object);
    if (object instanceof ObjectValue && value instanceof FunctionValue && this.isPrototype(object))
      this.prototypeMethods.set(value.node, object);
    if (object instanceof ObjectValue) object.properties.set(name, this.named(value, name));
    else if (object instanceof ArrayValue && /^\d+$/.test(name)) {
      const index = Number(name);
      if (index <= 1_000_000) object.items[index] = value;
    } else if (object instanceof ArrayValue && name === 'length' && typeof value === 'number') {
      object.items.length = Math.max(0, Math.min(value, object.items.length));
    } else if (object instanceof ClassValue) object.statics.set(name, value);
    else if (object instanceof FunctionValue) object.properties.set(name, value);
    else if (object instanceof UnknownValue) {
      object.setMember(name, this.named(value, name));
      for (const candidate of object.candidates ?? []) {
        if (candidate instanceof Layer && name === 'trainable') candidate.isTrainableKnown = false;
        else if (candidate instanceof ObjectValue)
          this.assignMember(candidate, name, new UnknownValue(name, object.reason, object.at));
      }
    } else if (object instanceof Layer) this.assignLayerMember(object, name, value);
    else if (object instanceof WeightVariable && name === 'trainable') object.trainable = value !== false;
  }

  /** Whether it is what `new` of a function gives its methods to. */
  private isPrototype(object: ObjectValue): boolean {
    const maker = object.properties.get('constructor');
    return maker instanceof FunctionValue && maker.properties.get('prototype') === object;
  }

  /** For a method in the prototype of a function: the first object made with it, or one made from nothing. */
  instanceByPrototype(node: FunctionNode): Value {
    const prototype = this.prototypeMethods.get(node);
    const maker = prototype?.properties.get('constructor');
    if (prototype && maker instanceof FunctionValue && !this.prototypeInstances.has(prototype)) {
      const site = { node, location: this.locate(node) };
      this.guarded(() => this.construct(maker, this.unknownArguments(maker.node), site));
    }
    return prototype && this.prototypeInstances.get(prototype);
  }

  private assignLayerMember(layer: Layer, name: string, value: Value): void {
    if (name !== 'trainable') {
      if (!assignWeights(layer, name, value)) layer.extras.set(name, value);
      return;
    }
    if (typeof value !== 'boolean') return;
    // Mirrors Layer.trainable and Container.trainable: a model hands it to the weights its layers have by then.
    if (layer instanceof Model) {
      layer.trainable = value;
      const freeze = (model: Model): void => {
        for (const inner of model.layers) {
          if (inner instanceof Model) freeze(inner);
          else if (inner.weights) {
            inner.weights = inner.weights.map((weight) =>
              isTrainableByNature(inner, weight.name) ? { ...weight, trainable: value } : weight,
            );
          }
        }
      };
      freeze(layer);
    } else {
      layer.trainable = value;
      if (layer.weights) {
        layer.weights = layer.weights.map((weight) =>
          isTrainableByNature(layer, weight.name) ? { ...weight, trainable: value } : weight,
        );
      }
    }
  }

  private callExpression(node: ts.CallExpression, scope: Scope): Value {
    const site: CallSite = { node, location: this.locate(node) };
    const target = node.expression;
    if (target.kind === ts.SyntaxKind.SuperKeyword) {
      this.arguments(node.arguments, scope);
      return undefined; // handled where constructors run
    }
    if (target.kind === ts.SyntaxKind.ImportKeyword) {
      const specifier = node.arguments[0] ? this.expression(node.arguments[0], scope) : undefined;
      return this.modules.importValue(this, specifier, node);
    }
    if (ts.isIdentifier(target) && target.text === 'require' && !scope.lookup('require').found) {
      const specifier = node.arguments[0] ? this.expression(node.arguments[0], scope) : undefined;
      return this.modules.importValue(this, specifier, node);
    }
    let thisValue: Value;
    let callee: Value;
    const inner = skipParentheses(target);
    if (
      (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner)) &&
      inner.expression.kind !== ts.SyntaxKind.SuperKeyword
    ) {
      thisValue = this.expression(inner.expression, scope);
      if ((thisValue === undefined || thisValue === null) && ts.isOptionalChain(inner)) return undefined;
      callee = ts.isPropertyAccessExpression(inner)
        ? this.member(thisValue, inner.name.text, inner)
        : this.element(thisValue, this.expression(inner.argumentExpression, scope), inner);
    } else {
      callee = this.expression(target, scope);
    }
    if ((callee === undefined || callee === null) && ts.isOptionalChain(node)) return undefined;
    const args = this.arguments(node.arguments, scope);
    return this.call(callee, args, site, thisValue);
  }

  private arguments(nodes: readonly ts.Expression[], scope: Scope): Value[] {
    const args = new ArrayValue();
    for (const node of nodes) {
      if (ts.isSpreadElement(node)) this.spreadInto(args, this.expression(node.expression, scope), node);
      else {
        const value = this.expression(node, scope);
        if (!args.rest) args.items.push(value);
      }
    }
    if (args.rest) {
      args.rest.standsForMore = true;
      args.items.push(args.rest);
    }
    return args.items;
  }

  private spreadInto(array: ArrayValue, value: Value, node: ts.Node): void {
    // Where something of unknown length comes first, the places of what follows are not known.
    if (array.rest) return;
    const items = this.iterate(value);
    if (items) {
      for (const item of items) array.items.push(item);
      return;
    }
    if (value instanceof ArrayValue) array.items.push(...value.items);
    array.rest = this.elementOfUnknown(value, node);
  }

  /** The elements of something iterable, or undefined where they are not all known. */
  iterate(value: Value): Value[] | undefined {
    if (value instanceof ArrayValue) return value.rest ? undefined : Array.from(value.items);
    if (typeof value === 'string') return [...value];
    if (value instanceof ObjectValue && value.entries && !value.rest) {
      const isMap = value.classValue?.name === 'Map';
      return [...value.entries].map(([key, entry]) => (isMap ? new ArrayValue([key, entry]) : key));
    }
    return undefined;
  }

  private objectLiteral(node: ts.ObjectLiteralExpression, scope: Scope): ObjectValue {
    const object = new ObjectValue();
    object.literal = node;
    this.volatileState.created(object);
    if (isOptions(node)) this.optionObjects.set(node, object);
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) {
        this.spreadObject(object, this.expression(property.expression, scope), property.expression);
        continue;
      }
      const name = property.name ? this.propertyName(property.name, scope) : undefined;
      if (name === undefined) {
        object.rest ??= this.unknown(property, 'a computed key is not known');
        continue;
      }
      if (ts.isPropertyAssignment(property)) {
        const value = this.expression(property.initializer, scope);
        const made = value instanceof FunctionValue && this.closures.get(value.node);
        if (made && made.fn === value && ts.isFunctionExpression(property.initializer)) made.self ??= object;
        // `options.units` says more than `units`; a call does not.
        const isPath = value instanceof UnknownValue && !/[(…]/.test(value.name);
        object.properties.set(name, isPath ? value : this.named(value, name));
      } else if (ts.isShorthandPropertyAssignment(property)) {
        object.properties.set(name, this.identifier(property.name, scope));
      } else if (ts.isMethodDeclaration(property)) {
        object.properties.set(name, this.closure(property, scope, name, object));
      } else if (ts.isGetAccessor(property)) {
        object.getters.set(name, new FunctionValue(property, scope, undefined, name));
      } else if (ts.isSetAccessor(property)) {
        object.setters.set(name, new FunctionValue(property, scope, undefined, name));
      }
    }
    return object;
  }

  spreadObject(target: ObjectValue, value: Value, node: ts.Node): void {
    this.touch(target);
    if (value instanceof ObjectValue) {
      if (value.rest) this.openUp(target, value.rest);
      for (const [name, entry] of value.properties) target.properties.set(name, entry);
      for (const [name, getter] of value.getters)
        target.properties.set(name, this.invoke(getter, [], value, undefined));
    } else if (value instanceof UnknownValue) {
      this.openUp(target, value);
    } else if (value instanceof ArrayValue) {
      value.items.forEach((item, index) => {
        target.properties.set(String(index), item);
      });
    } else if (value !== null && value !== undefined && typeof value === 'object') {
      this.openUp(target, this.unknown(node, `what \`${shortText(node)}\` holds is not known`));
    }
  }

  /** What is spread last wins, so anything set before may be overwritten by something unknown. */
  openUp(target: ObjectValue, unknown: UnknownValue): void {
    this.touch(target);
    target.rest = unknown;
    for (const name of target.properties.keys()) {
      target.properties.set(
        name,
        unknown.member(name, () => new UnknownValue(name, unknown.reason, unknown.at)),
      );
    }
  }

  private propertyName(node: ts.PropertyName, scope: Scope): string | undefined {
    if (ts.isComputedPropertyName(node)) {
      const value = this.expression(node.expression, scope);
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    }
    return memberNameText(node);
  }

  private template(node: ts.TemplateExpression, scope: Scope): Value {
    let text = node.head.text;
    let known = true;
    for (const span of node.templateSpans) {
      const value = this.expression(span.expression, scope);
      const part = textOf(value);
      if (part === undefined) known = false;
      else text += part;
      text += span.literal.text;
    }
    return known
      ? text
      : new UnknownValue(shortText(node), 'a part of this text is not known', this.locate(node), 'string');
  }

  private typeOf(value: Value, node: ts.Node): Value {
    if (value instanceof UnknownValue) {
      if (value.type) return value.type;
      return value.member(
        '#typeof',
        () => new UnknownValue(shortText(node), value.reason, value.at, 'string'),
      );
    }
    if (isSymbolic(value) || value instanceof Quotient) return 'number';
    if (isCallable(value)) return 'function';
    return value === null ? 'object' : typeof value;
  }

  private prefix(node: ts.PrefixUnaryExpression, scope: Scope): Value {
    if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken) {
      const by = node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
      const value = this.arithmetic(ts.SyntaxKind.PlusToken, this.expression(node.operand, scope), by, node);
      this.assign(node.operand, value, scope);
      return value;
    }
    const operand = this.expression(node.operand, scope);
    switch (node.operator) {
      case ts.SyntaxKind.ExclamationToken: {
        if (!isUndecided(operand)) return !operand;
        if (operand instanceof UnknownValue && operand.negates) return operand.negates;
        const name = operand instanceof UnknownValue ? operand.name : shortText(node.operand);
        const negation = new UnknownValue(
          `!${name}`,
          operand instanceof UnknownValue ? operand.reason : 'a size is not known',
          this.locate(node),
          'boolean',
        );
        negation.negates =
          operand instanceof UnknownValue ? operand : this.unknown(node.operand, 'a size is not known');
        return negation;
      }
      case ts.SyntaxKind.MinusToken:
        return this.arithmetic(ts.SyntaxKind.MinusToken, 0, operand, node);
      case ts.SyntaxKind.PlusToken:
        if (isPrimitive(operand)) return Number(operand);
        if (operand instanceof UnknownValue) return asNumber(operand);
        return this.arithmetic(ts.SyntaxKind.MinusToken, operand, 0, node);
      default:
        return typeof operand === 'number'
          ? ~operand
          : this.unknown(node, 'a bitwise operation is not followed');
    }
  }

  private binary(node: ts.BinaryExpression, scope: Scope): Value {
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.EqualsToken) {
      const value = this.expression(node.right, scope);
      this.assign(node.left, value, scope);
      return value;
    }
    if (operator === ts.SyntaxKind.CommaToken) {
      this.expression(node.left, scope);
      return this.expression(node.right, scope);
    }
    if (
      operator === ts.SyntaxKind.AmpersandAmpersandToken ||
      operator === ts.SyntaxKind.BarBarToken ||
      operator === ts.SyntaxKind.QuestionQuestionToken
    ) {
      return this.logical(operator, this.expression(node.left, scope), node, scope);
    }
    const compound = compoundOperators.get(operator);
    if (compound !== undefined) {
      const left = this.expression(node.left, scope);
      const value =
        compound === ts.SyntaxKind.BarBarToken ||
        compound === ts.SyntaxKind.AmpersandAmpersandToken ||
        compound === ts.SyntaxKind.QuestionQuestionToken
          ? this.logical(compound, left, node, scope)
          : this.operate(compound, left, this.expression(node.right, scope), node);
      this.assign(node.left, value, scope);
      return value;
    }
    const left = this.expression(node.left, scope);
    const right = this.expression(node.right, scope);
    return this.operate(operator, left, right, node);
  }

  private logical(operator: ts.SyntaxKind, left: Value, node: ts.BinaryExpression, scope: Scope): Value {
    const right = () => this.expression(node.right, scope);
    if (isUndecided(left)) {
      if (operator !== ts.SyntaxKind.AmpersandAmpersandToken) {
        // `options.units || 32`: the name stands for whichever it turns out to be.
        if (left instanceof UnknownValue && left.type !== 'boolean') {
          const fallback = right();
          if (
            isPrimitive(fallback) &&
            fallback !== undefined &&
            fallback !== null &&
            typeof fallback !== 'boolean'
          ) {
            const type = typeof fallback === 'number' ? 'number' : 'string';
            return left.member(
              `${operator}${node.pos}`,
              () => new UnknownValue(left.name, left.reason, left.at, type),
            );
          }
          if (left.type === undefined && !(fallback instanceof UnknownValue)) {
            return this.truthy(left, node.left) ? left : fallback;
          }
        } else if (isSymbolic(left)) return left;
        return this.truthy(left, node.left) ? left : right();
      }
      return this.truthy(left, node.left) ? right() : left;
    }
    if (operator === ts.SyntaxKind.QuestionQuestionToken)
      return left === undefined || left === null ? right() : left;
    const isTrue = this.truthy(left, node.left);
    return (operator === ts.SyntaxKind.BarBarToken) === isTrue ? left : right();
  }

  private operate(operator: ts.SyntaxKind, left: Value, right: Value, node: ts.BinaryExpression): Value {
    switch (operator) {
      case ts.SyntaxKind.PlusToken:
      case ts.SyntaxKind.MinusToken:
      case ts.SyntaxKind.AsteriskToken:
      case ts.SyntaxKind.SlashToken:
      case ts.SyntaxKind.PercentToken:
      case ts.SyntaxKind.AsteriskAsteriskToken:
      case ts.SyntaxKind.BarToken:
      case ts.SyntaxKind.AmpersandToken:
      case ts.SyntaxKind.CaretToken:
      case ts.SyntaxKind.LessThanLessThanToken:
      case ts.SyntaxKind.GreaterThanGreaterThanToken:
      case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken:
        return this.arithmetic(operator, left, right, node);
      case ts.SyntaxKind.EqualsEqualsEqualsToken:
        return this.strictEqual(left, right, node.right, node.left);
      case ts.SyntaxKind.ExclamationEqualsEqualsToken:
        return this.negate(this.strictEqual(left, right, node.right, node.left), node);
      case ts.SyntaxKind.EqualsEqualsToken:
        return this.looseEqual(left, right, node);
      case ts.SyntaxKind.ExclamationEqualsToken:
        return this.negate(this.looseEqual(left, right, node), node);
      case ts.SyntaxKind.LessThanToken:
      case ts.SyntaxKind.GreaterThanToken:
      case ts.SyntaxKind.LessThanEqualsToken:
      case ts.SyntaxKind.GreaterThanEqualsToken:
        return this.compare(operator, left, right, node);
      case ts.SyntaxKind.InKeyword:
        if (right instanceof ObjectValue && typeof left === 'string') {
          if (right.properties.has(left)) return true;
          if (!right.rest) return false;
        }
        return this.unknown(node, 'whether the key is there is not known');
      case ts.SyntaxKind.InstanceOfKeyword:
        return this.instanceOf(left, right, node);
      default:
        return this.unknown(node, `\`${shortText(node)}\` is not followed`);
    }
  }

  private instanceOf(left: Value, right: Value, node: ts.Node): Value {
    if (left instanceof UnknownValue || !(right instanceof ClassValue)) {
      if (isPrimitive(left)) return false;
      if (left instanceof Layer && right instanceof NativeFunction) {
        if (right.name === 'tf.model') return left instanceof Model;
        if (right.name === 'tf.sequential') return left instanceof Model && left.modelKind === 'sequential';
      }
      if (right instanceof NativeFunction && right.name === 'Array') return left instanceof ArrayValue;
      return this.unknown(node, 'what class this is of is not known');
    }
    const own =
      left instanceof ObjectValue
        ? left.classValue
        : left instanceof Layer
          ? left.extras.get(classKey)
          : undefined;
    for (let at = own as Value, depth = 0; at instanceof ClassValue && depth < 50; at = at.base, depth++) {
      if (at === right) return true;
    }
    if (right.node !== undefined) return false;
    if (left instanceof SymbolicTensor) return right.name === 'SymbolicTensor';
    if (left instanceof DataTensor) return right.name === 'Tensor';
    return left instanceof Layer && right.name === 'Layer';
  }

  private negate(value: Value, node: ts.Node): Value {
    if (typeof value === 'boolean') return !value;
    if (!(value instanceof UnknownValue)) return this.unknown(node, 'this condition is not known');
    const negation = new UnknownValue(`!(${value.name})`, value.reason, value.at, 'boolean');
    negation.negates = value;
    return negation;
  }

  private strictEqual(left: Value, right: Value, rightNode: ts.Node, leftNode: ts.Node): Value {
    if (isSizeLike(left) && isSizeLike(right)) {
      const equal = equalDims(left, right);
      if (equal !== 'unknown') return equal;
    } else if (!isUndecided(left) && !isUndecided(right)) return left === right;
    else if (left === right) return true;
    else if (left instanceof UnknownValue && right instanceof UnknownValue && left.root === right.root)
      return true;
    else if (isUndecided(left) && !isUndecided(right) && (isSymbolic(left) || left instanceof Quotient)) {
      return false; // a number is never a string, an object, undefined …
    }
    const name = `${nameOf(left, leftNode)} === ${nameOf(right, rightNode)}`;
    const reason = [left, right].find((side) => side instanceof Unknown);
    const result = new UnknownValue(
      name,
      reason instanceof Unknown ? reason.reason : 'a size is not known',
      this.locate(leftNode),
      'boolean',
    );
    const [subject, constant] = isUndecided(left) ? [left, right] : [right, left];
    if (isPrimitive(constant)) {
      result.equality = {
        subject: subject instanceof UnknownValue ? subject.root : String(subject),
        constant,
      };
    }
    return result;
  }

  private looseEqual(left: Value, right: Value, node: ts.BinaryExpression): Value {
    const leftNullish = left === null || left === undefined;
    const rightNullish = right === null || right === undefined;
    if (leftNullish && rightNullish) return true;
    if (leftNullish || rightNullish) {
      const other = leftNullish ? right : left;
      if (other instanceof UnknownValue) {
        if (other.type === 'number' || other.type === 'string' || other.asSymbol) return false;
        return new UnknownValue(`${other.name} == null`, other.reason, other.at, 'boolean');
      }
      return false;
    }
    if (isPrimitive(left) && isPrimitive(right)) {
      // biome-ignore lint/suspicious/noDoubleEquals: this is what the program says.
      return left == right;
    }
    if (isNumeric(left) && isNumeric(right)) return this.strictEqual(left, right, node.right, node.left);
    if (isPrimitive(left) !== isPrimitive(right)) {
      // A list compared with a text or a number is compared by its own text.
      const texts = [left, right].map((side) => (side instanceof ArrayValue ? textOf(side) : side));
      // biome-ignore lint/suspicious/noDoubleEquals: this is what the program says.
      if (texts.every((text) => text !== undefined && isPrimitive(text))) return texts[0] == texts[1];
      const isObject = [left, right].some((side) => side instanceof ObjectValue || isSymbolic(side));
      if (isObject) return this.unknown(node, 'this comparison is not followed');
    }
    return this.strictEqual(left, right, node.right, node.left);
  }

  private compare(operator: ts.SyntaxKind, left: Value, right: Value, node: ts.BinaryExpression): Value {
    if (
      (typeof left === 'number' && typeof right === 'number') ||
      (typeof left === 'string' && typeof right === 'string')
    ) {
      if (operator === ts.SyntaxKind.LessThanToken) return left < right;
      if (operator === ts.SyntaxKind.GreaterThanToken) return left > right;
      if (operator === ts.SyntaxKind.LessThanEqualsToken) return left <= right;
      return left >= right;
    }
    // `a >= b` is `!(a < b)`, and `a > b` is `b < a`: one question, asked in four ways, has one answer.
    const isStrict = operator === ts.SyntaxKind.LessThanToken || operator === ts.SyntaxKind.GreaterThanToken;
    const isLess =
      operator === ts.SyntaxKind.LessThanToken || operator === ts.SyntaxKind.GreaterThanEqualsToken;
    const [low, high] = isLess
      ? [nameOf(left, node.left), nameOf(right, node.right)]
      : [nameOf(right, node.right), nameOf(left, node.left)];
    const reason = [left, right].find((side) => side instanceof Unknown);
    const result = new UnknownValue(
      `${low} < ${high}`,
      reason instanceof Unknown ? reason.reason : 'a size is not known',
      this.locate(node),
      'boolean',
    );
    return isStrict ? result : this.negate(result, node);
  }

  arithmetic(operator: ts.SyntaxKind, left: Value, right: Value, node: ts.Node): Value {
    if (isPrimitive(left) && isPrimitive(right))
      return primitiveArithmetic(operator, left as number, right as number);
    if (operator === ts.SyntaxKind.PlusToken && (typeof left === 'string' || typeof right === 'string')) {
      const text = [left, right].map(textOf);
      const joined = text.every((part) => part !== undefined) ? text.join('') : undefined;
      if (joined !== undefined && joined.length <= maximumText) return joined;
      return new UnknownValue(
        shortText(node),
        'a part of this text is not known',
        this.locate(node),
        'string',
      );
    }
    const a = this.asQuantity(left);
    const b = this.asQuantity(right);
    if (a !== undefined && b !== undefined) {
      switch (operator) {
        case ts.SyntaxKind.PlusToken:
          return add(a, b);
        case ts.SyntaxKind.MinusToken:
          return subtract(a, b);
        case ts.SyntaxKind.AsteriskToken:
          return multiply(a, b);
        case ts.SyntaxKind.AsteriskAsteriskToken:
          if (typeof b === 'number' && Number.isInteger(b) && b >= 0 && b <= 8) {
            let power: Quantity = 1;
            for (let i = 0; i < b; i++) power = multiply(power, a);
            return power;
          }
          break;
        case ts.SyntaxKind.SlashToken: {
          const floor = floorDivide(a, b);
          if (b !== 0 && equalDims(floor, ceilDivide(a, b)) === true) return floor;
          return new Quotient(a, b);
        }
        case ts.SyntaxKind.PercentToken:
          if (b !== 0 && typeof b === 'number') return subtract(a, multiply(floorDivide(a, b), b));
          break;
        case ts.SyntaxKind.BarToken:
          if (b === 0 && left instanceof Quotient === false) return a;
          break;
        case ts.SyntaxKind.GreaterThanGreaterThanToken:
          if (typeof b === 'number' && b >= 0 && b < 31) return floorDivide(a, 2 ** b);
          break;
        case ts.SyntaxKind.LessThanLessThanToken:
          if (typeof b === 'number' && b >= 0 && b < 31) return multiply(a, 2 ** b);
          break;
      }
    }
    if (operator === ts.SyntaxKind.BarToken && left instanceof Quotient && right === 0) {
      return floorDivide(left.numerator, left.denominator);
    }
    const cause = [left, right].find((side) => side instanceof Unknown);
    const reason = cause instanceof Unknown ? cause.reason : `\`${shortText(node)}\` is not followed`;
    // `+` may put texts together.
    const isSum = operator === ts.SyntaxKind.PlusToken && [left, right].some((side) => !isNumeric(side));
    return new UnknownValue(shortText(node), reason, this.locate(node), isSum ? undefined : 'number');
  }

  /** A number, or the symbol that stands for one; undefined where neither makes sense. */
  asQuantity(value: Value): Quantity | undefined {
    if (typeof value === 'number') return Number.isInteger(value) ? value : undefined;
    if (isSymbolic(value)) return isTooLong(value) ? undefined : value;
    if (value instanceof UnknownValue && (value.type === undefined || value.type === 'number'))
      return this.symbolOf(value);
    return undefined;
  }

  private assign(target: ts.Expression, value: Value, scope: Scope): void {
    const node = skipParentheses(target);
    if (ts.isIdentifier(node)) {
      const holder = scope.holder(node.text) ?? scope.functionScope();
      this.touch(holder);
      holder.declare(node.text, this.named(value, node.text));
    } else if (ts.isPropertyAccessExpression(node)) {
      const object = this.expression(node.expression, scope);
      const setter =
        object instanceof ObjectValue ? this.setterOf(object.classValue, node.name.text) : undefined;
      const ownSetter = object instanceof ObjectValue ? object.setters.get(node.name.text) : undefined;
      if (ownSetter) {
        this.invoke(ownSetter, [value], object, undefined);
      } else if (setter) {
        this.invoke(
          new FunctionValue(setter.member, setter.owner.scope!, object, node.name.text, setter.owner),
          [value],
          object,
          undefined,
        );
      } else {
        this.assignMember(object, node.name.text, value);
      }
    } else if (ts.isElementAccessExpression(node)) {
      const object = this.expression(node.expression, scope);
      const key = this.expression(node.argumentExpression, scope);
      if (typeof key === 'number' || typeof key === 'string') this.assignMember(object, String(key), value);
      else if (object instanceof ArrayValue)
        this.loseElements(object, 0, this.unknown(node, 'an element was set at a place that is not known'));
      else if (object instanceof ObjectValue)
        this.openUp(object, this.unknown(node, 'a property was set whose name is not known'));
    } else if (ts.isArrayLiteralExpression(node)) {
      node.elements.forEach((element, index) => {
        if (ts.isOmittedExpression(element)) return;
        if (ts.isSpreadElement(element))
          this.assign(element.expression, this.sliceFrom(value, index, element), scope);
        else this.assignWithDefault(element, this.element(value, index, element), scope);
      });
    } else if (ts.isObjectLiteralExpression(node)) {
      for (const property of node.properties) {
        if (ts.isShorthandPropertyAssignment(property)) {
          let part = this.member(value, property.name.text, property);
          if (property.objectAssignmentInitializer)
            part = this.withDefault(part, property.objectAssignmentInitializer, scope);
          this.assign(property.name, part, scope);
        } else if (ts.isPropertyAssignment(property)) {
          const name = this.propertyName(property.name, scope);
          if (name !== undefined)
            this.assignWithDefault(property.initializer, this.member(value, name, property), scope);
        }
      }
    }
  }

  /** From this element on, a list is not known any more. */
  loseElements(array: ArrayValue, from: number, unknown: UnknownValue): void {
    this.touch(array);
    array.items.length = Math.min(array.items.length, from);
    array.rest ??= unknown;
  }

  private deleteMember(target: ts.Expression, scope: Scope): void {
    if (!ts.isPropertyAccessExpression(target) && !ts.isElementAccessExpression(target)) return;
    const object = this.expression(target.expression, scope);
    if (!(object instanceof ObjectValue)) return;
    const key = ts.isPropertyAccessExpression(target)
      ? target.name.text
      : this.expression(target.argumentExpression, scope);
    if (typeof key !== 'string' && typeof key !== 'number') {
      this.openUp(object, this.unknown(target, 'which property was deleted is not known'));
      return;
    }
    this.touch(object);
    object.properties.delete(String(key));
    object.getters.delete(String(key));
  }

  private assignWithDefault(target: ts.Expression, value: Value, scope: Scope): void {
    if (ts.isBinaryExpression(target) && target.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      this.assign(target.left, this.withDefault(value, target.right, scope), scope);
    } else {
      this.assign(target, value, scope);
    }
  }

  private setterOf(
    cls: Value,
    name: string,
  ): { member: ts.SetAccessorDeclaration; owner: ClassValue } | undefined {
    for (let at = cls, depth = 0; at instanceof ClassValue && depth < 50; at = at.base, depth++) {
      for (const member of at.node?.members ?? []) {
        if (ts.isSetAccessor(member) && !hasStatic(member) && memberNameText(member.name) === name)
          return { member, owner: at };
      }
    }
    return undefined;
  }
}

/** Where a layer that a class of the program made keeps that class. */
export const classKey = '#class';

/** How the reason of a value begins that comes from a file of the workspace which could not be read. */
export const unreadableModule = 'the file';

// --- syntax --------------------------------------------------------------------------------------------------------

export function rangeOf(file: ts.SourceFile, node: ts.Node): Range {
  return {
    start: file.getLineAndCharacterOfPosition(node.getStart(file)),
    end: file.getLineAndCharacterOfPosition(node.getEnd()),
  };
}

/** The source text of a node, on one line and short enough to be read in a hint's tooltip. */
export function shortText(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function calleeOf(node: ts.Node): ts.Node {
  return ts.isCallExpression(node) || ts.isNewExpression(node) ? node.expression : node;
}

function skipParentheses(node: ts.Expression): ts.Expression {
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

function functionName(node: ts.ArrowFunction | ts.FunctionExpression): string {
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

function hasStatic(member: ts.ClassElement): boolean {
  return (
    ts.canHaveModifiers(member) &&
    (ts.getModifiers(member)?.some((m) => m.kind === ts.SyntaxKind.StaticKeyword) ?? false)
  );
}

function isDefaultExport(node: ts.Declaration & { modifiers?: ts.NodeArray<ts.ModifierLike> }): boolean {
  return node.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword) ?? false;
}

function superCallOf(statement: ts.Statement): ts.CallExpression | undefined {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return undefined;
  return statement.expression.expression.kind === ts.SyntaxKind.SuperKeyword
    ? statement.expression
    : undefined;
}

function alwaysLeaves(statement: ts.Statement): boolean {
  if (ts.isBlock(statement)) {
    const last = statement.statements.at(-1);
    return last !== undefined && alwaysLeaves(last);
  }
  return (
    ts.isReturnStatement(statement) || ts.isContinueStatement(statement) || ts.isBreakStatement(statement)
  );
}

function alwaysThrows(statement: ts.Statement): boolean {
  if (ts.isThrowStatement(statement)) return true;
  if (ts.isBlock(statement)) {
    const last = statement.statements.at(-1);
    return last !== undefined && alwaysThrows(last);
  }
  return ts.isExpressionStatement(statement) && /^process\.exit\(/.test(statement.getText());
}

function typeNameOf(type: ts.TypeNode | undefined): UnknownValue['type'] {
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
const layerCallCache = new WeakMap<ts.Node, boolean>();
/** Whether a drawing would group by this function or loop: only where its text makes or applies layers. */
function mentionsLayers(node: ts.Node): boolean {
  return (
    containsLayers(node) ||
    /\b(?:build|create|make|define|get|init)\w*(?:Model|Network|Net)\b/i.test(node.getText())
  );
}

function containsLayers(node: ts.Node): boolean {
  let known = layerCallCache.get(node);
  if (known === undefined) {
    known = layerCall.test(node.getText());
    layerCallCache.set(node, known);
  }
  return known;
}

function loopLabel(node: ts.IterationStatement): string {
  if (ts.isForOfStatement(node) || ts.isForInStatement(node)) return `for ${shortText(node.expression)}`;
  if (ts.isForStatement(node)) return node.condition ? `for ${shortText(node.condition)}` : 'for';
  return 'while';
}

export function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isParameterProperty(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.PublicKeyword ||
    kind === ts.SyntaxKind.PrivateKeyword ||
    kind === ts.SyntaxKind.ProtectedKeyword ||
    kind === ts.SyntaxKind.ReadonlyKeyword
  );
}

/** Names that a loop's body assigns, and so may change from round to round. */
function collectAssigned(node: ts.Node, names: Set<string>): void {
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
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
}

/** The names of variables and parameters that a piece of code declares. */
function namesBoundIn(node: ts.Node): string[] {
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
}

const variables = new WeakMap<ts.Node, string[]>();
/** The names that `var` declares in a function's body, wherever they stand. */
function variablesOf(body: ts.Node): string[] {
  const known = variables.get(body);
  if (known) return known;
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
  variables.set(body, names);
  return names;
}

// --- values --------------------------------------------------------------------------------------------------------

/** What an unknown value is as a number: always the same one. */
export function asNumber(value: UnknownValue, how = '#number'): Value {
  if (value.type === 'number') return value;
  return value.member(how, () => new UnknownValue(value.name, value.reason, value.at, 'number'));
}

export function mistake(value: UnknownValue): UnknownValue {
  value.isMistake = true;
  return value;
}

export function isPrimitive(value: Value): value is undefined | null | boolean | number | string {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/** Whether a condition on it cannot be decided. */
export function isUndecided(value: Value): value is UnknownValue | Symbolic | Quotient {
  return value instanceof UnknownValue || isSymbolic(value) || value instanceof Quotient;
}

/** Another unknown of the same kind. */
function renewed(value: UnknownValue): UnknownValue {
  const other = new UnknownValue(value.name, value.reason, value.at, value.type);
  other.standsForMore = value.standsForMore;
  other.isMistake = value.isMistake;
  other.candidates = value.candidates;
  return other;
}

/** What an unknown value is known to be that takes the place of this one. */
export function typeOfPrimitive(value: Value): UnknownValue['type'] {
  const type = typeof value;
  return type === 'number' || type === 'string' || type === 'boolean' ? type : undefined;
}

function isNumeric(value: Value): boolean {
  return (
    isSizeLike(value) ||
    value instanceof Quotient ||
    (value instanceof UnknownValue && value.type === 'number')
  );
}

function isSizeLike(value: Value): value is number | Symbolic {
  return typeof value === 'number' || isSymbolic(value);
}

function isContinue(completion: NonNullable<Completion>, loop: ts.Node): boolean {
  if (completion.kind !== 'continue') return false;
  if (completion.label === undefined) return true;
  for (let at = loop.parent; at && ts.isLabeledStatement(at); at = at.parent) {
    if (at.label.text === completion.label) return true;
  }
  return false;
}

function leaveLoop(completion: NonNullable<Completion>): Completion {
  return completion.kind === 'break' && completion.label === undefined ? undefined : completion;
}

function nameOf(value: Value, node: ts.Node): string {
  if (value instanceof Unknown) return value.name;
  if (isSymbolic(value)) return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  return isPrimitive(value) ? String(value) : shortText(node);
}

function subscript(count: number): string {
  return [...String(count)].map((digit) => String.fromCharCode(0x2080 + Number(digit))).join('');
}

/** Batch normalization's moving averages stay as they are when a layer is thawed. */
function isTrainableByNature(layer: Layer, weight: string): boolean {
  const facts = layer.calls[0]?.facts.weights?.find((candidate) => candidate.name === weight);
  return facts ? facts.trainable : true;
}

function primitiveArithmetic(operator: ts.SyntaxKind, left: number, right: number): Value {
  switch (operator) {
    case ts.SyntaxKind.PlusToken:
      return left + right;
    case ts.SyntaxKind.MinusToken:
      return left - right;
    case ts.SyntaxKind.AsteriskToken:
      return left * right;
    case ts.SyntaxKind.SlashToken:
      return left / right;
    case ts.SyntaxKind.PercentToken:
      return left % right;
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return left ** right;
    case ts.SyntaxKind.BarToken:
      return left | right;
    case ts.SyntaxKind.AmpersandToken:
      return left & right;
    case ts.SyntaxKind.CaretToken:
      return left ^ right;
    case ts.SyntaxKind.LessThanLessThanToken:
      return left << right;
    case ts.SyntaxKind.GreaterThanGreaterThanToken:
      return left >> right;
    case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken:
      return left >>> right;
    default:
      return Number.NaN;
  }
}

const compoundOperators = new Map<ts.SyntaxKind, ts.SyntaxKind>([
  [ts.SyntaxKind.PlusEqualsToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.MinusEqualsToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.AsteriskEqualsToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.SlashEqualsToken, ts.SyntaxKind.SlashToken],
  [ts.SyntaxKind.PercentEqualsToken, ts.SyntaxKind.PercentToken],
  [ts.SyntaxKind.AsteriskAsteriskEqualsToken, ts.SyntaxKind.AsteriskAsteriskToken],
  [ts.SyntaxKind.BarEqualsToken, ts.SyntaxKind.BarToken],
  [ts.SyntaxKind.AmpersandEqualsToken, ts.SyntaxKind.AmpersandToken],
  [ts.SyntaxKind.CaretEqualsToken, ts.SyntaxKind.CaretToken],
  [ts.SyntaxKind.LessThanLessThanEqualsToken, ts.SyntaxKind.LessThanLessThanToken],
  [ts.SyntaxKind.GreaterThanGreaterThanEqualsToken, ts.SyntaxKind.GreaterThanGreaterThanToken],
  [ts.SyntaxKind.BarBarEqualsToken, ts.SyntaxKind.BarBarToken],
  [ts.SyntaxKind.AmpersandAmpersandEqualsToken, ts.SyntaxKind.AmpersandAmpersandToken],
  [ts.SyntaxKind.QuestionQuestionEqualsToken, ts.SyntaxKind.QuestionQuestionToken],
]);
