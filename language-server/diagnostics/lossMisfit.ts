/**
 * # loss-misfit
 *
 * Error or warning. The loss does not suit what the model puts out.
 *
 * - `sparseCategoricalCrossentropy` with one output is an error: training throws, since there is no choice among one class.
 * - `categoricalCrossentropy` with one output is a warning where the model is compiled and an error where `fit` is called:
 *   `fit` rejects every target, while `fitDataset` trains on a loss that is always 0.
 * - `binaryCrossentropy` with a softmax over more than two outputs is a warning: the loss takes each output as a decision of its
 *   own, the softmax makes them a choice of one. tfjs computes it without a word.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 1, activation: 'sigmoid' }));
 * model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 1, activation: 'sigmoid' }));
 * model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' });
 * ```
 */
import type { DiagnosticKind } from './diagnostic';

export const lossMisfit: DiagnosticKind = { code: 'loss-misfit' };
