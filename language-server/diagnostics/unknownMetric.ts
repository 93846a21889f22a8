/**
 * # unknown-metric
 *
 * Error. `compile` knows `accuracy`, `crossentropy`, `precision` and a few losses as metrics, these by their short names: `'mse'`,
 * not `'meanSquaredError'`. It throws for any other.
 *
 * Quick fix: changes it to the name that was probably meant.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae'] });
 * ```
 */
import { compileNameKinds, meantName } from '../../model-graph/checks/compileNames';
import type { DiagnosticKind } from './diagnostic';
import { didYouMean } from './didYouMean';

const { metric } = compileNameKinds;

export const unknownMetric: DiagnosticKind = {
  code: metric.code,
  fixes: ({ call }) => didYouMean(call, ['metrics'], metric.names, (written) => meantName(metric, written)),
};
