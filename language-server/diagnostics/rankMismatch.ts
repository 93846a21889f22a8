/**
 * # rank-mismatch
 *
 * Error. The layer takes inputs of another number of axes: a convolution over pictures wants height, width and channels, a
 * recurrent layer wants steps and features. tfjs throws as the layer is applied. Inside `timeDistributed` it notices only
 * when data comes, and Layerwise warns.
 *
 * Quick fixes, where they lead to a model that fits: add a channel axis, flatten before the layer, read rows as the steps of a
 * sequence, or let the recurrent layer before it return its whole sequence.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.lstm({ inputShape: [20, 8], units: 16 }));
 * model.add(tf.layers.lstm({ units: 16 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.lstm({ inputShape: [20, 8], units: 16, returnSequences: true }));
 * model.add(tf.layers.lstm({ units: 16 }));
 * ```
 */
import ts from 'typescript';
import type { Shape } from '../../model-graph/dims';
import type { LayerKind } from '../../model-graph/graph';
import { ruleForFactory } from '../../model-graph/layers';
import type { DiagnosticKind, Fix, FixContext } from './diagnostic';
import { callAt, factoryOf, insertLayerBefore, namespaceOf, optionOf, removeLayer, setOption } from './edits';
import { axesTaken } from './layerAxes';

export const rankMismatch: DiagnosticKind = {
  code: 'rank-mismatch',
  fixes(context) {
    const { call, layers } = context;
    const sizes = layers
      .map((layer) => layer.calls[0]?.inputShapes[0])
      .find((shape) => shape)
      ?.slice(1);
    if (!sizes) return [];
    if (factoryOf(call) === 'flatten') return [{ title: 'Remove the flatten', edits: removeLayer(call) }];
    const wanted = axesTaken(call);
    if (wanted === undefined) return [];
    if (optionOf(call, 'inputShape')) return wanted === sizes.length + 1 ? addChannels(call) : [];
    return sizes.length < wanted ? addAxes(context, sizes, wanted) : dropAxes(context, sizes, wanted);
  },
};

/** `inputShape: [28, 28]` of a layer that wants channels as well. */
function addChannels(call: ts.CallExpression): Fix[] {
  const shape = optionOf(call, 'inputShape');
  const last = shape && ts.isArrayLiteralExpression(shape) && shape.elements.at(-1);
  return last
    ? [
        {
          title: 'Add a channel axis to inputShape',
          edits: [{ start: last.end, end: last.end, text: ', 1' }],
        },
      ]
    : [];
}

function addAxes(context: FixContext, sizes: Shape, wanted: number): Fix[] {
  if (sizes.length !== wanted - 1) return [];
  const { call } = context;
  const isSequence = ruleForFactory(factoryOf(call))?.kind === 'recurrent';
  return [
    ...returnSequences(context),
    ...insertReshape(context, [...sizes, 1], isSequence ? 'Make every value a step' : 'Add a channel axis'),
  ];
}

function dropAxes(context: FixContext, sizes: Shape, wanted: number): Fix[] {
  if (wanted === 1) return insertLayer(context, 'Flatten', 'flatten()');
  const [rows, ...rest] = sizes;
  if (wanted !== 2 || !rest.every((size) => typeof size === 'number')) return [];
  return insertReshape(
    context,
    [rows!, rest.reduce((left, right) => left * right, 1)],
    'Make every row a step',
  );
}

/** The recurrent layer before this one gives only its last step. */
function returnSequences(context: FixContext): Fix[] {
  let before = recurrentBefore(context);
  const wrapped = before && factoryOf(before) === 'bidirectional' ? optionOf(before, 'layer') : undefined;
  if (wrapped && ts.isCallExpression(wrapped)) before = wrapped;
  if (!before || ruleForFactory(factoryOf(before))?.kind !== 'recurrent') return [];
  return [
    {
      title: `Set returnSequences: true on the ${factoryOf(before)} before`,
      edits: setOption(before, 'returnSequences', 'true'),
    },
  ];
}

/** The call that makes what this layer is applied to, past layers that keep the shape as it is. */
function recurrentBefore({ file, problem, analysis, layers }: FixContext): ts.CallExpression | undefined {
  let source = problem.related?.[0]?.location;
  const model = analysis.models.find((one) => layers[0] && one.layers.includes(layers[0]));
  for (let layer = model && layers[0]; layer; ) {
    const id = layer.calls[0]?.inbound[0]?.layer;
    layer = model?.layers.find((one) => one.id === id);
    if (layer?.location) source = layer.location;
    if (!layer || !keepingShape.includes(layer.kind)) break;
  }
  return source && source.path === problem.location?.path ? callAt(file, source.range) : undefined;
}

const keepingShape: readonly LayerKind[] = ['regularization', 'activation', 'normalization'];

function insertReshape(context: FixContext, target: Shape, title: string): Fix[] {
  if (!target.every((size) => typeof size === 'number')) return [];
  return insertLayer(context, title, `reshape({ targetShape: [${target.join(', ')}] })`);
}

function insertLayer({ call, thrownAt }: FixContext, title: string, layer: string): Fix[] {
  const namespace = namespaceOf(call);
  if (!namespace) return [];
  const text = `${namespace}.${layer}`;
  return [{ title: `${title}: insert ${text}`, edits: insertLayerBefore(call, thrownAt, text) }];
}
