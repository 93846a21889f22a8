/**
 * # fit-shape-mismatch
 *
 * Error. The data given to `fit` has other sizes than the model takes (`x`) or puts out (`y`). `fit` throws. For
 * `sparseCategoricalCrossentropy`, targets are class numbers, one for each example; for all other losses they have the shape of
 * the output. Only tensors whose shapes are known from the source are compared.
 *
 * Quick fix, where outputs have more axes than the targets: flattens before the dense layers at the end.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 3, activation: 'softmax' }));
 * model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
 * model.fit(tf.zeros([8, 4]), tf.zeros([8, 1]));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.dense({ inputShape: [4], units: 3, activation: 'softmax' }));
 * model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
 * model.fit(tf.zeros([8, 4]), tf.zeros([8, 1]));
 * ```
 */
import type { LayerKind } from '../../model-graph/graph';
import type { DiagnosticKind } from './diagnostic';
import { callAt, insertLayerBefore, namespaceOf } from './edits';

/** What may stand at the end of a model behind a flatten. */
const headKinds: readonly LayerKind[] = ['dense', 'activation', 'regularization'];

export const fitShapeMismatch: DiagnosticKind = {
  code: 'fit-shape-mismatch',
  fixes({ file, problem, analysis }) {
    const at = problem.related?.[0]?.location;
    const model = analysis.models.find(({ location }) => location === at);
    if (!model || at?.path !== problem.location?.path) return [];
    const body = model.layers.findLastIndex(({ kind }) => !headKinds.includes(kind));
    const first = model.layers[body + 1];
    const call = body >= 0 && first?.location ? callAt(file, first.location.range) : undefined;
    const namespace = call && namespaceOf(call);
    if (!call || !namespace) return [];
    const layer = `${namespace}.flatten()`;
    return [
      { title: `Insert ${layer} before the dense layers`, edits: insertLayerBefore(call, call, layer) },
    ];
  },
};
