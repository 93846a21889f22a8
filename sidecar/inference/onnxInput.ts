/** Which picture an ONNX model wants, and which of its outputs are the classes. */
import { isSymbolic, type Quantity, type Symbolic } from '../../model-graph/dims';
import type { NodeMessage } from '../../model-graph/onnx/messages';
import { graphInputs } from '../../model-graph/onnx/names';
import { Attributes } from '../../model-graph/onnx/operators/operator';
import { elementTypeName } from '../../model-graph/onnx/tensors';
import type { GuessedPart, InputEncoding } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { classNamesOf, encodingOf } from '../export/metadata';
import { pictureSize } from '../images/inputEncoding';
import type { OnnxFile } from './onnxFile';

/** Where the model leaves its picture's size open. */
const openSize = { height: 224, width: 224 };

export interface OnnxInput {
  name: string;
  elementType: string;
  /** As the model has it, the batch first. */
  shape: Quantity[];
  size: Pick<InputEncoding, 'height' | 'width' | 'channels' | 'layout'>;
}

const takenTypes = new Set(['float32', 'float64', 'float16', 'uint8', 'int32', 'int64']);

/** @throws SidecarError when the model takes no single picture. */
export function onnxInput(file: OnnxFile, modelName: string): OnnxInput {
  const inputs = graphInputs(file.graph);
  const [only] = inputs;
  if (inputs.length !== 1 || !only) {
    throw new SidecarError(
      `The model \`${modelName}\` has ${inputs.length} inputs; classifying a picture needs one.`,
      { where: file.path },
    );
  }
  const name = only.name ?? '';
  const value = file.inferred.values.get(name);
  const elementType = elementTypeName(value?.elementType ?? 0) ?? 'no known type';
  if (!value?.shape || !takenTypes.has(elementType)) {
    throw new SidecarError(
      value?.shape
        ? `The model \`${modelName}\` takes ${elementType}; a picture is numbers.`
        : `The model \`${modelName}\` does not tell the shape of its input \`${name}\`.`,
      {
        where: file.path,
        next: value?.shape
          ? 'Export it with an input of float32 or uint8.'
          : 'Export it again with the shape of its input.',
      },
    );
  }
  const { shape } = value;
  const asText = shape.map((size) => (isSymbolic(size) ? 'open' : size)).join(', ');
  if (shape.some((size) => typeof size === 'number' && size <= 0)) {
    throw new SidecarError(
      `The model \`${modelName}\` takes input of shape [${asText}], which holds nothing.`,
      {
        where: file.path,
        next: 'Export it again with the sizes of its input.',
      },
    );
  }
  // Of three sizes the first counts grey pictures; where it does not say one, it may as well be channels or rows.
  if (shape.length === 3 && typeof shape[0] === 'number' && shape[0] > 1) {
    throw new SidecarError(
      `The model \`${modelName}\` takes input of shape [${asText}], which does not say how many pictures it holds.`,
      { where: file.path, next: 'Export it with a batch before the sizes of a picture: [1, 3, 224, 224].' },
    );
  }
  const layout = shape.length === 4 ? layoutOf(file, name, shape) : 'channelsLast';
  const picture = layout === 'channelsFirst' ? [shape[0]!, shape[2]!, shape[3]!, shape[1]!] : [...shape];
  const sizes = picture.map((size) => (isSymbolic(size) ? null : size));
  if (layout === 'channelsFirst' && sizes[3] === null) sizes[3] = channelsOfFirstConvolution(file, name) ?? 3;
  return { name, elementType, shape, size: { ...pictureSize(sizes, openSize, modelName), layout } };
}

/** By the axis that has 1 or 3 cells; where that could be both, by the operator that reads the input. */
function layoutOf(file: OnnxFile, input: string, shape: Quantity[]): 'channelsFirst' | 'channelsLast' {
  const isChannels = (size: Quantity | undefined) => size === 1 || size === 3;
  const [first, last] = [isChannels(shape[1]), isChannels(shape[3])];
  if (first !== last) return first ? 'channelsFirst' : 'channelsLast';
  const reader = firstReader(file, input);
  const permutation =
    reader?.opType === 'Transpose' ? new Attributes(reader.attribute).integers('perm') : undefined;
  return permutation?.join() === '0,3,1,2' ? 'channelsLast' : 'channelsFirst';
}

function firstReader(file: OnnxFile, tensor: string): NodeMessage | undefined {
  return (file.graph.node ?? []).find(({ input }) => input?.[0] === tensor);
}

function channelsOfFirstConvolution(file: OnnxFile, input: string): number | undefined {
  const reader = firstReader(file, input);
  if (reader?.opType !== 'Conv') return undefined;
  const channels = file.inferred.values.get(reader.input?.[1] ?? '')?.shape?.[1];
  return typeof channels === 'number' ? channels : undefined;
}

/** The sizes that the model leaves open, for this many pictures. */
export function openSizes({ shape, size }: OnnxInput, batch: number): Map<string, Quantity> {
  const filled = inputShape({ shape, size }, batch);
  return new Map(
    shape.flatMap((dim, axis) =>
      isSymbolic(dim) && dim.names.length === 1
        ? [[(dim as Symbolic).names[0]!, filled[axis]!] as const]
        : [],
    ),
  );
}

