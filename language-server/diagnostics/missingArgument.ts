/**
 * # missing-argument
 *
 * Error. The layer, initializer or call needs an option that is not given. tfjs throws as it is called, or, where the message
 * says so, when data comes. `compile` needs an optimizer and a loss: without a loss it throws as well.
 *
 * Quick fix: puts in the option with a common value.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3 }));
 * ```
 */
import type { DiagnosticKind, FixContext } from './diagnostic';
import { setOption } from './edits';

/** Common values of options that have no default. */
const commonValues: Readonly<Record<string, string>> = {
  units: '10',
  filters: '32',
  kernelSize: '3',
  poolSize: '2',
  rate: '0.5',
  inputDim: '1000',
  outputDim: '64',
  n: '2',
  axes: '-1',
  stddev: '0.1',
  optimizer: "'adam'",
};

export const missingArgument: DiagnosticKind = {
  code: 'missing-argument',
  fixes(context) {
    if (/needs a configuration/.test(context.problem.message)) {
      const { call } = context;
      return call.arguments.length > 0
        ? []
        : [{ title: 'Pass {}', edits: [{ start: call.end - 1, end: call.end - 1, text: '{}' }] }];
    }
    const option = /needs `(\w+)`/.exec(context.problem.message)?.[1] ?? '';
    const value = option === 'loss' ? usualLoss(context) : commonValues[option];
    return value === undefined
      ? []
      : [{ title: `Add ${option}: ${value}`, edits: setOption(context.call, option, value) }];
  },
};

/** The loss that goes with the last layer's activation, where there is only one model it can be for. */
function usualLoss({ analysis }: FixContext): string | undefined {
  if (analysis.models.length !== 1) return undefined;
  const activation = analysis.models[0]!.layers.at(-1)?.config['activation'];
  if (activation === 'softmax') return "'categoricalCrossentropy'";
  return activation === 'sigmoid' ? "'binaryCrossentropy'" : "'meanSquaredError'";
}
