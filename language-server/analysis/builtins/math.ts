/** `Math`, over numbers and sizes. */
import { ceilDivide, floorDivide, maximum, minimum, type Quantity } from '../../../model-graph/dims';
import { Unknown } from '../../../model-graph/layers/rule';
import type { Evaluation } from '../evaluator/evaluation';
import { type CallSite, ObjectValue, Quotient, UnknownValue, type Value } from '../values';
import { native, notKnown } from './native';

export function mathObject(evaluator: Evaluation): Value {
  const members: [string, Value][] = [];
  for (const name of Object.getOwnPropertyNames(Math)) {
    const own = (Math as unknown as Record<string, unknown>)[name];
    if (typeof own === 'number') members.push([name, own]);
    else members.push([name, native(`Math.${name}`, (args, site) => math(evaluator, name, args, site))]);
  }
  return new ObjectValue(members);
}

function math(evaluator: Evaluation, name: string, args: Value[], site: CallSite): Value {
  if (name === 'random')
    return new UnknownValue('Math.random()', '`Math.random()` differs every time', site.location, 'number');
  if (args.every((arg) => typeof arg === 'number')) {
    return (Math as unknown as Record<string, (...numbers: number[]) => number>)[name]!(
      ...(args as number[]),
    );
  }
  const [first] = args;
  if (['floor', 'ceil', 'trunc', 'round'].includes(name) && args.length === 1) {
    if (first instanceof Quotient) {
      if (name === 'ceil') return ceilDivide(first.numerator, first.denominator);
      if (name === 'floor') return floorDivide(first.numerator, first.denominator);
    } else {
      const quantity = evaluator.asQuantity(first);
      if (quantity !== undefined) return quantity;
    }
  }
  if ((name === 'max' || name === 'min') && args.length > 0) {
    const quantities = args.map((arg) => evaluator.asQuantity(arg));
    if (quantities.every((quantity) => quantity !== undefined)) {
      const combine = name === 'max' ? maximum : minimum;
      return (quantities as Quantity[]).reduce((left, right) => combine(left, right));
    }
  }
  return notKnown(
    evaluator,
    site,
    args.find((arg) => arg instanceof Unknown),
    'number',
  );
}
