/** Whether a model can be trained on data, how an example becomes its input, and what would have to change. */
import type * as tf from '@tensorflow/tfjs';
import { symbolsOf } from '../../model-graph/substituteSymbols';
import type { WireModelGraph, WireShape } from '../../protocol/modelGraph';
import type { DataMismatch, DescribeDataResult, InputEncoding, RowEncoding } from '../../protocol/sidecar';
import { classNamesOf, type Dataset } from '../datasets/dataset';
import { SidecarError } from '../errors';
import { formatShape, pictureSize } from '../images/inputEncoding';

/** Where a folder's pictures have various sizes and the model leaves its own open too. */
const openSide = 224;

type Shape = (number | null)[];

/** The ends of a model, as far as data has to do with them. Shapes have the batch first. */
interface ModelEnds {
  name: string;
  inputs: Shape[];
  outputs: Shape[];
  /** The layer that takes the input's size, and the one whose `units` are the output's size. */
  first: { name: string; id: string } | undefined;
  last: { name: string; id: string; hasUnits: boolean } | undefined;
}

/**
 * The encoding with which the model is trained.
 * @throws SidecarError for the first thing that does not fit.
 */
export function encodingFor(
  model: tf.LayersModel,
  dataset: Dataset,
  name: string,
): InputEncoding | RowEncoding {
  const last = lastOf(model.layers, (layer) => layer.getClassName());
  const { encoding, mismatches } = fitData(dataset, {
    name,
    inputs: model.inputs.map(({ shape }) => shape),
    outputs: model.outputs.map(({ shape }) => shape),
    first: undefined,
    last: last && { name: last.name, id: last.name, hasUnits: last.getClassName() === 'Dense' },
  });
  const blocking = mismatches.find(({ fix }) => fix.kind !== 'encoding');
  if (!encoding || blocking) {
    throw new SidecarError(blocking?.message ?? `The data does not go with the model \`${name}\`.`, {
      ...(blocking?.what === 'output' && last ? { where: `model \`${name}\`, layer \`${last.name}\`` } : {}),
      next: blocking && nextStep(blocking),
    });
  }
  return encoding;
}

/** For people who have not begun to train yet: sizes may still be unknown. */
export function describeFit(dataset: Dataset, graph: WireModelGraph): DescribeDataResult['model'] {
  const [inputShape, outputShape] = [graph.inputShapes[0], graph.outputShapes[0]];
  const symbols = symbolsOf(graph).map((name) => ({ name, ...suggestionFor(name, dataset, graph) }));
  const shapes = {
    ...(inputShape ? { inputShape: inputShape.slice(1) } : {}),
    ...(outputShape ? { outputShape: outputShape.slice(1) } : {}),
  };
  // A graph that was not followed to its ends is built by the program itself, which alone knows them.
  if (symbols.length > 0 || !inputShape || !outputShape)
    return { fits: false, mismatches: [], symbols, ...shapes };
  const first = graph.layers.find(({ config }) => 'inputShape' in config || 'shape' in config);
  const last = lastOf(graph.layers, ({ className }) => className);
  const { mismatches } = fitData(dataset, {
    name: graph.name,
    inputs: graph.inputShapes as Shape[],
    outputs: graph.outputShapes as Shape[],
    first: first && { name: first.name, id: first.id },
    last: last && { name: last.name, id: last.id, hasUnits: last.className === 'Dense' },
  });
  return { fits: mismatches.every(({ fix }) => fix.kind === 'encoding'), mismatches, symbols, ...shapes };
}

/** Whether it gives one number for an example. */
export function hasSingleOutput({ outputShapes }: Pick<WireModelGraph, 'outputShapes'>): boolean {
  const [output, ...others] = outputShapes;
  return others.length === 0 && output?.length === 2 && output[1] === 1;
}

function fitData(
  dataset: Dataset,
  ends: ModelEnds,
): { encoding: InputEncoding | RowEncoding | undefined; mismatches: DataMismatch[] } {
  const { name, inputs, outputs } = ends;
  const [input = [null]] = inputs;
  if (inputs.length !== 1 || outputs.length !== 1) {
    const message = `The model \`${name}\` has ${inputs.length} inputs and ${outputs.length} outputs; training on data of this kind needs one of each.`;
    return {
      encoding: undefined,
      mismatches: [{ what: 'input', message, fix: { kind: 'none', next: 'Train it in your own program.' } }],
    };
  }
  const taken =
    dataset.example.kind === 'image' ? fitPictures(dataset, input, name) : fitRows(dataset, input, ends);
  return { encoding: taken.encoding, mismatches: [...taken.mismatches, ...fitTarget(dataset, ends)] };
}

