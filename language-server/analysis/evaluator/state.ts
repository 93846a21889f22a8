/** What an evaluation knows and keeps: where things are, what was decided, what was changed. */
import type ts from 'typescript';
import { type Dim, isSymbolic, type Symbolic, symbol } from '../../../model-graph/dims';
import type { LayerGroup, Problem, SourceLocation } from '../../../model-graph/graph';
import type { Unknown } from '../../../model-graph/layers/rule';
import { Topology } from '../../../model-graph/topology';
import { type Layer, Model, type SymbolicTensor } from '../../../model-graph/wired';
import type { ModuleLoader } from '../modules';
import type { ShapeComment } from '../shapeComments';
import {
  ArrayValue,
  type CallSite,
  ClassValue,
  FunctionValue,
  ObjectValue,
  Quotient,
  Scope,
  UnknownValue,
  type Value,
} from '../values';
import { type Volatile, VolatileState } from '../volatile';
import type { Creation, Evaluation } from './evaluation';
import { emptyJournal, type Journal } from './journal';
import { renewed, subscript } from './kinds';
import { StopSignal, ThrowSignal } from './signals';
import { rangeOf, shortText } from './syntax';

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

/** More than anyone trains; a loop that makes more is a slip. */
const maximumLayers = 12_000;

/** Characters of a size's name. */
const maximumName = 24;

/** Characters of all texts that a program puts together. */
const maximumTextInAll = 4_000_000;

/** No longer than a hint can show: of a path its end, where it says what it is. */
function shortName(name: string): string {
  if (name.length <= maximumName) return name;
  const parts = name.split('.');
  if (/^[\w$.[\]]+$/.test(name)) {
    for (let from = 1; from < parts.length; from++) {
      const end = parts.slice(from).join('.');
      if (end.length <= maximumName) return end;
    }
  }
  return `${name.slice(0, maximumName - 1)}…`;
}

export abstract class EvaluatorState {
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
  protected readonly shapeComments = new Map<ts.Node, ShapeComment>();
  /** How a condition that is not known comes out along the first way through the program. */
  protected expected = true;
  protected readonly decided = new Map<string, boolean>();
  private readonly decidedAbout = new Map<string, string>();
  /** The problems that were known when a condition was first taken to come out as another one of the same name did. */
  likenedAt?: number;
  /** What unknown values were decided to equal. */
  protected readonly decidedEqual = new Map<UnknownValue | string, Value>();
  /** The first function made of each piece of code, with the variables that it closes over. */
  readonly closures = new Map<ts.Node, { fn: FunctionValue; self: Value }>();
  readonly classes = new Map<ts.Node, ClassValue>();
  /** The first object of each class that the program itself made. */
  readonly instances = new Map<ts.Node, Value>();
  /** Functions that are methods of what `new` of another function makes, by the prototype that they stand in. */
  protected readonly prototypeMethods = new Map<ts.Node, ObjectValue>();
  /** The first object made with each prototype. */
  protected readonly prototypeInstances = new Map<ObjectValue, ObjectValue>();
  /** Objects that look like the options of a component, by their literal; and what Vue makes of them. */
  readonly optionObjects = new Map<ts.Node, ObjectValue>();
  readonly components = new Map<ts.Node, { instance: ObjectValue }>();
  readonly volatileState: VolatileState;
  /** Functions given to others that are not known, which may call them at once or later; how much was made by then. */
  readonly handedOut = new Map<ts.Node, { to: string; creations: number }>();
  readonly globals = new Map<string, Value>();
  /** Stand-ins for tensors that are not known, by the value that a layer is applied to. */
  readonly lostTensors = new Map<UnknownValue, SymbolicTensor>();
  protected readonly journals: Journal[] = [];
  /** The conditions asked about in each loop whose rounds are not known. */
  protected readonly consulted: Set<string>[] = [];
  protected readonly symbolNames = new Map<string, number>();
  protected readonly groups: LayerGroup[] = [];
  protected readonly groupRuns = new Map<string, number>();
  protected readonly repeatedReason: { reason: string; at: SourceLocation }[] = [];
  /** The calls under way, outermost first. */
  readonly callFrames: CallSite[] = [];
  /** Loops come by the same places again and again. */
  private readonly locations = new Map<ts.Node, SourceLocation>();
  protected callDepth = 0;
  private textLength = 0;
  protected steps = 0;
  get stepsTaken(): number {
    return this.steps;
  }
  constructor(
    readonly modules: ModuleLoader,
    protected readonly options: EvaluatorOptions,
  ) {
    this.volatileState = new VolatileState(options.volatile);
    this.topology.sizeOf = (list, index) => this.sizeInList(list, index);
  }

  /** All of it, for whoever is handed the evaluator. */
  protected get whole(): Evaluation {
    return this as unknown as Evaluation;
  }

  locate(node: ts.Node): SourceLocation {
    let location = this.locations.get(node);
    if (!location) {
      const file = node.getSourceFile();
      location = { path: this.modules.pathOf(file), range: rangeOf(file, node) };
      this.locations.set(node, location);
    }
    return location;
  }

  unknown(node: ts.Node, reason: string, name = shortText(node)): UnknownValue {
    return new UnknownValue(name, reason, this.locate(node));
  }

