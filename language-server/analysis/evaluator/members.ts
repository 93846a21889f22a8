/** Reading and writing the members of objects, lists, classes and layers. */
import ts from 'typescript';
import { equalDims, subtract } from '../../../model-graph/dims';
import { Unknown } from '../../../model-graph/layers/rule';
import { Layer, Model } from '../../../model-graph/wired';
import { memberOfBuiltin } from '../builtins/members';
import { assignWeights, classKey } from '../customLayers';
import { isOfLayersApi, memberOfTf, tfNamespace } from '../tfjs/namespace';
import {
  ArrayValue,
  type CallSite,
  ClassValue,
  type FunctionNode,
  FunctionValue,
  NativeFunction,
  ObjectValue,
  UnknownValue,
  type Value,
  WeightVariable,
} from '../values';
import { isUndecided, iteratorKey } from './kinds';
import { Operators } from './operators';
import { hasStatic, memberNameText, shortText } from './syntax';

/** Batch normalization's moving averages stay as they are when a layer is thawed. */
function isTrainableByNature(layer: Layer, weight: string): boolean {
  const facts = layer.calls[0]?.facts.weights?.find((candidate) => candidate.name === weight);
  return facts ? facts.trainable : true;
}

/** An iterator that gives more has perhaps no end. */
const maximumElements = 10_000;

function nameOfMember(name: ts.PropertyName): string | undefined {
  if (!ts.isComputedPropertyName(name)) return memberNameText(name);
  if (ts.isStringLiteralLike(name.expression)) return name.expression.text;
  return /^Symbol\.(asyncI|i)terator$/.test(name.expression.getText()) ? iteratorKey : undefined;
}

/** Whether its weights are in its own `_trainableWeights`. Mirrors layers/recurrent.ts RNN and layers/wrappers.ts Wrapper. */
function hasWeightsOfItsOwn(layer: Layer): boolean {
  return !(layer instanceof Model) && layer.kind !== 'recurrent' && layer.kind !== 'wrapper';
}

function setTrainable(layer: Layer, trainable: boolean): void {
  if (!layer.weights) return;
  layer.weights = layer.weights.map((weight) =>
    isTrainableByNature(layer, weight.name) ? { ...weight, trainable } : weight,
  );
}

export abstract class Members extends Operators {
  abstract invoke(fn: FunctionValue, args: Value[], thisValue: Value, site: CallSite | undefined): Value;

  /** `object[key]` */
  element(object: Value, key: Value, node: ts.Node): Value {
    if (typeof key === 'number') {
      if (object instanceof ArrayValue) {
        const { known } = this.knownEnds(object);
        if (key >= 0 && key < known) return object.items[key];
        if (known < object.items.length)
          return this.unknown(node, 'how many layers a loop adds is not known');
        // The same element as long as nothing changes the list.
        return object.rest?.member(`[${key}]`, () => {
          const one = this.elementOfUnknown(object, node);
          return Object.assign(new UnknownValue(shortText(node), one.reason, one.at), {
            candidates: one.candidates,
          });
        });
      }
      if (typeof object === 'string') return object[key];
      return this.member(object, String(key), node);
    }
    if (typeof key === 'string') return this.member(object, key, node);
    if (object instanceof ArrayValue) {
      // `list[list.length - 1]`
      const { length, behind } = this.knownEnds(object);
      const [size, place] = length ? [this.asQuantity(length), this.asQuantity(key)] : [];
      for (let fromEnd = 1; size !== undefined && place !== undefined && fromEnd <= behind; fromEnd++)
        if (equalDims(subtract(size, fromEnd), place) === true) return object.items.at(-fromEnd);
    }
    if (object instanceof UnknownValue && key instanceof UnknownValue) {
      return object.member(`[${key.root.id}]`, () => this.unknown(node, object.reason));
    }
    const why = key instanceof Unknown ? key.reason : 'the key is not known';
    const one = this.unknown(node, why);
    if (object instanceof ArrayValue) one.candidates = object.items;
    if (object instanceof ObjectValue) one.candidates = [...object.properties.values()];
    return one;
  }

  /**
   * How many elements a list is known to begin with, where a loop adds others behind them, how many it then has, and how
   * many come behind those of the loop.
   */
  protected knownEnds(list: ArrayValue): { known: number; length?: UnknownValue; behind: number } {
    const length = list.members?.get('length');
    if (!(length instanceof UnknownValue)) return { known: list.items.length, behind: 0 };
    const last = list.items.findLastIndex((item) => item instanceof Layer && item.repeated.length > 0);
    return { known: length.root.atLeast ?? 0, length, behind: list.items.length - 1 - last };
  }

  elementOfUnknown(list: Value, node: ts.Node): UnknownValue {
    const source = list instanceof UnknownValue ? list : list instanceof ArrayValue ? list.rest : undefined;
    const element = new UnknownValue(
      `${shortText(node)}[…]`,
      source?.reason ?? 'the elements of this list are not known',
      source?.at ?? this.locate(node),
    );
    element.candidates = source?.candidates;
    element.varies = source?.varies ?? false;
    return element;
  }

