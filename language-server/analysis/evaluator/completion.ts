/** How a statement ends. */
import ts from 'typescript';
import type { Value } from '../values';

/** A statement's way of ending other than by reaching its end. */
export type Completion =
  | { kind: 'return'; value: Value }
  | { kind: 'break'; label?: string }
  | { kind: 'continue'; label?: string }
  | undefined;

export function isContinue(completion: NonNullable<Completion>, loop: ts.Node): boolean {
  if (completion.kind !== 'continue') return false;
  if (completion.label === undefined) return true;
  for (let at = loop.parent; at && ts.isLabeledStatement(at); at = at.parent) {
    if (at.label.text === completion.label) return true;
  }
  return false;
}

export function leaveLoop(completion: NonNullable<Completion>): Completion {
  return completion.kind === 'break' && completion.label === undefined ? undefined : completion;
}
