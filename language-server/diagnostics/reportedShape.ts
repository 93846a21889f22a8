/**
 * # reported-shape
 *
 * Error or warning. tfjs reports an output shape for this configuration that is not the one it computes, so what follows is
 * built for the wrong sizes.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [4, 16] });
 * const y = tf.layers.conv1d({ filters: 2, kernelSize: 3, dataFormat: 'channelsFirst' }).apply(x);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [16, 4] });
 * const y = tf.layers.conv1d({ filters: 2, kernelSize: 3 }).apply(x);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const reportedShape: DiagnosticKind = { code: 'reported-shape' };