  protected step(): void {
    this.steps++;
    if (this.steps > this.options.stepLimit) throw new StopSignal('budget');
    if ((this.steps & 1023) === 0 && this.options.isCancelled?.()) throw new StopSignal('cancelled');
  }

  /** Takes note of a text that the program has put together: thousands of long ones would fill the memory. */
  spendText(text: string): string {
    this.textLength += text.length;
    if (this.textLength > maximumTextInAll) throw new StopSignal('budget');
    return text;
  }

  /** The size that stands for an unknown number: always the same for the same unknown, never for another. */
  symbolOf(value: UnknownValue): Symbolic {
    if (value.asSymbol) return value.asSymbol;
    value.asSymbol = symbol(this.distinct(value).name);
    return value.asSymbol;
  }

  /** What stands for an element of a list of sizes that is not known. */
  private sizeInList(list: Unknown, index: number): Dim {
    if (!(list instanceof UnknownValue)) return null;
    const element = list.member(
      String(index),
      () => new UnknownValue(`${list.name}[${index}]`, list.reason, list.at),
    );
    return element instanceof UnknownValue ? this.symbolOf(element) : isSymbolic(element) ? element : null;
  }

  /** The same value under a name that no other unknown has: sizes of one name are taken for equal. */
  distinct(value: UnknownValue): UnknownValue {
    const { root } = value;
    if (root.ownName === undefined) {
      const name = shortName(value.name);
      const count = (this.symbolNames.get(name) ?? 0) + 1;
      this.symbolNames.set(name, count);
      root.ownName = count === 1 ? name : `${name}${subscript(count)}`;
    }
    return root.ownName === value.name ? value : value.renamed(root.ownName);
  }

  recordCreation(layer: Layer, site: CallSite): void {
    if (this.creations.length >= maximumLayers) throw new StopSignal('budget');
    layer.groups = this.groups.map((group) => ({ ...group }));
    layer.repeated = this.repeatedReason.slice();
    const via = this.callFrames.findLast((frame) => frame.location.path === this.modules.entryPath);
    this.creations.push({ layer, location: site.location, via: via?.location, root: this.root });
  }

  /** JavaScript's truthiness; a condition that is not known is decided by the plan, the same condition always alike. */
  truthy(value: Value, node: ts.Node, expected = this.expected): boolean {
    if (value instanceof UnknownValue) {
      if ((value.root.atLeast ?? 0) > 0) return true;
      if (value.missingFactory) return false; // `if (tf.layers.lambda)`
      if (value.negates) return !this.truthy(value.negates, node, !expected);
      if (!value.equality) return this.decide(value.name, expected, value.about ?? String(value.root.id));
      // What equals one constant equals no other.
      const { subject, constant } = value.equality;
      if (this.decidedEqual.has(subject)) return this.decidedEqual.get(subject) === constant;
      const isEqual = this.decide(value.name, expected, value.about);
      if (isEqual) this.decidedEqual.set(subject, constant);
      return isEqual;
    }
    if (isSymbolic(value)) return this.decide(`${value} ≠ 0`, expected);
    if (value instanceof Quotient) return this.decide(shortText(node), expected);
    return Boolean(value);
  }

  /** `about` tells what is asked about from what only has the same name. */
  protected decide(name: string, expected = true, about = ''): boolean {
    for (const names of this.consulted) names.add(name);
    const known = this.decided.get(name);
    if (known !== undefined) {
      if (this.decidedAbout.get(name) !== about) this.likenedAt ??= this.topology.problems.length;
      return known;
    }
    this.decidedAbout.set(name, about);
    const outcome = this.options.plan[this.decisions.length] ?? expected;
    this.decisions.push({ name, outcome });
    this.decided.set(name, outcome);
    return outcome;
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

  /** Gives things the name that the program first calls them by. */
  protected named(value: Value, name: string): Value {
    if (value instanceof Model && value.label === undefined) value.label = name;
    if (value instanceof UnknownValue && /[().[\]]/.test(value.name) && !value.asSymbol)
      return value.renamed(name);
    return value;
  }

  protected enterGroup(id: string, kind: LayerGroup['kind'], label: string): void {
    const run = this.groupRuns.get(id) ?? 0;
    this.groupRuns.set(id, run + 1);
    this.groups.push({ id, kind, label, run });
  }

  /** To be called before something is changed that the rounds of a loop may share. */
  touch(target: Value | Scope): void {
    const rest = target instanceof ArrayValue ? target.rest : undefined;
    // How many elements there are is another number from here on.
    if (target instanceof ArrayValue && target.rest) {
      target.rest = renewed(target.rest);
      target.samples = undefined;
    }
    if (this.journals.length === 0) return;
    for (const { born, maps, arrays, rests, owners } of this.journals) {
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
        if (target.born > born || arrays.has(target)) continue;
        arrays.set(target, target.items.slice());
        rests.set(target, rest);
      } else if (target instanceof ClassValue) {
        record(target.statics);
        owners?.set(target.statics, target);
      } else if (target instanceof FunctionValue) record(target.properties);
    }
  }

  /** What running this changes of what is there already. */
  journalOf(run: () => void): Journal {
    const journal: Journal = { ...emptyJournal(), owners: new Map() };
    this.journals.push(journal);
    try {
      run();
    } finally {
      this.journals.splice(this.journals.indexOf(journal), 1);
    }
    return journal;
  }
}
