/** Puts numbers for the names that a model's sizes depend on, so that it can be built. */
import type { WireDim, WireLayerNode, WireModelGraph, WireQuantity, WireShape } from '../protocol/modelGraph';
import { evaluateFormula, fillFormula, namesInFormula } from './formula';
import { isSizeArgument } from './writers/tfjsTopology';

/** The names that have to be given, in the order in which the model first uses them. */
export function symbolsOf(graph: WireModelGraph): string[] {
  const names = new Set<string>();
  const visit = <T>(value: T): T => {
    if (typeof value === 'string') for (const name of namesInFormula(value)) names.add(name);
    return value;
  };
  mapSizes(graph, visit);
  return [...names];
}

/** The same model with every formula replaced that the values decide. What has further names stays a formula of those. */
export function substituteSymbols(
  graph: WireModelGraph,
  values: Readonly<Record<string, number>>,
): WireModelGraph {
  const known = new Map(Object.entries(values));
  return mapSizes(graph, (value) =>
    typeof value === 'string' ? (evaluateFormula(value, known) ?? fillFormula(value, known)) : value,
  );
}

type MapSize = <T extends WireDim>(value: T) => T | number | string;

function mapSizes(graph: WireModelGraph, map: MapSize): WireModelGraph {
  const shape = (sizes: WireShape): WireShape => sizes.map((size) => map(size));
  const quantity = (value: WireQuantity | null) => map(value) as WireQuantity | null;
  const mapped: WireModelGraph = {
    ...graph,
    inputShapes: graph.inputShapes.map(shape),
    layers: graph.layers.map((layer) => mapLayer(layer, map)),
    outputShapes: graph.outputShapes.map(shape),
    totals: {
      params: quantity(graph.totals.params),
      trainableParams: quantity(graph.totals.trainableParams),
      nonTrainableParams: quantity(graph.totals.nonTrainableParams),
      multiplyAccumulates: quantity(graph.totals.multiplyAccumulates),
      activationBytes: quantity(graph.totals.activationBytes),
    },
  };
  const isExact = mapped.layers.every(({ verdict }) => verdict.kind === 'exact');
  return graph.verdict.kind === 'symbolic' && isExact ? { ...mapped, verdict: { kind: 'exact' } } : mapped;
}

function mapLayer(layer: WireLayerNode, map: MapSize): WireLayerNode {
  const shape = (sizes: WireShape): WireShape => sizes.map((size) => map(size));
  const quantity = (value: WireQuantity | null) => map(value) as WireQuantity | null;
  const mapped: WireLayerNode = {
    ...layer,
    config: mapConfig(layer.config, map),
    calls: layer.calls.map((call) => ({
      ...call,
      inputShapes: call.inputShapes.map(shape),
      outputShapes: call.outputShapes.map(shape),
      multiplyAccumulates: quantity(call.multiplyAccumulates),
      activationBytes: quantity(call.activationBytes),
      receptiveField: call.receptiveField && {
        ...call.receptiveField,
        size: shape(call.receptiveField.size),
        stride: shape(call.receptiveField.stride),
        offset: shape(call.receptiveField.offset),
      },
    })),
    weights: layer.weights.map((weight) => ({ ...weight, shape: shape(weight.shape) })),
    params: quantity(layer.params),
    trainableParams: quantity(layer.trainableParams),
    ...(layer.nested ? { nested: mapSizes(layer.nested, map) } : {}),
  };
  if (layer.verdict.kind !== 'symbolic' || !isDecided(mapped)) return mapped;
  return { ...mapped, verdict: { kind: 'exact' } };
}

/** Only what tfjs reads as a size: elsewhere text is a word, `relu`, and no formula. */
function mapConfig(config: Record<string, unknown>, map: MapSize): Record<string, unknown> {
  const mapValue = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(mapValue) : typeof value === 'string' ? map(value) : value;
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      if (isSizeArgument(name, value)) return [name, mapValue(value)];
      const inner = value as { config?: unknown } | null;
      return typeof inner === 'object' && inner !== null && isRecord(inner.config)
        ? [name, { ...inner, config: mapConfig(inner.config, map) }]
        : [name, value];
    }),
  );
}

/** No size is a formula any more. */
function isDecided(layer: WireLayerNode): boolean {
  let decided = true;
  mapLayer({ ...layer, verdict: { kind: 'exact' } }, (value) => {
    if (typeof value === 'string') decided = false;
    return value;
  });
  return decided;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
