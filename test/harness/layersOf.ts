/** A model's layers in a form that tfjs's own and ours can be compared in. */
import * as tf from '@tensorflow/tfjs';
import type { ModelGraph } from '../../model-graph/graph';

/** As tfjs has them. */
export function layersInTfjs(model: tf.LayersModel): string[] {
  return model.layers.map((layer) =>
    JSON.stringify([
      layer.name,
      layer.getClassName(),
      nodesIn(model, layer).map(({ outputShapes }) =>
        Array.isArray(outputShapes[0]) && outputShapes.length === 1 ? outputShapes[0] : outputShapes,
      ),
      layer.countParams(),
      layer.trainableWeights.reduce(
        (total, { shape }) => total + shape.reduce<number>((n, d) => n * (d ?? 1), 1),
        0,
      ),
    ]),
  );
}

/** A model that is used as a layer counts its own construction as a call, which is none of the outer model's. */
function nodesIn(model: tf.LayersModel, layer: tf.layers.Layer): tf.layers.Layer['inboundNodes'] {
  const { containerNodes } = model as unknown as { containerNodes: Set<string> };
  if (model instanceof tf.Sequential) return layer.inboundNodes.slice(0, 1);
  return layer.inboundNodes.filter((_, index) => containerNodes.has(`${layer.name}_ib-${index}`));
}

/** As the graph has them. */
export function layersInGraph(graph: ModelGraph): string[] {
  return graph.layers.map((layer) =>
    JSON.stringify([
      layer.name,
      layer.className === 'Functional' ? 'Model' : layer.className,
      layer.calls.map(({ outputShapes }) => (outputShapes.length === 1 ? outputShapes[0] : outputShapes)),
      layer.params,
      layer.trainableParams,
    ]),
  );
}
