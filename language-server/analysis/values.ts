/**
 * What an expression can evaluate to. JavaScript's primitives stand for themselves; sizes that are not known are
 * `Symbolic`; everything that could not be followed is `Unknown` and says why.
 */
import type ts from 'typescript';
import type { Shape, Symbolic } from '../../model-graph/dims';
import type { SourceLocation } from '../../model-graph/graph';
import { type LayerConfig, Unknown } from '../../model-graph/layers/rule';
import type { Layer, SymbolicTensor } from '../../model-graph/wired';

export type Value =
  | undefined
  | null
  | boolean
  | number
  | string
  | Symbolic
  | Quotient
  | UnknownValue
  | ArrayValue
  | ObjectValue
  | FunctionValue
  | NativeFunction
  | ClassValue
  | SerializableValue
  | DataTensor
  | TfNamespace
  | Layer // and Model
  | SymbolicTensor;

let births = 0;
/** Tells what existed before from what was made since. */
export function birthsSoFar(): number {
  return births;
}

/**
 * A value that is not known. Reading a property twice gives the same unknown twice, so that `opts.size` equals itself
 * and nothing else.
 */
export class UnknownValue extends Unknown {
  readonly id = ++births;
  /** The value that this one is another name of. */
  root: UnknownValue = this;
  private readonly children = new Map<string, Value>();
  /** Set on a condition's negation, so that `if (a)` and `if (!a)` are decided alike. */
  negates?: UnknownValue;
  /** Not a value that is hidden from us but a slip of the program, often half-typed: TensorFlow.js would throw. */
  isMistake = false;
  /** What `tf.layers` lacks: calling it throws. */
  missingFactory?: string;
  private symbolOfRoot?: Symbolic;
  /** On a root: the name that tells it from every other unknown. */
  ownName?: string;
  /** Another one in each round of a loop: nothing that one round tells of it holds in the next. */
  varies = false;
  /** What it may be one of, where that much is known: changing it may change any of them. */
  candidates?: readonly Value[];
  /** On a root: it is a number, and not below this one. */
  atLeast?: number;
  /** An argument that was spread: more like it may follow. */
  standsForMore = false;
  /** Of a condition: what it compares. */
  about?: string;
  /** Set on `a === 'x'`, so that `a === 'y'` cannot hold as well. */
  equality?: { subject: UnknownValue | string; constant: undefined | null | boolean | number | string };

  /** The size that stands for it, once it has been used as one. */
  get asSymbol(): Symbolic | undefined {
    return this.root.symbolOfRoot;
  }

  set asSymbol(size: Symbolic | undefined) {
    this.root.symbolOfRoot = size;
  }

  member(name: string, make: () => Value): Value {
    const { children } = this.root;
    if (!children.has(name)) children.set(name, make());
    return children.get(name);
  }

  setMember(name: string, value: Value): void {
    this.root.children.set(name, value);
  }

  /** The same value under the name a program gives it, e.g. of the variable that holds it. */
  renamed(name: string): UnknownValue {
    const alias = new UnknownValue(name, this.reason, this.at, this.type);
    alias.root = this.root;
    alias.isMistake = this.isMistake;
    alias.varies = this.varies;
    alias.candidates = this.candidates;
    return alias;
  }
}

/** `n / 2` with an `n` that is not known: exact once it is rounded, otherwise only a name. */
export class Quotient {
  constructor(
    readonly numerator: number | Symbolic,
    readonly denominator: number | Symbolic,
  ) {}
}

export class ArrayValue {
  readonly born = ++births;
  /** Set when more elements may follow than `items` lists. */
  rest?: UnknownValue;
  /** Where a loop of unknown rounds adds to it: one of each that it adds. */
  samples?: Value[];
  /** The literal that made it. */
  literal?: ts.Node;
  /** Of a generator: what it returns behind all that it yields. */
  returned?: Value;
  /** What it has besides its elements: the `groups` of a match, the `raw` texts of a template. */
  members?: ReadonlyMap<string, Value>;
  constructor(readonly items: Value[] = []) {}
}

