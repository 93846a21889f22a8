/** A tfjs model, taken apart for the ONNX writer: layers in the order tfjs runs them, with configuration and weights. */
import * as tf from '@tensorflow/tfjs';
import type {
  ExportedLayer,
  ExportedModel,
  ExportedStep,
  ExportedWeight,
  ValueId,
} from '../../model-graph/writers/onnx/exportedModel';
import { SidecarError } from '../errors';

/** What tfjs's classes keep beside their configuration. */
interface LayerInside {
  dataFormat?: unknown;
  layer?: tf.layers.Layer;
  forwardLayer?: tf.layers.Layer;
  backwardLayer?: tf.layers.Layer;
  cell?: tf.layers.Layer;
  cells?: tf.layers.Layer[];
}

export class ModelTaker {
  /** A layer that is called twice is one layer, with its weights once. */
  private readonly layers = new Map<tf.layers.Layer, ExportedLayer>();

  /** @throws SidecarError for a model whose input is not known */
  async take(model: tf.LayersModel): Promise<ExportedModel> {
    if (!model.inputs?.length)
      throw new SidecarError(`The model \`${model.name}\` does not say what its input is.`, {
        next: 'Give its first layer an inputShape.',
      });
    // A Sequential gets its names with its first use.
    if (!model.built) model.build(model.inputs[0]!.shape);
    return this.model(model, '');
  }

  private async model(model: tf.LayersModel, prefix: string): Promise<ExportedModel> {
    let count = 0;
    const next = (): ValueId => count++;
    const steps: ExportedStep[] = [];
    const inputs = model.inputs.map(next);
    const outputs = await this.container(model, prefix, inputs, next, steps);
    return {
      name: model.name,
      inputs: model.inputs.map((symbol, i) => ({
        id: inputs[i]!,
        name: model.inputNames[i] ?? `input_${i + 1}`,
        shape: symbol.shape,
        dtype: symbol.dtype,
      })),
      outputs: model.outputNames.map((name, i) => ({ id: outputs[i]!, name })),
      steps,
    };
  }

  /** Mirrors tfjs-layers engine/executor.ts getTopologicalSortAndRecipientCountsForOneFetch: the last input first. */
  private async container(
    container: tf.LayersModel,
    prefix: string,
    given: ValueId[],
    next: () => ValueId,
    steps: ExportedStep[],
  ): Promise<ValueId[]> {
    const ids = new Map<tf.SymbolicTensor, ValueId>();
    container.inputs.forEach((symbol, i) => void ids.set(symbol, given[i]!));
    for (const output of container.outputs) {
      const stack = [output];
      const opened = new Set<tf.SymbolicTensor>();
      for (let symbol = stack.at(-1); symbol; symbol = stack.at(-1)) {
        const node = symbol.sourceLayer.inboundNodes[symbol.nodeIndex];
        if (ids.has(symbol)) stack.pop();
        else if (!node) throw new SidecarError(`The layer \`${symbol.sourceLayer.name}\` is wired wrongly.`);
        else if (opened.has(symbol) || node.inputTensors.every((input) => ids.has(input))) {
          stack.pop();
          const inputs = node.inputTensors.map((input) => ids.get(input)!);
          const outputs = await this.call(
            symbol.sourceLayer,
            prefix,
            inputs,
            node.outputTensors.length,
            next,
            steps,
          );
          node.outputTensors.forEach((produced, i) => void ids.set(produced, outputs[i]!));
        } else {
          opened.add(symbol);
          stack.push(...node.inputTensors.filter((input) => !ids.has(input)));
        }
      }
    }
    return container.outputs.map((output) => ids.get(output)!);
  }

  private async call(
    layer: tf.layers.Layer,
    prefix: string,
    inputs: ValueId[],
    outputCount: number,
    next: () => ValueId,
    steps: ExportedStep[],
  ): Promise<ValueId[]> {
    if (layer instanceof tf.LayersModel)
      return this.container(layer, `${prefix}${layer.name}/`, inputs, next, steps);
    const outputs = Array.from({ length: outputCount }, next);
    steps.push({ layer: await this.layer(layer, prefix), inputs, outputs });
    return outputs;
  }

  private async layer(layer: tf.layers.Layer, prefix: string): Promise<ExportedLayer> {
    const known = this.layers.get(layer);
    if (known) return known;
    const name = `${prefix}${layer.name}`;
    const inside = layer as unknown as LayerInside;
    const parts: Record<string, ExportedLayer | ExportedModel | ExportedLayer[]> = {};
    const part = async (key: string, one: tf.layers.Layer | undefined) => {
      if (!one) return;
      parts[key] =
        one instanceof tf.LayersModel
          ? await this.model(one, `${name}/${one.name}/`)
          : await this.layer(one, `${name}/`);
    };
    // Bidirectional has the layer it was made of, and its two copies, which are what computes.
    if (inside.forwardLayer) {
      await part('forward', inside.forwardLayer);
      await part('backward', inside.backwardLayer);
    } else await part('layer', inside.layer);
    await part('cell', inside.cell);
    if (inside.cells) {
      const cells: ExportedLayer[] = [];
      for (const cell of inside.cells) cells.push(await this.layer(cell, `${name}/`));
      parts['cells'] = cells;
    }
    const isWrapper = Object.keys(parts).length > 0;
    const exported: ExportedLayer = {
      name,
      className: layer.getClassName(),
      // Conv1D's configuration lacks its data format.
      config: {
        ...configOf(layer),
        ...(typeof inside.dataFormat === 'string' ? { dataFormat: inside.dataFormat } : {}),
      },
      weights: isWrapper ? [] : await weightsOf(layer),
      parts,
    };
    this.layers.set(layer, exported);
    return exported;
  }
}

function configOf(layer: tf.layers.Layer): Record<string, unknown> {
  try {
    return layer.getConfig() as Record<string, unknown>;
  } catch {
    // A class of the program's own may not know how; it is refused by its class.
    return {};
  }
}

async function weightsOf(layer: tf.layers.Layer): Promise<ExportedWeight[]> {
  const weights: ExportedWeight[] = [];
  for (const variable of layer.weights) {
    const value = variable.read();
    const values = await value.data();
    weights.push({
      name: variable.originalName.slice(variable.originalName.lastIndexOf('/') + 1).replace(/_\d+$/, ''),
      shape: value.shape,
      values: values instanceof Float32Array ? values : Float32Array.from(values),
    });
  }
  return weights;
}
