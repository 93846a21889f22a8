/**
 * # unknown-loss
 *
 * Error. `compile` knows losses by their full names only: `'meanSquaredError'`, not `'mse'`; `'categoricalCrossentropy'`, not
 * `'softmaxCrossEntropy'`. It throws for any other.
 *
 * Quick fix: changes it to the name that was probably meant.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: 'mse' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * ```
 */
import { compileNameKinds, meantName } from '../../model-graph/checks/compileNames';
import type { DiagnosticKind } from './diagnostic';
import { didYouMean } from './didYouMean';

const { loss } = compileNameKinds;

export const unknownLoss: DiagnosticKind = {
  code: loss.code,
  fixes: ({ call }) => didYouMean(call, ['loss'], loss.names, (written) => meantName(loss, written)),
};