function fitPictures(
  { example, framing }: Dataset,
  input: Shape,
  name: string,
): { encoding: InputEncoding | undefined; mismatches: DataMismatch[] } {
  if (example.kind !== 'image') throw new TypeError('Rows are no pictures');
  let size: ReturnType<typeof pictureSize>;
  try {
    const open = { height: example.height ?? openSide, width: example.width ?? openSide };
    size = pictureSize(input, open, name);
  } catch (error) {
    if (!(error instanceof SidecarError)) throw error;
    const fix = { kind: 'none' as const, next: error.details.next ?? '' };
    return { encoding: undefined, mismatches: [{ what: 'input', message: error.what, fix }] };
  }
  const { height, width, channels } = size;
  const how: (DataMismatch['fix'] & { kind: 'encoding' })['how'] = [];
  const words: string[] = [];
  if (example.height !== height || example.width !== width) {
    const isPadded =
      framing === 'mnist' && (example.height ?? 0) + 4 === height && (example.width ?? 0) + 4 === width;
    how.push(isPadded ? 'pad' : 'resize');
    words.push(`${isPadded ? 'padded' : 'resized'} to ${height}×${width}`);
  }
  if (example.channels !== channels) {
    how.push(channels === 1 ? 'grayscale' : 'colour');
    words.push(channels === 1 ? 'turned grey' : 'given three equal channels');
  }
  if (input.length === 2) {
    how.push('flatten');
    words.push('flattened');
  }
  const mismatches: DataMismatch[] =
    how.length === 0
      ? []
      : [
          {
            what: 'input',
            message: `The model takes ${formatShape(input)}: the pictures are ${listed(words)} while they are read.`,
            fix: { kind: 'encoding', how },
          },
        ];
  return { encoding: { ...size, scale: 1 / 255, offset: 0, framing }, mismatches };
}

function fitRows(
  { example, rowEncoding }: Dataset,
  input: Shape,
  { name, first }: ModelEnds,
): { encoding: RowEncoding | undefined; mismatches: DataMismatch[] } {
  if (example.kind !== 'row') throw new TypeError('Pictures are no rows');
  const columns = example.columns.length;
  const [, size] = input;
  if (input.length === 2 && (size === null || size === columns))
    return { encoding: rowEncoding, mismatches: [] };
  const message = `The model \`${name}\` takes input of shape ${formatShape(input)}, but the table has ${columns} columns besides the label.`;
  const fix: DataMismatch['fix'] =
    input.length === 2 && typeof size === 'number' && first
      ? {
          kind: 'source',
          layer: first.name,
          layerId: first.id,
          property: 'inputShape',
          from: size,
          to: columns,
        }
      : { kind: 'none', next: `Give its first layer \`inputShape: [${columns}]\`.` };
  return { encoding: rowEncoding, mismatches: [{ what: 'input', message, fix }] };
}

function fitTarget(dataset: Dataset, { name, outputs, last }: ModelEnds): DataMismatch[] {
  const [output = [null]] = outputs;
  const { target } = dataset;
  const classes = classNamesOf(dataset).length;
  const needed = target.kind === 'classes' ? classes : 1;
  const reason =
    target.kind === 'classes'
      ? `the data has ${classes} classes`
      : `one number, \`${target.name}\`, is predicted`;
  if (output.length !== 2) {
    return [
      {
        what: 'output',
        message: `The model \`${name}\` puts out ${formatShape(output)} for one example, but ${reason}; that needs [${needed}].`,
        fix: { kind: 'none', next: `Add \`flatten()\` and \`dense({ units: ${needed} })\` at the end.` },
      },
    ];
  }
  const [, size] = output;
  // Of two classes one number can tell: how likely the second is.
  if (size === needed || (classes === 2 && size === 1)) return [];
  const message = `The layer \`${last?.name ?? 'at the end'}\` puts out ${size ?? 'an open number of'} values, but ${reason}.`;
  const fix: DataMismatch['fix'] =
    last?.hasUnits && typeof size === 'number'
      ? { kind: 'source', layer: last.name, layerId: last.id, property: 'units', from: size, to: needed }
      : { kind: 'none', next: `Its last layer needs ${needed} units.` };
  return [{ what: 'output', message, fix }];
}

/** The layer whose size is the output's: activations and the like behind it keep the size. */
function lastOf<T>(layers: readonly T[], className: (layer: T) => string): T | undefined {
  const keepsSize = ['Activation', 'Softmax', 'ReLU', 'LeakyReLU', 'Dropout', 'BatchNormalization'];
  return layers.findLast((layer) => !keepsSize.includes(className(layer)));
}

/** What the data itself says about a size that the model leaves to be named. */
function suggestionFor(name: string, dataset: Dataset, graph: WireModelGraph): { suggestion?: number } {
  if (graph.outputShapes[0]?.at(-1) === name) return { suggestion: classNamesOf(dataset).length || 1 };
  const [, ...input]: WireShape = graph.inputShapes[0] ?? [];
  const { example } = dataset;
  const sizes =
    example.kind === 'row' ? [example.columns.length] : [example.height, example.width, example.channels];
  const suggestion = sizes.length === input.length ? sizes[input.indexOf(name)] : undefined;
  return typeof suggestion === 'number' ? { suggestion } : {};
}

function nextStep({ fix }: DataMismatch): string {
  if (fix.kind === 'none') return fix.next;
  return fix.kind === 'source'
    ? `Change \`${fix.property}: ${fix.from}\` to \`${fix.property}: ${fix.to}\` in that layer.`
    : '';
}

function listed(words: string[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : (words[0] ?? '');
}
