/** `Object` and its functions. */
import type { Evaluation } from '../evaluator/evaluation';
import { ArrayValue, FunctionValue, ObjectValue, type Value } from '../values';
import { type Native, native, notKnown } from './native';

export function objectConstructor(evaluator: Evaluation): Value {
  const listing =
    (pick: (name: string, value: Value) => Value): Native =>
    ([object], site) => {
      if (object instanceof ObjectValue && !object.rest) {
        return new ArrayValue(
          keysOf(object).map((name) => pick(name, evaluator.member(object, name, site.node))),
        );
      }
      if (object instanceof ArrayValue && !object.rest) {
        return new ArrayValue(object.items.map((value, index) => pick(String(index), value)));
      }
      const array = new ArrayValue();
      array.rest = notKnown(evaluator, site, object);
      return array;
    };
  const same: Native = ([object]) => object;
  return native('Object', ([value]) => value ?? new ObjectValue(), {
    keys: native(
      'keys',
      listing((name) => name),
    ),
    values: native(
      'values',
      listing((_, value) => value),
    ),
    entries: native(
      'entries',
      listing((name, value) => new ArrayValue([name, value])),
    ),
    assign: native('assign', ([target, ...sources], site) => {
      for (const source of sources) {
        if (target instanceof ObjectValue) {
          evaluator.spreadObject(target, source, site.node);
        } else if (source instanceof ObjectValue) {
          for (const key of keysOf(source))
            evaluator.assignMember(target, key, evaluator.member(source, key, site.node));
        }
      }
      return target;
    }),
    defineProperty: native('defineProperty', ([target, key, descriptor], site) => {
      if (target instanceof ObjectValue && typeof key === 'string' && descriptor instanceof ObjectValue) {
        const getter = descriptor.properties.get('get');
        if (getter instanceof FunctionValue) target.getters.set(key, getter);
        else evaluator.assignMember(target, key, evaluator.member(descriptor, 'value', site.node));
      } else if (target instanceof ObjectValue) evaluator.openUp(target, notKnown(evaluator, site, key));
      return target;
    }),
    freeze: native('freeze', same),
    seal: native('seal', same),
    create: native('create', ([prototype], site) => {
      const object = new ObjectValue();
      if (prototype instanceof ObjectValue) object.prototype = prototype;
      else if (prototype !== null) object.rest = notKnown(evaluator, site, prototype);
      return object;
    }),
    fromEntries: native('fromEntries', ([entries], site) => {
      const object = new ObjectValue();
      const items = evaluator.iterate(entries);
      if (!items) object.rest = notKnown(evaluator, site, entries);
      for (const item of items ?? []) {
        const [key, value] = item instanceof ArrayValue ? item.items : [];
        if (typeof key === 'string' || typeof key === 'number') object.properties.set(String(key), value);
      }
      return object;
    }),
  });
}

/** As JavaScript lists them: whole numbers first, in order. */
export function keysOf(object: ObjectValue): string[] {
  const order: Record<string, true> = {};
  for (const name of object.properties.keys()) order[name] = true;
  for (const name of object.getters.keys()) order[name] = true;
  return Object.keys(order).filter((name) => !name.startsWith('@@')); // symbols
}
