/** What a model's layers cost together. */
import { add, multiply, type Quantity, sum } from './dims';
import type { LayerNode, Totals } from './graph';

/** @param lost Layers are missing: no total is known. */
export function totalsOf(layers: readonly LayerNode[], lost = false): Totals {
  const total = (of: (layer: LayerNode) => Quantity | null) => (lost ? null : sum(layers.map(of)));
  const params = total((layer) => layer.params);
  const trainableParams = total((layer) => layer.trainableParams);
  return {
    params,
    trainableParams,
    nonTrainableParams:
      params === null || trainableParams === null ? null : add(params, multiply(trainableParams, -1)),
    multiplyAccumulates: total((layer) => sum(layer.calls.map((call) => call.multiplyAccumulates))),
    // Of a nested model all that its layers put out, not its outputs alone: a training step keeps it as well.
    activationBytes: total((layer) =>
      sum(layer.calls.map((call) => layer.nested?.totals.activationBytes ?? call.activationBytes)),
    ),
  };
}