/** The tensor shape for this many pictures. */
export function inputShape({ shape, size }: Pick<OnnxInput, 'shape' | 'size'>, batch: number): number[] {
  const { height, width, channels, layout } = size;
  if (shape.length === 2) return [batch, height * width * channels];
  if (shape.length === 3) return [batch, height, width];
  return layout === 'channelsFirst' ? [batch, channels, height, width] : [batch, height, width, channels];
}

/**
 * The one output that is a list of classes, else the first that could be one.
 * @throws SidecarError when none is.
 */
export function classOutput(file: OnnxFile, modelName: string): string {
  const outputs = (file.graph.output ?? []).map(({ name }) => name ?? '');
  const couldBe = (name: string) => {
    const value = file.inferred.values.get(name);
    if (value && !['float32', 'float16', 'float64', undefined].includes(elementTypeName(value.elementType)))
      return false;
    return (
      !value?.shape ||
      (value.shape.length >= 1 && value.shape.slice(1).filter((size) => size !== 1).length <= 1)
    );
  };
  const isSure = (name: string) => couldBe(name) && (file.inferred.values.get(name)?.shape?.length ?? 0) >= 2;
  const found = outputs.find(isSure) ?? outputs.find(couldBe);
  if (found !== undefined) return found;
  const shapes = outputs
    .map((name) => `[${file.inferred.values.get(name)?.shape?.join(', ') ?? '?'}]`)
    .join(' and ');
  throw new SidecarError(
    `The model \`${modelName}\` is no classifier: it puts out ${shapes || 'nothing'} instead of one list of classes.`,
    { where: file.path },
  );
}

/** Operators that only give the scores another shape or type. */
const passing = new Set([
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Identity',
  'Transpose',
  'Cast',
  'Dropout',
]);

/** `softmax`, `sigmoid`, or `unknown`: what gives the scores. */
export function activationBefore(file: OnnxFile, output: string): string {
  let name = output;
  for (const node of (file.graph.node ?? []).toReversed()) {
    if (!node.output?.includes(name)) continue;
    if (node.opType === 'Softmax' || node.opType === 'Sigmoid') return node.opType.toLowerCase();
    if (!passing.has(node.opType ?? '')) return 'unknown';
    name = node.input?.[0] ?? '';
  }
  return 'unknown';
}

export interface Guess {
  values: Pick<InputEncoding, 'scale' | 'offset'> & Partial<Pick<InputEncoding, 'channelOrder' | 'framing'>>;
  assumptions: string;
  guessed: readonly GuessedPart[];
}

/** ImageNet's mean and deviation of the channels, as torchvision's models are trained with. */
const imageNetMean = [0.485, 0.456, 0.406];
const imageNetDeviation = [0.229, 0.224, 0.225];

/** Certain where the file says it or the model takes whole numbers; else a guess that is said to be one. */
export function guessEncoding(file: OnnxFile, { elementType, size }: OnnxInput, name: string): Guess {
  const own = encodingOf(metadataOf(file));
  if (own) return { values: own, assumptions: '', guessed: own.framing ? [] : ['framing'] };
  const guessed: GuessedPart[] = size.channels === 3 ? ['channelOrder', 'framing'] : ['framing'];
  if (elementType === 'uint8' || elementType.startsWith('int')) {
    return { values: { scale: 1, offset: 0 }, assumptions: '', guessed };
  }
  guessed.unshift('scale');
  if (/^pytorch/i.test(file.model.producerName ?? '') && size.channels === 3) {
    return {
      values: {
        scale: imageNetDeviation.map((deviation) => 1 / (255 * deviation)),
        offset: imageNetMean.map((mean, channel) => -mean / imageNetDeviation[channel]!),
      },
      assumptions: 'scale assumed: PyTorch models are mostly trained with ImageNet’s mean and deviation',
      guessed,
    };
  }
  // Google's MobileNets, in every format they are converted to.
  if (/^mobilenet/i.test(name) && size.channels === 3) {
    return {
      values: { scale: 1 / 127.5, offset: -1 },
      assumptions: 'scale assumed from the model’s name: MobileNets of TensorFlow take −1 … 1',
      guessed,
    };
  }
  return {
    values: { scale: 1 / 255, offset: 0 },
    assumptions: 'scale assumed, since the file does not say how the model was trained',
    guessed,
  };
}

function metadataOf(file: OnnxFile): Record<string, string> {
  return Object.fromEntries((file.model.metadataProps ?? []).map(({ key = '', value = '' }) => [key, value]));
}

/** Names of the classes where the file carries them: a JSON list, or the dictionary that Ultralytics writes. */
export function classNamesIn(file: OnnxFile): string[] {
  const metadata = metadataOf(file);
  const own = classNamesOf(metadata);
  if (own) return own;
  const dictionary = metadata['names'] ?? '';
  const pairs = [...dictionary.matchAll(/(\d+):\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)];
  const names: string[] = [];
  for (const [, index, single, double] of pairs) names[Number(index)] = single ?? double ?? '';
  return pairs.length > 0 && names.length === pairs.length ? names : [];
}
