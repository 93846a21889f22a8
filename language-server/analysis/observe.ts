/**
 * What a name stands for at one place in the source: the layers, tensors and models that it holds whenever the program
 * comes by. Evaluates the program once more, and so costs what an analysis costs; asked only when someone points at a name.
 */
import type ts from 'typescript';
import type { Shape } from '../../model-graph/dims';
import { layerNodeWriter, toModelGraph } from '../../model-graph/fromTopology';
import type { LayerNode, ModelGraph } from '../../model-graph/graph';
import { Layer, type Lost, Model, SymbolicTensor } from '../../model-graph/wired';
import { type AnalysisOptions, analyze } from './analyze';
import type { ModuleHost } from './modules';
import { DataTensor, type Value } from './values';

export type Observation =
  | { kind: 'layer'; layer: LayerNode }
  | { kind: 'model'; model: ModelGraph }
  /** A symbolic tensor, and the layer that put it out. */
  | { kind: 'tensor'; shape: Shape | null; lost?: Lost; layer: string }
  | { kind: 'data'; shape: Shape | null };

export interface Observed {
  name: string;
  /** Of the name, in the text's own offsets. */
  start: number;
  end: number;
  /** Each once, in the order of the program. */
  values: Observation[];
}

/** Undefined where there is no name, or where it holds nothing of TensorFlow.js. */
export function observe(
  path: string,
  text: string,
  offset: number,
  host: ModuleHost,
  options: AnalysisOptions = {},
): Observed | undefined {
  let name: ts.Identifier | undefined;
  const values: Value[] = [];
  analyze(path, text, host, {
    ...options,
    onName: (node, value) => {
      if (node.pos > offset || node.end < offset || node.getSourceFile().fileName !== path) return;
      if (node.getStart() > offset) return;
      name = node;
      values.push(value);
    },
  });
  if (!name) return undefined;
  const seen = new Map<string, Observation>();
  const writeLayer = layerNodeWriter();
  for (const value of values) {
    const observation = describe(value, writeLayer);
    if (observation) seen.set(JSON.stringify(observation), observation);
  }
  if (seen.size === 0) return undefined;
  return { name: name.text, start: name.getStart(), end: name.end, values: [...seen.values()] };
}

function describe(value: Value, writeLayer: (layer: Layer) => LayerNode): Observation | undefined {
  if (value instanceof Model) return { kind: 'model', model: toModelGraph(value, '') };
  if (value instanceof Layer) return { kind: 'layer', layer: writeLayer(value) };
  if (value instanceof SymbolicTensor) {
    return { kind: 'tensor', shape: value.shape, lost: value.lost, layer: value.layer.name };
  }
  if (value instanceof DataTensor) return { kind: 'data', shape: value.shape };
  return undefined;
}
