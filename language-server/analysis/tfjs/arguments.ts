/** What programs give to layers and models, and get from them. */
import type ts from 'typescript';
import type { GivenData, GivenTensor } from '../../../model-graph/checks/fit';
import { SymbolicTensor } from '../../../model-graph/wired';
import { isStateCertain } from '../certainty';
import type { Evaluation } from '../evaluator/evaluation';
import { ArrayValue, type CallSite, DataTensor, type Value } from '../values';

export function singletonOrArray(tensors: SymbolicTensor[]): Value {
  if (tensors.length === 0) return undefined;
  return tensors.length === 1 ? tensors[0] : new ArrayValue(tensors.slice());
}

export function toTensors(evaluator: Evaluation, value: Value, node: ts.Node): SymbolicTensor[] {
  if (value instanceof SymbolicTensor) return [value];
  if (value instanceof ArrayValue && !value.rest) {
    // A list may have holes.
    return Array.from(value.items, (item) =>
      item instanceof SymbolicTensor ? item : evaluator.lostTensor(item, node),
    );
  }
  return [evaluator.lostTensor(value instanceof ArrayValue ? value.rest : value, node)];
}

/** What is seen of the model at this call is what the program itself will see there. */
export function isCertain(evaluator: Evaluation, site: CallSite): boolean {
  // No side of a condition that is not known has been taken so far.
  if (evaluator.decisions.length > 0) return false;
  const calls = evaluator.callFrames.map((frame) => frame.node);
  return isStateCertain(calls, site.node);
}

/** The tensors given to `fit` as x or y. */
export function givenData(value: Value): GivenData {
  if (value instanceof DataTensor) return { tensors: [givenTensor(value)], isList: false };
  if (!(value instanceof ArrayValue) || value.rest) return undefined;
  const tensors = value.items.filter((item) => item instanceof DataTensor).map(givenTensor);
  return tensors.length === value.items.length ? { tensors, isList: true } : undefined;
}

/** A shape counted from nested lists stops at the first element that is not known, and lists may be filled elsewhere. */
function givenTensor({ shape, name }: DataTensor): GivenTensor {
  const literal = /^tf\.tensor(\d?)d?\(\)$/.exec(name);
  const trusted = !literal || shape?.length === Number(literal[1]);
  return { shape: trusted ? shape : null, countCertain: !literal };
}
