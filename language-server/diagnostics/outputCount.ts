/**
 * # output-count
 *
 * Error. `timeDistributed` applies a layer to every step and stacks what comes out, so that layer must have one output:
 * `returnState: true` gives more. tfjs throws when data comes.
 *
 * ## Wrong
 *
 * ```ts
 * const x = tf.input({ shape: [5, 10, 4] });
 * const y = tf.layers.timeDistributed({ layer: tf.layers.lstm({ units: 8, returnState: true }) }).apply(x);
 * ```
 *
 * ## Right
 *
 * ```ts
 * const x = tf.input({ shape: [5, 10, 4] });
 * const y = tf.layers.timeDistributed({ layer: tf.layers.lstm({ units: 8 }) }).apply(x);
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const outputCount: DiagnosticKind = { code: 'output-count' };
