/**
 * Writes a model with its weights as ONNX: float32, operator set 17, which everything of the last years reads. Layers
 * become the operators that compute the same; names, sizes and the order of axes at the ends stay as in tfjs.
 */
import type { EntryMessage, ModelMessage } from '../../onnx/messages';
import { activationConverters } from './activations';
import { elementTypeOf, GraphBuilder, type Tensor } from './builder';
import { coreConverters } from './core';
import { type ExportedLayer, type ExportedModel, isModel, NotExpressible } from './exportedModel';
import { type Converter, LayerCall } from './layer';
import { mergeConverters } from './merges';
import { normalizationConverters } from './normalizations';
import { preprocessingConverters } from './preprocessing';
import { recurrentConverters } from './recurrent';
import { windowConverters } from './windows';
import { wrapperConverters } from './wrappers';

const operatorSet = 17;
/** The one that belongs to that operator set. */
const irVersion = 8;

const converters = new Map<string, Converter>(
  Object.entries({
    ...activationConverters,
    ...coreConverters,
    ...windowConverters,
    ...mergeConverters,
    ...normalizationConverters,
    ...preprocessingConverters,
    ...recurrentConverters,
    ...wrapperConverters,
  }),
);

/** Why a layer of tfjs's has no converter. */
const reasons: Record<string, string> = {
  RandomWidth: 'it changes pictures at random, also when nothing is trained',
  RandomHeight: 'it changes pictures at random, also when nothing is trained',
  SimpleRNNCell: 'a cell has a meaning within a recurrent layer only',
  GRUCell: 'a cell has a meaning within a recurrent layer only',
  LSTMCell: 'a cell has a meaning within a recurrent layer only',
  StackedRNNCells: 'a cell has a meaning within a recurrent layer only',
  ConvLSTM2DCell: 'a cell has a meaning within a recurrent layer only',
};

/** Layers that hand a mask on: tfjs's `supportsMasking`. Others end it. */
const passingMasks = new Set([
  'Activation',
  'AlphaDropout',
  'BatchNormalization',
  'Dense',
  'Dropout',
  'GaussianDropout',
  'GaussianNoise',
  'LayerNormalization',
  'PReLU',
  'ReLU',
  'SpatialDropout1D',
  'TimeDistributed',
]);

export interface OnnxMetadata {
  producerName: string;
  producerVersion: string;
  /** Key → value, for people and other programs. */
  properties: Record<string, string>;
}

export function isExportable(className: string): boolean {
  return converters.has(className);
}

/** @throws NotExpressible naming the layer and why */
export function writeOnnx(model: ExportedModel, metadata: OnnxMetadata): ModelMessage {
  const graph = new GraphBuilder();
  const inputs = model.inputs.map(({ name, shape, dtype }) => {
    const elementType = elementTypeOf(dtype);
    if (elementType === undefined) throw new NotExpressible(name, 'InputLayer', `it takes ${dtype}`);
    return graph.input(name, shape, elementType);
  });
  const outputs = new ModelWriter(graph).model(
    model,
    inputs.map(({ tensor }) => tensor),
  );
  const named = model.outputs.map(({ name }, i) => ({ name, tensor: outputs[i]! }));
  return {
    irVersion,
    producerName: metadata.producerName,
    producerVersion: metadata.producerVersion,
    graph: graph.finish(
      model.name,
      inputs.map(({ info }) => info),
      named,
    ),
    opsetImport: [{ domain: '', version: operatorSet }],
    metadataProps: Object.entries(metadata.properties).map(([key, value]): EntryMessage => ({ key, value })),
  };
}

class ModelWriter {
  /**
   * Mirrors tfjs-layers engine/executor.ts execute: one `kwargs` goes through all layers, so that a mask stays in it,
   * also for layers whose own input has none, until another takes its place.
   */
  private handedMask: Tensor | undefined;
  /** A merge of masked tensors: tfjs gives the mask that comes out one axis too many. */
  private brokenMask: string | undefined;

  constructor(private readonly graph: GraphBuilder) {}

  model(model: ExportedModel, inputs: Tensor[]): Tensor[] {
    const values = new Map(model.inputs.map(({ id }, i) => [id, inputs[i]!]));
    for (const { layer, inputs: ids, outputs } of model.steps) {
      const given = ids.map((id) => values.get(id)!);
      if (given.some(({ mask }) => mask)) this.handedMask = given[0]!.mask;
      const results = this.layer(layer, given, this.handedMask);
      outputs.forEach((id, i) => {
        const result = results[i];
        if (!result) throw new NotExpressible(layer.name, layer.className, `it has no output ${i}`);
        values.set(id, result);
      });
    }
    return model.outputs.map(({ id }) => values.get(id)!);
  }

  private layer(layer: ExportedLayer, inputs: Tensor[], mask: Tensor | undefined): Tensor[] {
    const { className, name } = layer;
    const converter = converters.get(className);
    if (!converter)
      throw new NotExpressible(
        name,
        className,
        reasons[className] ?? "it is not one of TensorFlow.js's own layers",
      );
    const usesMask = 'cell' in layer.parts || 'forward' in layer.parts || className === 'Softmax';
    if (usesMask && this.brokenMask)
      throw new NotExpressible(
        name,
        className,
        `its mask comes out of \`${this.brokenMask}\`, which TensorFlow.js computes with a wrong shape`,
      );
    return this.graph.inLayer(name, () => {
      const call = new LayerCall(this.graph, layer, inputs, mask, (part, given, itsMask) =>
        isModel(part) ? this.model(part, given) : this.layer(part, given, itsMask),
      );
      const results = converter(call);
      this.passMask(layer, inputs, results);
      return results;
    });
  }

  /** Mirrors each layer's computeMask. */
  private passMask(
    { name, className, config, parts }: ExportedLayer,
    inputs: Tensor[],
    results: Tensor[],
  ): void {
    const [input] = inputs;
    const [output] = results;
    if (className in mergeConverters && inputs.some(({ mask }) => mask)) this.brokenMask = name;
    if (!output || !input?.mask || output === input || className === 'Embedding' || className === 'Masking')
      return;
    const own = { ...config, ...((parts['forward'] as ExportedLayer | undefined)?.config ?? {}) };
    const isRecurrent = 'cell' in parts || 'forward' in parts;
    const passes = isRecurrent ? own['returnSequences'] === true : passingMasks.has(className);
    if (passes) output.mask = input.mask;
  }
}
