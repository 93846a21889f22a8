/** `layerwise classify IMAGE… --model …`: pictures through a trained model, without a window. */
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeOpeningMemory } from '../model-graph/trainingMemory';
import {
  type Classification,
  type DescribeNetworkResult,
  type EncodingChoice,
  type EncodingPreset,
  encodingPresets,
  framingName,
  type InitializeParams,
  publishedModels,
} from '../protocol/sidecar';
import { type SidecarConnection, SidecarRequestError } from '../sidecar/connect';
import { startCompute } from './compute';
import { complain, print } from './output';
import { modelFile } from './publishedModel';
import { UsageError } from './usageError';

interface ClassifyArguments {
  model: string;
  download?: boolean;
  labels?: string;
  top: number;
  preprocessing?: EncodingPreset;
  scale?: number[];
  mean?: number[];
  std?: number[];
  channelOrder?: 'rgb' | 'bgr';
  framing?: EncodingChoice['framing'];
  backend: InitializeParams['backend'];
  format: 'text' | 'json';
}

/** One picture's answer, or why there is none. */
type Answer = { path: string } & ({ classification: Classification } | { error: string });

/** Exit codes: 0 all classified, 1 the model or a picture could not be read, 2 bad usage, 130 a download was cancelled. */
export function classifyCommand(exit: (code: number) => void): Command {
  return new Command('classify')
    .description('say what trained models see in pictures')
    .argument('<image...>', 'PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG files')
    .requiredOption(
      '--model <model>',
      `a run's folder, a model.json in the tfjs layers format, an .onnx file, or ${publishedModels.map(({ id }) => id).join(', ')}`,
    )
    .option('--download', 'download a published model on first use without asking')
    .option(
      '--labels <file>',
      "the classes' names: one a line, or JSON; absent: the run's, or ImageNet's for 1,000 classes",
    )
    .option('--top <n>', 'how many classes to print', positiveInteger, 5)
    .addOption(
      new Option('--preprocessing <name>', "how pixel values are scaled; absent: the model's own").choices(
        Object.keys(encodingPresets),
      ),
    )
    .option(
      '--scale <number>',
      'pixel values 0 … 255 are multiplied by it, e.g. 1/255; three for red, green, blue',
      numbers,
    )
    .option('--mean <numbers>', 'subtracted after that, e.g. 0.485,0.456,0.406', numbers)
    .option('--std <numbers>', 'what remains is divided by it, e.g. 0.229,0.224,0.225', numbers)
    .addOption(
      new Option('--channel-order <order>', 'in which order the model takes colours').choices(['rgb', 'bgr']),
    )
    .addOption(
      new Option('--framing <framing>', 'how pictures of another shape fit').choices(framingName.options),
    )
    .addOption(
      new Option('--backend <backend>', 'what computes')
        .choices(['auto', 'tensorflow', 'wasm', 'cpu'])
        .default('auto'),
    )
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action(async (images: string[], options: ClassifyArguments) => exit(await classify(images, options)));
}

async function classify(images: string[], given: ClassifyArguments): Promise<number> {
  const encoding = encodingChoice(given);
  const compute = startCompute();
  const stop = () => compute.dispose();
  try {
    const model = await modelFile(compute, given);
    if (model === undefined) return 130;
    process.once('SIGINT', stop).once('SIGTERM', stop);
    const args = { ...given, model };
    await compute.request('initialize', { backend: args.backend, searchFolders: [process.cwd()] });
    if (args.format === 'text') await stateMemory(compute, path.resolve(args.model));
    const network = await describeModel(compute, args.model);
    const answers: Answer[] = [];
    for (const image of images) {
      const answer = await classifyOne(compute, image, args, encoding);
      answers.push(answer);
      if (args.format === 'text') printAnswer(answer);
    }
    if (args.format === 'json') printJson(network, answers);
    return answers.some((answer) => 'error' in answer) ? 1 : 0;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await compute.shutdown();
  }
}

/** A model that cannot be opened fails the command, not picture after picture. */
async function describeModel(compute: SidecarConnection, model: string): Promise<DescribeNetworkResult> {
  try {
    return await compute.request('describeNetwork', { modelPath: path.resolve(model) });
  } catch (error) {
    if (error instanceof SidecarRequestError) throw new UsageError(error.message, 1);
    throw error;
  }
}

