/**
 * What the evaluator is to whom it calls: JavaScript's library, `tf.*`, layers, modules. They know this and no class of
 * the evaluator's, which knows them all.
 */
import type ts from 'typescript';
import type { Quantity } from '../../../model-graph/dims';
import type { SourceLocation } from '../../../model-graph/graph';
import type { Topology } from '../../../model-graph/topology';
import type { Layer, Lost, Model, SymbolicTensor } from '../../../model-graph/wired';
import type {
  ArrayValue,
  CallSite,
  ClassValue,
  FunctionNode,
  FunctionValue,
  ObjectValue,
  Scope,
  UnknownValue,
  Value,
} from '../values';
import type { Completion } from './completion';

/** A layer or model as the program made it. */
export interface Creation {
  layer: Layer;
  location: SourceLocation;
  /** The innermost call in the analysed file that led here. */
  via?: SourceLocation;
  /** The function that was evaluated although nothing calls it. */
  root?: ts.Node;
}

/** Each as the layer of the evaluator documents it that has it. */
export interface Evaluation {
  // --- what is kept: `state` ---
  readonly topology: Topology;
  readonly creations: readonly Creation[];
  readonly modelRoots: Map<Model, { maker?: ts.Node; extender?: ts.Node }>;
  readonly root?: ts.Node;
  readonly decisions: readonly unknown[];
  readonly callFrames: readonly CallSite[];
  readonly globals: Map<string, Value>;
  readonly components: Map<ts.Node, { instance: ObjectValue }>;
  readonly optionObjects: ReadonlyMap<ts.Node, ObjectValue>;
  readonly handedOut: ReadonlyMap<ts.Node, { to: string; creations: number }>;
  readonly modules: {
    pathOf(file: ts.SourceFile): string;
    readText(path: string): string | undefined;
  };
  locate(node: ts.Node): SourceLocation;
  unknown(node: ts.Node, reason: string, name?: string): UnknownValue;
  distinct(value: UnknownValue): UnknownValue;
  spendText(text: string): string;
  recordCreation(layer: Layer, site: CallSite): void;
  truthy(value: Value, node: ts.Node): boolean;
  touch(target: Value | Scope): void;

  // --- values: `operators`, `members` ---
  arithmetic(operator: ts.SyntaxKind, left: Value, right: Value, node: ts.Node): Value;
  asQuantity(value: Value): Quantity | undefined;
  hasProperty(object: Value, key: Value, node: ts.Node): Value;
  element(object: Value, key: Value, node: ts.Node): Value;
  elementOfUnknown(list: Value, node: ts.Node): UnknownValue;
  member(object: Value, name: string, node: ts.Node): Value;
  assignMember(object: Value, name: string, value: Value): void;
  methodOf(
    cls: Value,
    name: string,
    isStatic?: boolean,
  ): { member: ts.ClassElement; owner: ClassValue } | undefined;
  iterate(value: Value): Value[] | undefined;
  spreadObject(target: ObjectValue, value: Value, node: ts.Node): void;
  openUp(target: ObjectValue, unknown: UnknownValue): void;
  loseElements(array: ArrayValue, from: number, unknown: UnknownValue): void;

  // --- functions and classes: `calls`, `classes`, `loops` ---
  call(callee: Value, args: Value[], site: CallSite, thisValue?: Value): Value;
  callMethod(cls: ClassValue, self: Value, name: string, args: Value[], site: CallSite): Value;
  invoke(fn: FunctionValue, args: Value[], thisValue: Value, site: CallSite | undefined): Value;
  construct(callee: Value, args: Value[], site: CallSite): Value;
  instanceByPrototype(node: FunctionNode): Value;
  callbackRounds(
    site: CallSite,
    callback: FunctionValue,
    cause: UnknownValue,
    known: number,
    argumentsOf: (element: UnknownValue, index: Value) => Value[],
  ): { value: Value } | undefined;
  unknownRounds(
    node: ts.Node,
    scope: Scope,
    bodies: (ts.Node | undefined)[],
    condition: string,
    run: () => Completion,
    first?: () => Completion,
  ): Completion;
  loseContents(model: Model, lost: Lost): void;
  lostTensor(value: Value, node: ts.Node): SymbolicTensor;

  evaluateModule(file: ts.SourceFile, scope: Scope): void;
}
