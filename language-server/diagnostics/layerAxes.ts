/** How many axes, the batch not counted, the layers of `tf.layers` take, and inputs that suit them. */
import type ts from 'typescript';
import { ruleForFactory } from '../../model-graph/layers';
import { factoryOf, optionOf } from './edits';

/** The axes that a layer demands; undefined where it takes any number, or is no layer of tfjs. */
export function axesTaken(call: ts.CallExpression): number | undefined {
  const factory = factoryOf(call);
  const rule = ruleForFactory(factory);
  if (!rule) return undefined;
  if (rule.kind === 'wrapper') {
    const inner = wrappedCall(call);
    const axes = inner && axesTaken(inner);
    if (rule.className === 'TimeDistributed') return axes === undefined ? 2 : axes + 1;
    return axes ?? 2;
  }
  if (rule.className === 'ConvLSTM2D') return 4;
  if (rule.kind === 'recurrent') return 2;
  if (rule.className === 'RepeatVector') return 1;
  const dimensions = /([123])D/.exec(rule.className)?.[1];
  return dimensions ? Number(dimensions) + 1 : undefined;
}

/** A shape to start from, by the number of axes: a row of features, a series, a picture, a volume or a film. */
const examples: readonly (readonly number[])[] = [[], [10], [100, 1], [28, 28, 1], [16, 16, 16, 1]];

/** An `inputShape` that the layer accepts, as it stands in a program. */
export function exampleInputShape(call: ts.CallExpression): string {
  const factory = factoryOf(call);
  if (factory === 'embedding') return '[100]';
  if (factory === 'flatten' || factory === 'input' || factory === 'inputLayer') return '[28, 28, 1]';
  return `[${(examples[axesTaken(call) ?? 1] ?? []).join(', ')}]`;
}

function wrappedCall(call: ts.CallExpression): ts.CallExpression | undefined {
  const layer = optionOf(call, 'layer');
  return layer && 'arguments' in layer ? (layer as ts.CallExpression) : undefined;
}