export class ObjectValue {
  readonly born = ++births;
  readonly properties = new Map<string, Value>();
  readonly getters = new Map<string, FunctionValue>();
  readonly setters = new Map<string, FunctionValue>();
  prototype?: ObjectValue;
  /** Set when it may have properties that are not listed. */
  rest?: UnknownValue;
  classValue?: ClassValue;
  /** The literal, or the `new Map()`, that made it. */
  literal?: ts.Node;
  /** A module's exports that may change after they were imported. */
  live?: Map<string, () => Value>;
  /** What has the members that are not listed: `export * from '@tensorflow/tfjs'`. */
  fallback?: TfNamespace;
  /** Elements of a Map or Set. */
  entries?: Map<Value, Value>;
  /** What a regular expression matches. */
  pattern?: RegExp;
  /**
   * The configuration of a layer that this was read from: a layer that is made from it is like that one, and what is
   * not among the properties is there, but not known.
   */
  configuration?: LayerConfig;

  constructor(properties: Iterable<[string, Value]> = []) {
    for (const [name, value] of properties) this.properties.set(name, value);
  }
}

export type FunctionNode = ts.FunctionLikeDeclaration;

export class FunctionValue {
  readonly properties = new Map<string, Value>();
  constructor(
    readonly node: FunctionNode,
    readonly scope: Scope,
    /** What `this` is whoever calls: set by `bind` and `super.method`. */
    readonly thisValue: Value,
    readonly name: string,
    /** The class whose `super` the body means. */
    readonly home?: ClassValue,
  ) {}
}

export interface CallSite {
  node: ts.Node;
  location: SourceLocation;
}

export class NativeFunction {
  constructor(
    readonly name: string,
    readonly call: (args: Value[], site: CallSite, thisValue: Value) => Value,
    readonly members: ReadonlyMap<string, Value> = new Map(),
  ) {}
}

export class ClassValue {
  readonly statics = new Map<string, Value>();
  constructor(
    readonly name: string,
    readonly node: ts.ClassLikeDeclaration | undefined,
    readonly scope: Scope | undefined,
    readonly base: Value,
  ) {}
}

/** An initializer, regularizer, constraint or optimizer: kept as written. */
export class SerializableValue {
  constructor(
    readonly className: string,
    readonly config: LayerConfig,
  ) {}
}

/** A tensor of data: only its shape matters here. */
export class DataTensor {
  constructor(
    readonly shape: Shape | null,
    readonly name: string,
    readonly rank = shape?.length,
  ) {}

  /** What stands for its sizes where only their number is known. */
  sizes?: UnknownValue[];
}

/** A weight of a layer: tfjs's LayerVariable. */
export class WeightVariable extends DataTensor {
  constructor(
    shape: Shape | null,
    name: string,
    /** Whether training may change it, as long as its layer is trainable. */
    public trainable: boolean,
  ) {
    super(shape, name);
  }
}

/** `tf` itself (path ''), or a part of it such as `layers`. */
export class TfNamespace {
  constructor(readonly path: string) {}
}

export class Scope {
  readonly born = ++births;
  readonly bindings = new Map<string, Value>();
  /** Imported names whose module may change what they hold. */
  links?: Map<string, () => Value>;
  constructor(
    readonly parent: Scope | undefined,
    /** A function's own scope, where `var` lives. */
    readonly isFunction = false,
    readonly context: FunctionContext | undefined = parent?.context,
  ) {}

  declare(name: string, value: Value): void {
    this.bindings.set(name, value);
  }

  /** The same bindings for the next round of a loop, while closures keep those of this one. */
  copy(): Scope {
    const copy = new Scope(this.parent, this.isFunction, this.context);
    for (const [name, value] of this.bindings) copy.bindings.set(name, value);
    return copy;
  }

  declares(name: string): boolean {
    return this.bindings.has(name);
  }

  lookup(name: string): { found: boolean; value: Value } {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      if (scope.bindings.has(name)) return { found: true, value: scope.bindings.get(name) };
      const link = scope.links?.get(name);
      if (link) return { found: true, value: link() };
    }
    return { found: false, value: undefined };
  }

  /** The scope that holds the binding. */
  holder(name: string): Scope | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.parent) {
      if (scope.bindings.has(name)) return scope;
    }
    return undefined;
  }

  functionScope(): Scope {
    let scope: Scope = this;
    while (!scope.isFunction && scope.parent) scope = scope.parent;
    return scope;
  }

  entries(): IterableIterator<[string, Value]> {
    return this.bindings.entries();
  }
}

/** What `this`, `super` and `return` mean in a body. */
export interface FunctionContext {
  thisValue: Value;
  home?: ClassValue;
  newTarget?: ClassValue;
  /** Where a generator's yields are collected. */
  yields?: ArrayValue;
}

export function isCallable(value: Value): value is FunctionValue | NativeFunction | ClassValue {
  return value instanceof FunctionValue || value instanceof NativeFunction || value instanceof ClassValue;
}
