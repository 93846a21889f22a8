/** Functions and their calls, of what is known and of what is not. */
import ts from 'typescript';
import type { Dim } from '../../../model-graph/dims';
import { Unknown } from '../../../model-graph/layers/rule';
import { Layer, type Lost, Model, SymbolicTensor } from '../../../model-graph/wired';
import { problemOfMissingFactory } from '../missingFactories';
import { unreadableModule } from '../modules';
import { withShapeComment } from '../shapeComments';
import { tfNamespace } from '../tfjs/namespace';
import {
  ArrayValue,
  type CallSite,
  ClassValue,
  type FunctionContext,
  type FunctionNode,
  FunctionValue,
  NativeFunction,
  ObjectValue,
  Scope,
  UnknownValue,
  type Value,
} from '../values';
import type { Completion } from './completion';
import { Members } from './members';
import { calleeOf, containsLayers, isDefaultExport, shortText, typeNameOf, variablesOf } from './syntax';

/** Methods of lists that call what they are given for their elements. */
const listMethods = /\.(forEach|map|flatMap|filter|reduce|reduceRight|find|some|every)$/;

/** Functions of packages that change what they are given. */
const changingCall =
  /(^|\.)(merge|mergeWith|extend|defaults|defaultsDeep|assign|assignIn|set|unset|pull|pullAll|remove|fill|reverse|shuffle\w*|sort\w*)$/i;

export const maximumCallDepth = 120;

/** `this` among the parameters says what it is, and takes no argument. */
function takingArguments(
  parameters: ts.NodeArray<ts.ParameterDeclaration>,
): readonly ts.ParameterDeclaration[] {
  const [first] = parameters;
  return first && ts.isIdentifier(first.name) && first.name.text === 'this'
    ? parameters.slice(1)
    : parameters;
}

/** What the axes of a tensor are called, channels last, by their number; the first is the batch. */
const axisNames: Readonly<Record<number, readonly (string | undefined)[]>> = {
  2: [undefined, 'features'],
  3: [undefined, 'steps', 'features'],
  4: [undefined, 'height', 'width', 'channels'],
  5: [undefined, 'depth', 'height', 'width', 'channels'],
};

export abstract class Calls extends Members {
  abstract expression(node: ts.Expression, scope: Scope): Value;
  protected abstract bind(target: ts.BindingName, value: Value, scope: Scope): void;
  protected abstract statements(list: readonly ts.Statement[], scope: Scope): Completion;
  abstract unknownRounds(
    node: ts.Node,
    scope: Scope,
    bodies: (ts.Node | undefined)[],
    condition: string,
    run: () => Completion,
    first?: () => Completion,
  ): Completion;

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

  protected callUnknown(callee: UnknownValue, args: Value[], site: CallSite): Value {
    // The list is not known, but what is done with its elements is in plain sight.
    let firstResult: { value: Value } | undefined;
    const callback = listMethods.test(callee.name)
      ? args.find((arg) => arg instanceof FunctionValue)
      : undefined;
    if (callback) {
      firstResult = this.callbackRounds(site, callback, callee, 0, (element, index) =>
        this.unknownArguments(callback.node).map((argument, position) => {
          if (!argument) return argument;
          const place = /\.reduce(Right)?$/.test(callee.name) ? 2 : 1;
          if (position === place) return index;
          return position === place - 1
            ? element
            : new UnknownValue((argument as UnknownValue).name, callee.reason, callee.at);
        }),
      );
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
    const missing = callee.missingFactory && site && problemOfMissingFactory(callee.missingFactory, site);
    if (missing) this.topology.problems.push(missing);
    const name = `${callee.name}()`;
    // Of a chain of calls, what its beginning lacks.
    const cause = callee.reason.replace(/^`[^`]*` is not analysed: /, '');
    const result = new UnknownValue(name, `\`${name}\` is not analysed: ${cause}`, site.location);
    result.isMistake = callee.isMistake;
    if (!firstResult || !/\.map$/.test(callee.name)) return result;
    const list = new ArrayValue([firstResult.value]);
    list.rest = result;
    return list;
  }

