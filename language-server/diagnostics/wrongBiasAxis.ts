/**
 * # wrong-bias-axis
 *
 * Error or warning. `separableConv2d` with `dataFormat: 'channelsFirst'` adds its bias along the last axis, which is the
 * width. tfjs throws when data comes, or, where the sizes happen to fit, adds the wrong numbers.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.separableConv2d({ inputShape: [3, 8, 8], filters: 4, kernelSize: 3, dataFormat: 'channelsFirst' }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.separableConv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const wrongBiasAxis: DiagnosticKind = { code: 'wrong-bias-axis' };
