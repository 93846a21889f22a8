/** The JSON that `layerwise inspect --format json` prints; version 1. Lines and characters count from 0. */
import type { Analysis } from '../language-server/analysis/analyze';
import type { Quantity, Shape } from '../model-graph/dims';
import type { LayerNode, ModelGraph } from '../model-graph/graph';
import { analysisPath } from './sourceFiles';

export function inspectJson(files: { path: string; analysis: Analysis }[]): unknown {
  return {
    version: 1,
    files: files.map(({ path: file, analysis }) => {
      const own = analysisPath(file);
      return {
        path: file,
        models: analysis.models.map((model) => modelJson(model, own)),
        unattached: analysis.unattached.map((layer) => layerJson(layer, own)),
        diagnostics: analysis.problems.map(({ location, severity, code, message }) => ({
          ...place(location, own),
          severity,
          code,
          message,
        })),
        ...(analysis.incomplete ? { incomplete: analysis.incomplete } : {}),
      };
    }),
  };
}

function modelJson(model: ModelGraph, own: string): unknown {
  const { totals } = model;
  return {
    name: model.name,
    kind: model.kind,
    ...place(model.location, own),
    inputShapes: model.inputShapes,
    outputShapes: model.outputShapes,
    totals: {
      params: totals.params,
      trainableParams: totals.trainableParams,
      nonTrainableParams: totals.nonTrainableParams,
      macs: totals.multiplyAccumulates,
    },
    layers: model.layers.map((layer) => layerJson(layer, own)),
    ...(model.verdict.kind === 'lost' ? { reason: model.verdict.reason } : {}),
    verdict: model.verdict.kind,
  };
}

function layerJson(layer: LayerNode, own: string): unknown {
  const call = layer.calls[0];
  const shapes = call?.outputShapes ?? [];
  const outputShape: Shape | Shape[] | null =
    shapes.length === 0 ? null : shapes.length === 1 ? shapes[0]! : shapes;
  return {
    name: layer.name,
    className: layer.className,
    ...place(layer.location, own),
    outputShape,
    params: layer.params,
    trainable: layer.trainable,
    macs: sumOf(layer.calls.map(({ multiplyAccumulates }) => multiplyAccumulates)),
    receptiveField: receptiveFieldJson(layer),
    verdict: layer.verdict.kind,
    ...(layer.verdict.kind === 'lost' ? { reason: layer.verdict.reason } : {}),
    ...(layer.nested ? { layers: layer.nested.layers.map((inner) => layerJson(inner, own)) } : {}),
  };
}

function sumOf(counts: (Quantity | null)[]): unknown {
  if (counts.length === 1) return counts[0];
  return counts.every((count) => typeof count === 'number')
    ? (counts as number[]).reduce((a, b) => a + b, 0)
    : null;
}

/** One number where it is the same along every axis, else one per axis. */
function receptiveFieldJson(layer: LayerNode): unknown {
  const size = layer.calls[0]?.receptiveField?.size;
  if (!size || size.length === 0) return null;
  return size.every((dim) => dim === size[0]) ? size[0] : size;
}

function place(location: LayerNode['location'], own: string): Record<string, unknown> {
  if (!location) return {};
  return { range: location.range, ...(location.path === own ? {} : { path: location.path }) };
}
