/**
 * # unknown-optimizer
 *
 * Error. `compile` knows the optimizers `adam`, `adamax`, `adagrad`, `adadelta`, `rmsprop` and `sgd` by name. Others, and other
 * settings, are made with `tf.train`. It throws for any other name.
 *
 * Quick fix: changes it to the name that is nearest.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'rms_prop_', loss: 'meanSquaredError' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'rmsprop', loss: 'meanSquaredError' });
 * ```
 */
import { compileNameKinds, meantName } from '../../model-graph/checks/compileNames';
import type { DiagnosticKind } from './diagnostic';
import { didYouMean } from './didYouMean';

const { optimizer } = compileNameKinds;

export const unknownOptimizer: DiagnosticKind = {
  code: optimizer.code,
  fixes: ({ call }) =>
    didYouMean(call, ['optimizer'], optimizer.names, (written) => meantName(optimizer, written)),
};
