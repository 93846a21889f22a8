/**
 * # cell-without-rnn
 *
 * Error. `lstmCell`, `gruCell`, `simpleRNNCell` and `stackedRNNCells` are one step of a recurrent layer, not a layer. `tf.layers.rnn`
 * makes a layer of a cell.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.lstmCell({ inputShape: [10, 4], units: 8 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.rnn({ inputShape: [10, 4], cell: tf.layers.lstmCell({ units: 8 }) }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const cellWithoutRnn: DiagnosticKind = { code: 'cell-without-rnn' };
