/**
 * # unknown-data-format
 *
 * Error. `dataFormat` is `'channelsLast'` or `'channelsFirst'`, written just so: Keras' `channels_last` is not known. tfjs throws
 * as the layer is created, or when data comes.
 *
 * Quick fix: changes it to the name that is nearest.
 *
 * ## Wrong
 *
 * ```ts
 * const layer = tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, dataFormat: 'channels_last' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const layer = tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3, dataFormat: 'channelsLast' });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';
import { didYouMean } from './didYouMean';

export const unknownDataFormat: DiagnosticKind = {
  code: 'unknown-data-format',
  fixes: ({ call }) => didYouMean(call, ['dataFormat'], ['channelsLast', 'channelsFirst']),
};
