/** The command line of `layerwise train`, and the training options it stands for. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Augmentation,
  augmentation,
  backendName,
  type InitializeParams,
  optimizerName,
  type TrainingOptions,
} from '../../protocol/sidecar';
import { UsageError } from '../usageError';

export interface TrainArguments {
  data?: string;
  epochs?: number;
  batchSize: number;
  optimizer?: TrainingOptions['optimizer'];
  learningRate?: number;
  learningRateDecay?: number;
  validationSplit: number;
  /** How many epochs it waits; true: as many as usual. */
  earlyStopping?: number | true;
  reduceOnPlateau?: number | true;
  classWeights?: TrainingOptions['classWeights'];
  augment?: Augmentation;
  labelColumn?: string;
  task?: 'classification' | 'regression';
  seed: number;
  /** The file's own code may run to build the model. */
  runProgram?: boolean;
  /** A saved model's weights are not taken. */
  newWeights?: boolean;
  set: string[];
  backend: InitializeParams['backend'];
  runs?: string;
  resume?: string;
  name?: string;
  format: 'text' | 'json';
}

const defaultEpochs = 5;

export function describeArguments(command: Command): Command {
  return command
    .description('train a model of a file; Ctrl-C stops and keeps what was learned')
    .argument(
      '[file[#builder]]',
      'a TypeScript or JavaScript file, and which of its builders or models; or a model.json',
    )
    .option(
      '--data <data>',
      'mnist (10,000 digits that come along), a folder of pictures (a sub-folder a class) or of idx files, or a .csv',
    )
    .option(
      '--label-column <column>',
      'of a .csv: its name, or its number from 0 (default: label, class, or the last)',
    )
    .addOption(
      new Option(
        '--task <task>',
        'of a .csv: whether its labels are classes or values (default: what they look like)',
      ).choices(['classification', 'regression']),
    )
    .option('--epochs <n>', `how often to go through the data (default: ${defaultEpochs})`, positiveInteger)
    .option('--batch-size <n>', 'examples per step', positiveInteger, 64)
    .addOption(
      new Option('--optimizer <name>', "absent: the source's, else adam").choices(optimizerName.options),
    )
    .option('--learning-rate <rate>', "absent: the source's, else the optimizer's own", positive)
    .option('--learning-rate-decay <factor>', 'what it is multiplied by after each epoch, e.g. 0.8', positive)
    .option('--validation-split <share>', 'share of the training examples kept for validation', share, 0.1)
    .option(
      '--early-stopping [epochs]',
      `stop when this many epochs (${usualPatience.earlyStopping}) were no better, and restore the best weights`,
      positiveInteger,
    )
    .option(
      '--reduce-on-plateau [epochs]',
      `halve the learning rate after this many epochs (${usualPatience.reduceOnPlateau}) that were no better`,
      positiveInteger,
    )
    .option('--class-weights <weights>', 'balanced, or one number a class: 1,2.5,1', classWeights)
    .option(
      '--augment <changes>',
      `change pictures at random, e.g. shift=0.1,flip,rotate=10,zoom=0.1,brightness=0.2`,
      augmentationOf,
    )
    .option('--seed <n>', 'for initial weights and order', integer, 42)
    .option('--set <name=value>', 'a parameter of the builder, e.g. numClasses=10; repeatable', collect, [])
    .addOption(
      new Option('--backend <backend>', 'what computes')
        .choices(['auto', ...backendName.options])
        .default('auto'),
    )
    .option('--run-program', "let the file's own code build what cannot be read from it, e.g. custom layers")
    .option('--new-weights', 'of a model.json: do not begin with the weights that it was saved with')
    .option('--runs <folder>', 'where the run is kept (default: ".layerwise/runs")')
    .option('--resume <run>', 'go on with an interrupted or stopped run; --epochs: up to how many')
    .option('--name <name>', "the run's name (default: the model's)")
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'));
}

const usualPatience = { earlyStopping: 5, reduceOnPlateau: 3 } as const;

export function optionsOf(args: TrainArguments): TrainingOptions {
  const { batchSize, optimizer, learningRate, validationSplit, classWeights: weights, seed } = args;
  const monitor = validationSplit > 0 ? ('validationLoss' as const) : ('loss' as const);
  const patience = (given: number | true, usual: number) => (given === true ? usual : given);
  return {
    epochs: args.epochs ?? defaultEpochs,
    batchSize,
    optimizer,
    learningRate,
    learningRateDecay: args.learningRateDecay,
    validationSplit,
    ...(args.earlyStopping === undefined
      ? {}
      : {
          earlyStopping: {
            monitor,
            patience: patience(args.earlyStopping, usualPatience.earlyStopping),
            minimumChange: 0,
          },
        }),
    ...(args.reduceOnPlateau === undefined
      ? {}
      : {
          reduceOnPlateau: {
            monitor,
            factor: 0.5,
            patience: patience(args.reduceOnPlateau, usualPatience.reduceOnPlateau),
            minimumLearningRate: 1e-6,
          },
        }),
    classWeights: weights,
    augmentation: args.augment,
    seed,
  };
}

/** What a run that is resumed has of its own and cannot be given anew. */
export function refuseWithResume(reference: string | undefined, command: Command): void {
  const allowed = new Set(['resume', 'epochs', 'backend', 'format']);
  const given = command.options
    .map((option) => ({ name: option.attributeName(), flag: option.long }))
    .find(({ name }) => !allowed.has(name) && command.getOptionValueSource(name) === 'cli');
  const what = reference !== undefined ? reference : given?.flag;
  if (what === undefined) return;
  throw new UsageError(
    `${what} cannot go with --resume: the run has its own model, data and options. Only --epochs can be raised.`,
  );
}

function collect(value: string, others: string[]): string[] {
  return [...others, value];
}

function classWeights(text: string): NonNullable<TrainingOptions['classWeights']> {
  if (text === 'balanced') return text;
  const weights = text.split(',').map(Number);
  if (weights.every((weight) => Number.isFinite(weight) && weight > 0)) return weights;
  throw new InvalidArgumentError('It must be "balanced" or numbers above 0 with commas between them.');
}

/** What each change is called on the command line, and in the options. */
const changes = {
  shift: 'shift',
  flip: 'horizontalFlip',
  rotate: 'rotation',
  zoom: 'zoom',
  brightness: 'brightness',
} as const;

/** `shift=0.1,flip` → `{ shift: 0.1, horizontalFlip: true }`. */
function augmentationOf(text: string): Augmentation {
  const given = text.split(',').map((part) => part.split('='));
  const entries = given.map(([name = '', value]) => {
    if (!(name in changes))
      throw new InvalidArgumentError(`"${name}" is none of ${Object.keys(changes).join(', ')}.`);
    return [changes[name as keyof typeof changes], name === 'flip' ? true : Number(value)];
  });
  const parsed = augmentation.safeParse(Object.fromEntries(entries));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidArgumentError(`${issue?.path.join('.')}: ${issue?.message}.`);
}

function numberThat(isFine: (value: number) => boolean, what: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !isFine(value)) throw new InvalidArgumentError(`It must be ${what}.`);
    return value;
  };
}

function integer(text: string): number {
  return numberThat(Number.isSafeInteger, 'a whole number')(text);
}

function positiveInteger(text: string): number {
  return numberThat((value) => Number.isSafeInteger(value) && value > 0, 'a whole number above 0')(text);
}

function positive(text: string): number {
  return numberThat((value) => Number.isFinite(value) && value > 0, 'a number above 0')(text);
}

function share(text: string): number {
  return numberThat((value) => value >= 0 && value <= 0.9, 'between 0 and 0.9')(text);
}
