/** Runs a model on one input and keeps what every layer puts out, nested models' layers included. */
import * as tf from '@tensorflow/tfjs';
import type { Classification } from '../../protocol/sidecar';

type Summary = Classification['layers'][number];

export interface LayerOutput {
  name: string;
  className: string;
  /** Without the batch. */
  shape: number[];
  values: Float32Array;
}

/**
 * The outputs of all layers, in the order they are computed, and the model's own last. Layers run as in `predict`:
 * no dropout, batch normalization by its moving averages.
 * @param input With a batch of 1. Stays the caller's.
 */
export function runLayers(
  model: tf.LayersModel,
  input: tf.Tensor,
): { layers: LayerOutput[]; output: Float32Array } {
  const prefixes = new Map<tf.layers.Layer, string>();
  const insideModels = (container: tf.LayersModel, prefix: string) => {
    for (const layer of container.layers) {
      prefixes.set(layer, prefix);
      if (layer instanceof tf.LayersModel) insideModels(layer, `${prefix}${layer.name}/`);
    }
  };
  insideModels(model, '');

  const layers: LayerOutput[] = [];
  const callsSeen = new Map<tf.layers.Layer, number>();
  const record = (layer: tf.layers.Layer, outputs: tf.Tensor[]) => {
    const prefix = prefixes.get(layer);
    // The input that a Sequential makes for itself is none of its layers.
    if (prefix === undefined) return;
    const call = (callsSeen.get(layer) ?? 0) + 1;
    callsSeen.set(layer, call);
    for (const [i, output] of outputs.entries()) {
      layers.push({
        name: `${prefix}${layer.name}${call > 1 ? ` (${call})` : ''}${i > 0 ? `:${i}` : ''}`,
        className: layer.getClassName(),
        shape: output.shape.slice(1),
        values: Float32Array.from(output.dataSync()),
      });
    }
  };

  /** The container's outputs for these inputs. Symbolic tensors are followed back from the outputs, each once. */
  const runContainer = (container: tf.LayersModel, inputs: tf.Tensor[]): tf.Tensor[] => {
    const values = new Map<tf.SymbolicTensor, tf.Tensor>();
    for (const [i, symbol] of container.inputs.entries()) {
      const value = inputs[i];
      if (!value) continue;
      values.set(symbol, value);
      record(symbol.sourceLayer, [value]);
    }
    const resolveTensor = (symbol: tf.SymbolicTensor): tf.Tensor => {
      const known = values.get(symbol);
      if (known) return known;
      const layer = symbol.sourceLayer;
      const node = layer.inboundNodes[symbol.nodeIndex];
      if (!node) throw new Error(`layer ${layer.name} has no call ${symbol.nodeIndex}`);
      const layerInputs = node.inputTensors.map(resolveTensor);
      const outputs =
        layer instanceof tf.LayersModel ? runContainer(layer, layerInputs) : applyLayer(layer, layerInputs);
      for (const [i, output] of outputs.entries()) {
        const produced = node.outputTensors[i];
        if (produced) values.set(produced, output);
      }
      if (!(layer instanceof tf.LayersModel)) record(layer, outputs);
      const value = values.get(symbol);
      if (!value) throw new Error(`layer ${layer.name} gave no output ${symbol.tensorIndex}`);
      return value;
    };
    return container.outputs.map(resolveTensor);
  };

  let output = new Float32Array(0);
  tf.tidy(() => {
    const [last] = runContainer(model, [input]);
    output = Float32Array.from(last?.dataSync() ?? []);
  });
  return { layers, output };
}

function applyLayer(layer: tf.layers.Layer, inputs: tf.Tensor[]): tf.Tensor[] {
  const [only] = inputs;
  const result = layer.apply(inputs.length === 1 && only ? only : inputs, { training: false }) as
    | tf.Tensor
    | tf.Tensor[];
  return Array.isArray(result) ? result : [result];
}

export function summarize({ name, className, shape, values }: LayerOutput): Summary {
  let [min, max, sum, zeros, finite] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    finite++;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    if (value === 0) zeros++;
  }
  return {
    name,
    className,
    shape,
    min: finite > 0 ? min : 0,
    max: finite > 0 ? max : 0,
    mean: finite > 0 ? sum / finite : 0,
    zeros: values.length > 0 ? zeros / values.length : 0,
    broken: finite < values.length,
  };
}