  /** `object.name`, for every kind of value. */
  member(object: Value, name: string, node: ts.Node): Value {
    if (object instanceof UnknownValue) {
      // A parameter, a field or a package's export of that name: who calls it tf means TensorFlow.js.
      const isTf = object.type === undefined && /(^|\.)tf$/.test(object.name);
      if (isTf && isOfLayersApi(name)) return this.member(tfNamespace, name, node);
      return object.member(name, () => {
        const type = name === 'length' ? 'number' : undefined;
        const path = /^\d+$/.test(name) ? `${object.name}[${name}]` : `${object.name}.${name}`;
        const part = new UnknownValue(path, object.reason, object.at, type);
        part.isMistake = object.isMistake;
        part.varies = object.varies;
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
    const ofTf = memberOfTf(this.whole, object, name, node);
    if (ofTf) return ofTf.value;
    const builtin = memberOfBuiltin(this.whole, object, name, node);
    if (builtin) return builtin.value;
    if (object instanceof ObjectValue) {
      if (object.rest) {
        const { rest } = object;
        return rest.member(name, () => new UnknownValue(name, rest.reason, rest.at));
      }
      if (object.fallback) return this.member(object.fallback, name, node);
      if (object.configuration)
        return this.unknown(node, `what a layer's configuration has as \`${name}\` is not followed`);
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

  protected instanceMember(
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
        if (nameOfMember(member.name) === name) return { member, owner: at };
      }
    }
    return undefined;
  }

  protected setterOf(
    cls: Value,
    name: string,
    isStatic = false,
  ): { member: ts.SetAccessorDeclaration; owner: ClassValue } | undefined {
    for (let at = cls, depth = 0; at instanceof ClassValue && depth < 50; at = at.base, depth++) {
      for (const member of at.node?.members ?? []) {
        if (
          ts.isSetAccessor(member) &&
          hasStatic(member) === isStatic &&
          memberNameText(member.name) === name
        )
          return { member, owner: at };
      }
    }
    return undefined;
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
  protected isPrototype(object: ObjectValue): boolean {
    const maker = object.properties.get('constructor');
    return maker instanceof FunctionValue && maker.properties.get('prototype') === object;
  }

  protected assignLayerMember(layer: Layer, name: string, value: Value): void {
    if (name !== 'trainable') {
      if (!assignWeights(layer, name, value)) layer.extras.set(name, value);
      return;
    }
    if (typeof value !== 'boolean') return;
    layer.trainable = value;
    // Mirrors Layer.trainable and Container.trainable: a model hands it to the weights its layers have by then, but not
    // to those that models, recurrent layers and wrappers among them keep in layers and cells of theirs.
    if (layer instanceof Model) {
      for (const inner of layer.layers) if (hasWeightsOfItsOwn(inner)) setTrainable(inner, value);
    } else setTrainable(layer, value);
  }

  /** The elements of something iterable, or undefined where they are not all known. */
  iterate(value: Value): Value[] | undefined {
    if (value instanceof ArrayValue) return value.rest ? undefined : Array.from(value.items);
    if (typeof value === 'string') return [...value];
    if (value instanceof ObjectValue && value.entries && !value.rest) {
      const isMap = value.classValue?.name === 'Map';
      return [...value.entries].map(([key, entry]) => (isMap ? new ArrayValue([key, entry]) : key));
    }
    return value instanceof ObjectValue ? this.iterateByProtocol(value) : undefined;
  }

  /** What an object's own `[Symbol.iterator]()` gives, all of it. */
  private iterateByProtocol(object: ObjectValue): Value[] | undefined {
    const own = object.properties.get(iteratorKey);
    const found = own instanceof FunctionValue ? undefined : this.methodOf(object.classValue, iteratorKey);
    const fn =
      own instanceof FunctionValue
        ? own
        : found &&
          new FunctionValue(found.member as FunctionNode, found.owner.scope!, undefined, '', found.owner);
    if (!fn) return undefined;
    const iterator = this.invoke(fn, [], object, undefined);
    if (iterator === object || iterator instanceof UnknownValue) return undefined;
    if (!(iterator instanceof ObjectValue) || iterator.entries) return this.iterate(iterator);
    const next = this.member(iterator, 'next', fn.node);
    if (!(next instanceof FunctionValue)) return undefined;
    const items: Value[] = [];
    while (items.length < maximumElements) {
      const result = this.invoke(next, [], iterator, undefined);
      const done = this.member(result, 'done', fn.node);
      if (isUndecided(done)) return undefined;
      if (done) return items;
      items.push(this.member(result, 'value', fn.node));
    }
    return undefined;
  }

  protected spreadInto(array: ArrayValue, value: Value, node: ts.Node): void {
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

  spreadObject(target: ObjectValue, value: Value, node: ts.Node): void {
    this.touch(target);
    if (value instanceof ObjectValue) {
      if (value.rest) this.openUp(target, value.rest);
      if (value.configuration) target.configuration = { ...target.configuration, ...value.configuration };
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

  /** From this element on, a list is not known any more. */
  loseElements(array: ArrayValue, from: number, unknown: UnknownValue): void {
    this.touch(array);
    array.items.length = Math.min(array.items.length, from);
    array.rest ??= unknown;
  }

  protected restOf(value: Value, taken: Set<string>, node: ts.Node): Value {
    if (value instanceof ObjectValue) {
      const rest = new ObjectValue([...value.properties].filter(([name]) => !taken.has(name)));
      rest.rest = value.rest;
      if (value.configuration)
        rest.configuration = Object.fromEntries(
          Object.entries(value.configuration).filter(([name]) => !taken.has(name)),
        );
      return rest;
    }
    if (value instanceof UnknownValue) return value;
    return this.unknown(node, 'the object that is taken apart here is not known');
  }

  protected sliceFrom(value: Value, index: number, node: ts.Node): Value {
    if (value instanceof ArrayValue && !value.rest) return new ArrayValue(value.items.slice(index));
    return value instanceof UnknownValue
      ? value
      : this.unknown(node, 'the list that is taken apart here is not known');
  }
}