/** Before anything is loaded; for small models it goes without saying. What is wrong with the model is told when it is opened. */
async function stateMemory(compute: SidecarConnection, modelPath: string): Promise<void> {
  const memory = await compute.request('modelMemory', { modelPath }).catch(() => undefined);
  if (!memory || memory.loading < 500e6) return;
  print(`Opening the model takes of memory ${describeOpeningMemory(memory)}.`);
}

async function classifyOne(
  compute: SidecarConnection,
  image: string,
  { model, labels, top }: ClassifyArguments,
  encoding: EncodingChoice | undefined,
): Promise<Answer> {
  try {
    const classification = await compute.request('classify', {
      picture: { kind: 'file', path: path.resolve(image) },
      modelPath: path.resolve(model),
      top,
      ...(encoding ? { encoding } : {}),
      ...(labels === undefined ? {} : { labelsPath: path.resolve(labels) }),
    });
    return { path: image, classification };
  } catch (error) {
    if (error instanceof SidecarRequestError) return { path: image, error: error.message };
    throw error;
  }
}

/** What is chosen on the command line; undefined: nothing, so the model's own holds. @throws UsageError */
function encodingChoice(args: ClassifyArguments): EncodingChoice | undefined {
  const { preprocessing, scale, mean, std, channelOrder, framing } = args;
  const numeric = scale ?? mean ?? std;
  if (preprocessing && numeric) {
    throw new UsageError('--preprocessing says what --scale, --mean and --std say: give one or the other.');
  }
  const choice: EncodingChoice = {};
  if (preprocessing) {
    const { name: _, ...preset } = encodingPresets[preprocessing];
    Object.assign(choice, structuredClone(preset));
  } else if (numeric) {
    // (v · scale − mean) / std
    const at = (values: number[] | undefined, channel: number, absent: number) =>
      values?.[values.length === 1 ? 0 : channel] ?? absent;
    const channels = Math.max(scale?.length ?? 1, mean?.length ?? 1, std?.length ?? 1);
    const perChannel = (of: (channel: number) => number) =>
      channels === 1 ? of(0) : Array.from({ length: channels }, (_, channel) => of(channel));
    choice.scale = perChannel((channel) => at(scale, channel, 1 / 255) / at(std, channel, 1));
    choice.offset = perChannel((channel) => -at(mean, channel, 0) / at(std, channel, 1) + 0);
    if (![choice.scale, choice.offset].flat().every(Number.isFinite)) {
      throw new UsageError('--std divides: it must not be 0, nor so small that the numbers become infinite.');
    }
  }
  if (channelOrder) choice.channelOrder = channelOrder;
  if (framing) choice.framing = framing;
  return Object.keys(choice).length > 0 ? choice : undefined;
}

function printAnswer(answer: Answer): void {
  if ('error' in answer) {
    // Where a picture is to blame, the message begins with its path.
    complain(`layerwise: ${answer.error}`);
    return;
  }
  const { classification } = answer;
  const { model, backend, input, classes, outputNote } = classification;
  print(`${answer.path}  ·  ${model}, ${backend}`);
  print(`  ${input.preprocessing}`);
  if (outputNote) print(`  ${outputNote}`);
  const width = Math.max(...classes.map(({ label }) => label.length));
  for (const { label, probability } of classes) {
    const percent = `${(100 * probability).toFixed(1)} %`.padStart(8);
    print(`${percent}  ${label.padEnd(width)}  ${'█'.repeat(Math.round(20 * probability))}`.trimEnd());
  }
}

function printJson({ name, backend }: DescribeNetworkResult, answers: Answer[]): void {
  const images = answers.map((answer) =>
    'error' in answer
      ? { path: answer.path, error: answer.error }
      : { path: answer.path, classes: answer.classification.classes },
  );
  print(JSON.stringify({ version: 1, model: name, backend, images }, null, 2));
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return value;
}

/** One number or three, fractions too: `1/255`, `0.485,0.456,0.406`. */
function numbers(text: string): number[] {
  const values = text.split(',').map((part) => {
    const [numerator = '', denominator = '1', ...more] = part.split('/');
    const valid = more.length === 0 && numerator.trim() !== '' && denominator.trim() !== '';
    return valid ? Number(numerator) / Number(denominator) : Number.NaN;
  });
  if (!values.every(Number.isFinite) || (values.length !== 1 && values.length !== 3)) {
    throw new InvalidArgumentError('It must be one number, or three with commas between.');
  }
  return values;
}
