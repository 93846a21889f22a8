/** What a model comes to as a whole. Pure. */
import type { WireModelGraph, WireQuantity } from '../../protocol/modelGraph';
import type { ComparedLayer } from './layers';
import { sumOf } from './stages';

export interface ComparedTotals {
  params: WireQuantity | null;
  trainableParams: WireQuantity | null;
  multiplyAccumulates: WireQuantity | null;
  /** All outputs for one example, as float32. */
  activationBytes: WireQuantity | null;
  /** Layers as the model lists them; those of models that are used as layers in their place. */
  layers: number;
  /** Layers with weights on the longest way through. */
  depth: number;
  /** The largest of the convolutions and poolings: input cells seen by one cell, along the axis where it sees most. */
  receptiveField: number | null;
}

export function totalsOf(graph: WireModelGraph, layers: readonly ComparedLayer[]): ComparedTotals {
  const { totals } = graph;
  const hasOpened = layers.some(({ path }) => path.length > 1);
  // A dense layer and a global pooling see all there is: that says nothing of the kernels.
  const fields = layers
    .filter(({ layer }) => layer.kind === 'convolution' || layer.kind === 'pooling')
    .filter(({ layer }) => !layer.className.startsWith('Global'))
    .map(({ receptiveField }) => receptiveField);
  return {
    params: totals.params,
    trainableParams: totals.trainableParams,
    multiplyAccumulates: totals.multiplyAccumulates,
    // A model that is used as a layer counts there with its output only, here with what is inside.
    activationBytes: hasOpened
      ? sumOf(layers.map(({ activationBytes }) => activationBytes))
      : totals.activationBytes,
    layers: layers.filter(({ path }) => path.length > 0).length,
    depth: layers.reduce((most, { depth }) => Math.max(most, depth), 0),
    // Where one is not known, it might be the largest.
    receptiveField:
      fields.length > 0 && fields.every((size) => size !== null) ? Math.max(...(fields as number[])) : null,
  };
}

/** One point for each depth: the largest receptive field there. */
export interface GrowthPoint {
  depth: number;
  receptiveField: number | null;
  /** The layer with weights that stands there. */
  layer: ComparedLayer;
}

/** How a model grows from one layer with weights to the next. With branches, the one that sees most stands for all. */
export function growthOf(layers: readonly ComparedLayer[]): GrowthPoint[] {
  const points = new Map<number, GrowthPoint>();
  const depthBefore = new Map(layers.map(({ key, depth }) => [key, depth]));
  for (const layer of layers) {
    const before = layer.inbound.reduce((most, key) => Math.max(most, depthBefore.get(key) ?? 0), 0);
    if (layer.depth === before) continue;
    const known = points.get(layer.depth);
    if (known && (known.receptiveField ?? 0) >= (layer.receptiveField ?? 0)) continue;
    points.set(layer.depth, { depth: layer.depth, receptiveField: layer.receptiveField, layer });
  }
  return [...points.values()].sort((a, b) => a.depth - b.depth);
}
