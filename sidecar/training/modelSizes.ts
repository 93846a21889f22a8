/** The sizes of a model that is built, where no analysis knows them: of a program's own layers, say. */
import * as tf from '@tensorflow/tfjs';
import type { ModelSizes } from '../../model-graph/trainingMemory';

/** What tfjs's containers keep to themselves. */
interface ContainerInside {
  containerNodes: ReadonlySet<string>;
}

/** As `ModelGraph`'s totals; `activationBytes` is null where a size besides the batch is open. */
export function sizesOfModel(model: tf.LayersModel): ModelSizes {
  return {
    params: countOf(model.weights),
    trainableParams: countOf(model.trainableWeights),
    activationBytes: activationBytes(model),
  };
}

/** Of one example. A layer that is called twice puts out twice; a nested model all that is inside it. */
function activationBytes(model: tf.LayersModel): number | null {
  // tfjs-layers models.ts: a Sequential is run as the functional model inside it, which it gets when it is built.
  if (!model.built && model.inputs?.[0]) model.build(model.inputs[0].shape);
  const container = (model as unknown as { model?: tf.LayersModel }).model ?? model;
  const { containerNodes } = container as unknown as ContainerInside;
  let total = 0;
  for (const layer of model.layers) {
    for (const [index, node] of layer.inboundNodes.entries()) {
      // tfjs-layers engine/container.ts nodeKey. Calls beside this model are none of its own.
      if (!containerNodes.has(`${layer.name}_ib-${index}`)) continue;
      const bytes = layer instanceof tf.LayersModel ? activationBytes(layer) : bytesOf(node.outputTensors);
      if (bytes === null) return null;
      total += bytes;
    }
  }
  return total;
}

function countOf(weights: readonly tf.LayerVariable[]): number {
  return weights.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape as number[]), 0);
}

function bytesOf(tensors: readonly tf.SymbolicTensor[]): number | null {
  let total = 0;
  for (const { shape } of tensors) {
    const [, ...sizes] = shape;
    if (sizes.some((size) => size === null)) return null;
    total += 4 * sizes.reduce<number>((product, size) => product * (size ?? 0), 1);
  }
  return total;
}