  /**
   * Calls a callback for the elements of a list that are not known, behind `known` ones that are. Gives what it gave
   * for the first of them, where that one was looked at by itself.
   */
  callbackRounds(
    site: CallSite,
    callback: FunctionValue,
    cause: UnknownValue,
    known: number,
    argumentsOf: (element: UnknownValue, index: Value) => Value[],
  ): { value: Value } | undefined {
    let firstResult: { value: Value } | undefined;
    const names = this.unknownArguments(callback.node).map(
      (argument) => (argument as UnknownValue | undefined)?.name,
    );
    const element = () => new UnknownValue(names[0] ?? 'element', cause.reason, cause.at);
    const index = new UnknownValue(names[1] ?? 'index', cause.reason, cause.at, 'number');
    index.atLeast = known;
    let any = element();
    this.unknownRounds(
      site.node,
      callback.scope,
      [callback.node],
      shortText(calleeOf(site.node)),
      () => {
        this.call(callback, argumentsOf(any, index), site);
        return undefined;
      },
      () => {
        const first = any; // keeps its name
        any = element();
        index.atLeast = known + 1;
        firstResult = { value: this.call(callback, argumentsOf(first, known), site) };
        return undefined;
      },
    );
    return firstResult;
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
      if (isGenerator && context?.yields) {
        context.yields.returned = completion?.kind === 'return' ? completion.value : undefined;
        return context.yields;
      }
      return completion?.kind === 'return' ? completion.value : undefined;
    } finally {
      this.expected = expected;
      this.callDepth--;
      if (site) this.callFrames.pop();
      if (named) this.groups.pop();
    }
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

  protected bindParameters(
    parameters: ts.NodeArray<ts.ParameterDeclaration>,
    args: Value[],
    scope: Scope,
  ): void {
    // What was spread into the call may reach every parameter from there on.
    const last = args.at(-1);
    const spread = last instanceof UnknownValue && last.standsForMore ? last : undefined;
    const known = spread ? args.length - 1 : args.length;
    takingArguments(parameters).forEach((parameter, index) => {
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
      if (comment) value = withShapeComment(this.whole, comment, value, scope);
      this.bind(parameter.name, value, scope);
    });
  }

  protected withDefault(value: Value, initializer: ts.Expression, scope: Scope): Value {
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
    return takingArguments(fn.parameters).map((parameter) => {
      // Called without arguments it has its defaults.
      if (parameter.initializer || parameter.dotDotDotToken) return undefined;
      const name = ts.isIdentifier(parameter.name) ? parameter.name.text : 'options';
      // `export default (tf) => …`: the library handed in.
      if (name === 'tf' && (!parameter.type || ts.isTypeQueryNode(parameter.type))) return tfNamespace;
      const value = new UnknownValue(
        name,
        `\`${name}\` is a parameter of ${owner}, and no call with known arguments was found`,
        this.locate(parameter),
        parameter.type && ts.isTypeLiteralNode(parameter.type)
          ? 'object'
          : typeNameOf(parameter.type ?? ts.getJSDocType(parameter)),
      );
      return value;
    });
  }

  /** `var` belongs to the whole function, whichever block it stands in, and hides what is outside from the start. */
  protected hoistVariables(body: ts.Node, scope: Scope): void {
    for (const name of variablesOf(body)) if (!scope.declares(name)) scope.declare(name, undefined);
  }

  /** Function declarations exist before their block runs. */
  protected hoist(statements: readonly ts.Statement[], scope: Scope): void {
    for (const statement of statements) {
      if (!ts.isFunctionDeclaration(statement)) continue;
      const name = statement.name?.text ?? (isDefaultExport(statement) ? 'default' : undefined);
      if (name !== undefined) scope.declare(name, this.closure(statement, scope, name));
    }
  }

  protected closure(node: FunctionNode, scope: Scope, name: string, self?: Value): FunctionValue {
    const fn = new FunctionValue(node, scope, undefined, name);
    if (!this.closures.has(node)) this.closures.set(node, { fn, self });
    return fn;
  }

  loseContents(model: Model, lost: Lost): void {
    this.topology.noteChange(model);
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
    const known = isHidden && this.lostTensors.get(value.root);
    if (known) return known;
    const placeholder = new Layer(name, '?', 'custom', {}, undefined);
    const tensor = new SymbolicTensor(placeholder, 0, 0, null, { reason, at, isHidden });
    if (isHidden && !value.varies) {
      this.lostTensors.set(value.root, tensor);
      tensor.sizeAlong = (axis, rank) => this.sizeOfAxis(value, axis, rank);
    }
    return tensor;
  }

  /** The size along an axis of a tensor that is not known: what `value.shape[axis]` reads, by the name of the axis. */
  private sizeOfAxis(value: UnknownValue, axis: number, rank: number): Dim {
    const name = axisNames[rank]?.[axis];
    if (name === undefined) return null;
    const path = `${value.name}.shape`;
    const shape = value.member('shape', () => new UnknownValue(path, value.reason, value.at));
    if (!(shape instanceof UnknownValue)) return null;
    const size = shape.member(
      String(axis),
      () => new UnknownValue(`${path}[${axis}]`, value.reason, value.at),
    );
    if (!(size instanceof UnknownValue)) return this.asQuantity(size) ?? null;
    size.asSymbol ??= this.symbolOf(new UnknownValue(name, value.reason, value.at, 'number'));
    return size.asSymbol;
  }
}
