/**
 * # missing-input-shape
 *
 * Error. A model must know the shape of one example before it can make any weights. The first layer of a sequential model
 * says it with `inputShape`, and `tf.input` with `shape`; the batch is left out of both. tfjs throws as the layer is added or
 * the input is created.
 *
 * Quick fix: puts in a shape of the kind that the layer takes, to be changed to yours.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ units: 10 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [784], units: 10 }));
 * ```
 */
import type { DiagnosticKind } from './diagnostic';
import { factoryOf, setOption } from './edits';
import { exampleInputShape } from './layerAxes';

export const missingInputShape: DiagnosticKind = {
  code: 'missing-input-shape',
  fixes({ call }) {
    const option = factoryOf(call) === 'input' ? 'shape' : 'inputShape';
    const value = exampleInputShape(call);
    return [{ title: `Add ${option}: ${value}`, edits: setOption(call, option, value) }];
  },
};
