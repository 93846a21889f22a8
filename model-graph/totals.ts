/** What a model's layers cost together. */
import { add, multiply, type Quantity } from './dims';
import type { LayerNode, Totals } from './graph';

/** Null where one of them is not known. */
export function sumOf(values: (Quantity | null)[]): Quantity | null {
  let total: Quantity = 0;
  for (const value of values) {
    if (value === null) return null;
    total = add(total, value);
  }
  return total;
}

/** @param lost Layers are missing: no total is known. */
export function totalsOf(layers: readonly LayerNode[], lost = false): Totals {
  const total = (of: (layer: LayerNode) => Quantity | null) => (lost ? null : sumOf(layers.map(of)));
  const params = total((layer) => layer.params);
  const trainableParams = total((layer) => layer.trainableParams);
  return {
    params,
    trainableParams,
    nonTrainableParams:
      params === null || trainableParams === null ? null : add(params, multiply(trainableParams, -1)),
    multiplyAccumulates: total((layer) => sumOf(layer.calls.map((call) => call.multiplyAccumulates))),
    // Of a nested model all that its layers put out, not its outputs alone: a training step keeps it as well.
    activationBytes: total((layer) =>
      sumOf(layer.calls.map((call) => layer.nested?.totals.activationBytes ?? call.activationBytes)),
    ),
  };
}
