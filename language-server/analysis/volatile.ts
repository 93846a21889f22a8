/**
 * What functions change that the program itself does not call: event handlers, methods, exported setters. When they run,
 * and how often, is not known; so what they change is not known either in any other such function.
 *
 * The program is evaluated once to find out, and again with it.
 */
import type ts from 'typescript';
import { Layer, SymbolicTensor } from '../../model-graph/wired';
import type { Journal } from './evaluator/journal';
import { isPrimitive, isUndecided, typeOfPrimitive } from './evaluator/kinds';
import { ArrayValue, ClassValue, ObjectValue, UnknownValue, type Value } from './values';

/** Across evaluations, told by the place in the program. */
export class Volatile {
  /** Variables of the module. */
  readonly names = new Set<string>();
  /** Properties with plain values, by the object literal or class that has them. */
  readonly properties = new Map<ts.Node, Set<string>>();
  /** Lists, maps and sets by what makes them; the functions that change them, and whether by nothing but known values. */
  readonly collections = new Map<ts.Node, Map<ts.Node, boolean>>();
  /** Grows with every finding. */
  findings = 0;

  addName(name: string): void {
    if (this.names.has(name)) return;
    this.names.add(name);
    this.findings++;
  }

  /** Takes note of what a function has changed. */
  add({ maps, arrays, owners }: Journal, root: ts.Node): void {
    for (const [map, owner] of owners ?? []) {
      const node = owner instanceof ClassValue ? owner.node : owner.literal;
      const old = maps.get(map);
      if (!node || !old) continue;
      if (owner instanceof ObjectValue && map === owner.entries) {
        this.addCollection(node, root, [...old.values()] as Value[], [...map.values()] as Value[]);
        continue;
      }
      for (const [key, before] of old as Map<string, Value>) {
        const now = map.get(key) as Value;
        if (before === now || before === null || before === undefined) continue;
        if (isPrimitive(before) && (isPrimitive(now) || isUndecided(now))) this.addProperty(node, key);
      }
    }
    for (const [array, old] of arrays) {
      if (array.literal)
        this.addCollection(array.literal, root, old, array.rest ? [array.rest] : array.items);
    }
  }

  private addProperty(owner: ts.Node, name: string): void {
    const known = this.properties.get(owner) ?? new Set();
    if (!known.has(name)) this.findings++;
    this.properties.set(owner, known.add(name));
  }

  private addCollection(made: ts.Node, root: ts.Node, old: readonly Value[], now: readonly Value[]): void {
    // Where a program keeps its layers is its own affair.
    if ([...old, ...now].some((item) => item instanceof Layer || item instanceof SymbolicTensor)) return;
    const roots = this.collections.get(made) ?? new Map<ts.Node, boolean>();
    const isKnown = now.every((item) => isPrimitive(item)) && roots.get(root) !== false;
    if (roots.get(root) !== isKnown) this.findings++;
    roots.set(root, isKnown);
    this.collections.set(made, roots);
  }

  /** Whether a collection may be another in this function than what the program has made of it. */
  changesBefore(made: ts.Node, root: ts.Node | undefined): boolean {
    for (const [other, isKnown] of this.collections.get(made) ?? [])
      if (other !== root || !isKnown) return true;
    return false;
  }
}

/** Within one evaluation: the values that are meant. */
export class VolatileState {
  private readonly values: (ObjectValue | ClassValue | ArrayValue)[] = [];

  constructor(private readonly volatile: Volatile | undefined) {}

  /** To be told what a function has changed that is called at a time that is not known. */
  note(changes: Journal, root: ts.Node): void {
    this.volatile?.add(changes, root);
  }

  /** To be told of every object, list and class that the program makes. */
  created(value: ObjectValue | ClassValue | ArrayValue): void {
    if (!this.volatile || this.volatile.findings === 0) return;
    const node = value instanceof ClassValue ? value.node : value.literal;
    if (node && (this.volatile.properties.has(node) || this.volatile.collections.has(node)))
      this.values.push(value);
  }

  /** To be called before a function that is called at a time that is not known. */
  forget(root: ts.Node | undefined): void {
    for (const value of this.values) {
      const node = (value instanceof ClassValue ? value.node : value.literal)!;
      if (value instanceof ArrayValue || (value instanceof ObjectValue && value.entries)) {
        if (this.volatile!.changesBefore(node, root)) forgetElements(value);
      } else {
        this.forgetProperties(value, node);
      }
    }
  }

  private forgetProperties(owner: ObjectValue | ClassValue, node: ts.Node): void {
    const properties = owner instanceof ClassValue ? owner.statics : owner.properties;
    for (const name of this.volatile!.properties.get(node) ?? []) {
      const reason = `\`${name}\` is changed by functions that may be called at any time`;
      const value = properties.get(name);
      if (isPrimitive(value))
        properties.set(name, new UnknownValue(name, reason, undefined, typeOfPrimitive(value)));
    }
  }
}

function forgetElements(value: ArrayValue | ObjectValue): void {
  const reason = 'what it holds is changed by functions that may be called at any time';
  if (value instanceof ArrayValue) value.items.length = 0;
  else value.entries?.clear();
  value.rest = new UnknownValue('…', reason);
}
