/** Classes: their making, their construction, their fields. */
import ts from 'typescript';
import { constructTfClass } from '../customLayers';
import {
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
import { Calls, maximumCallDepth } from './calls';
import type { Completion } from './completion';
import { StopSignal } from './signals';
import { hasStatic, isParameterProperty, superCallOf } from './syntax';

export abstract class Classes extends Calls {
  protected abstract arguments(nodes: readonly ts.Expression[], scope: Scope): Value[];
  protected abstract statement(node: ts.Statement, scope: Scope): Completion;
  protected abstract block(node: ts.Block, scope: Scope): Completion;
  protected abstract propertyName(node: ts.PropertyName, scope: Scope): string | undefined;

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
  protected constructWith(cls: ClassValue, args: Value[], site: CallSite, context: FunctionContext): void {
    if (!cls.node || !cls.scope) {
      context.thisValue = constructTfClass(this.whole, cls, args, site, context.newTarget ?? cls);
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

  protected constructBase(cls: ClassValue, args: Value[], site: CallSite, context: FunctionContext): void {
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

  /** `constructor(private units: number)` is a field, too. */
  protected parameterProperties(node: ts.ConstructorDeclaration, self: Value, scope: Scope): void {
    for (const { name, modifiers } of node.parameters) {
      if (ts.isIdentifier(name) && modifiers?.some((modifier) => isParameterProperty(modifier.kind)))
        this.assignMember(self, name.text, scope.bindings.get(name.text));
    }
  }

  protected initializeFields(cls: ClassValue, scope: Scope): void {
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
}
