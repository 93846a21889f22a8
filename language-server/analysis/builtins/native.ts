/** What JavaScript's library is written with: functions of its own, and what they give where they cannot tell. */
import type ts from 'typescript';
import { Unknown } from '../../../model-graph/layers/rule';
import type { Evaluation } from '../evaluator/evaluation';
import { shortText } from '../evaluator/syntax';
import { type CallSite, NativeFunction, UnknownValue, type Value } from '../values';

export type Native = (args: Value[], site: CallSite, thisValue: Value) => Value;
export const maximumLength = 100_000;

export function native(name: string, call: Native, members: Record<string, Value> = {}): NativeFunction {
  return new NativeFunction(name, call, new Map(Object.entries(members)));
}

export function notKnown(
  evaluator: Evaluation,
  site: CallSite,
  cause?: Value,
  type?: UnknownValue['type'],
): UnknownValue {
  const reason = cause instanceof Unknown ? cause.reason : `\`${shortText(site.node)}\` is not followed`;
  return new UnknownValue(
    shortText(site.node),
    reason,
    cause instanceof Unknown ? cause.at : evaluator.locate(site.node),
    type,
  );
}

/** How many elements there are where more may follow than are known: always the same number until something changes. */
export function openSize(rest: UnknownValue, node: ts.Node, known = 0): Value {
  return rest.member('length', () => {
    const length = new UnknownValue(shortText(node), rest.reason, rest.at, 'number');
    length.atLeast = known;
    return length;
  });
}
