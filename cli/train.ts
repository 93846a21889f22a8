/**
 * `layerwise train FILE[#builder] --data …`: the analysis, in this process, reads the model from its source; the compute
 * process trains it. No window, no VS Code.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { InitializeParams, TrainingEvent, TrainingOptions } from '../protocol/sidecar';
import { describeExit, type SidecarConnection, SidecarExitError } from '../sidecar/connect';
import { startCompute } from './compute';
import { chooseModel, parseSetting } from './train/chooseModel';
import { finalLine, outcomeText } from './train/outcome';
import { ProgressLines } from './train/progress';
import { dataSourceOf } from './train/trainingData';

interface TrainArguments {
  data: string;
  epochs: number;
  batchSize: number;
  learningRate?: number;
  validationSplit: number;
  seed: number;
  backend: InitializeParams['backend'];
  runs?: string;
  name?: string;
  set: string[];
  format: 'text' | 'json';
}

/** Exit codes: 0 trained, 1 failed, 2 bad usage, 130 cancelled (what was learned is kept). */
const exitCodes = { finished: 0, failed: 1, cancelled: 130 } as const;

export function trainCommand(exit: (code: number) => void): Command {
  return new Command('train')
    .description('train a model of a file; Ctrl-C stops and keeps what was learned')
    .argument('<file[#builder]>', 'a TypeScript or JavaScript file, and which of its builders or models')
    .requiredOption('--data <data>', 'mnist (10,000 digits that come along), or a folder with idx files')
    .option('--epochs <n>', 'how often to go through the data', positiveInteger, 5)
    .option('--batch-size <n>', 'examples per step', positiveInteger, 64)
    .option('--learning-rate <rate>', "absent: the source's, else the optimizer's own", positive)
    .option('--validation-split <share>', 'share of the training examples kept for validation', share, 0.1)
    .option('--seed <n>', 'for initial weights and order', integer, 42)
    .option('--set <name=value>', 'a parameter of the builder, e.g. numClasses=10; repeatable', collect, [])
    .addOption(
      new Option('--backend <backend>', 'what computes')
        .choices(['auto', 'tensorflow', 'wasm', 'cpu'])
        .default('auto'),
    )
    .option('--runs <folder>', 'where the run is kept; absent: .layerwise/runs')
    .option('--name <name>', "the run's name; absent: the model's")
    .addOption(new Option('--format <format>').choices(['text', 'json']).default('text'))
    .action(async (reference: string, options: TrainArguments) => exit(await train(reference, options)));
}

async function train(reference: string, args: TrainArguments): Promise<number> {
  const chosen = chooseModel(reference, new Map(args.set.map(parseSetting)));
  const model = { ...chosen, name: args.name ?? chosen.name };
  const data = dataSourceOf(args.data);
  const json = args.format === 'json';
  const lines = new ProgressLines(json ? process.stderr : process.stdout);
  const printJson = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
  if (!json) lines.say(`Training  ${model.name}`);
  const compute = startCompute();
  const stopping = stopOnSignals(compute, lines);
  compute.onTrainingEvent((event) => {
    if (json) printJson(withoutRun(event));
    else lines.show(event);
  });
  try {
    if (!json) lines.rewrite('Starting the compute process…');
    await compute.request('initialize', {
      backend: args.backend,
      searchFolders: [...new Set([process.cwd(), path.dirname(path.resolve(reference))])],
    });
    const result = await compute.request(
      'train',
      {
        run: randomUUID(),
        model,
        data,
        options: optionsOf(args),
        runsFolder: path.resolve(args.runs ?? path.join('.layerwise', 'runs')),
      },
      stopping.token,
    );
    if (json) printJson(finalLine(result));
    else for (const line of outcomeText(result)) lines.say(line);
    return result.cancelled ? exitCodes.cancelled : exitCodes.finished;
  } catch (error) {
    const message = error instanceof SidecarExitError ? describeExit(error.exit) : (error as Error).message;
    lines.clear();
    if (json) printJson({ kind: 'failed', message });
    console.error(`layerwise: ${message}`);
    return exitCodes.failed;
  } finally {
    stopping.dispose();
    await compute.shutdown();
  }
}

function optionsOf(args: TrainArguments): TrainingOptions {
  const { epochs, batchSize, learningRate, validationSplit, seed } = args;
  return { epochs, batchSize, learningRate, validationSplit, seed };
}

/** The caller's own name for the run says nothing to whoever reads the output. */
function withoutRun({ run: _, ...event }: TrainingEvent): object {
  return event;
}

/** The first signal stops after the present batch and keeps what was learned; the second ends at once. */
function stopOnSignals(compute: SidecarConnection, lines: ProgressLines) {
  const source = new CancellationTokenSource();
  const stop = () => {
    if (source.token.isCancellationRequested) {
      // The compute process ends with this one.
      compute.dispose();
      process.exit(exitCodes.cancelled);
    }
    lines.clear();
    process.stderr.write('Stopping after this batch, keeping what was learned. Ctrl-C again ends at once.\n');
    source.cancel();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    token: source.token,
    dispose: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}

function collect(value: string, others: string[]): string[] {
  return [...others, value];
}

function numberThat(isFine: (value: number) => boolean, what: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !isFine(value)) throw new InvalidArgumentError(`It must be ${what}.`);
    return value;
  };
}
const integer = numberThat(Number.isSafeInteger, 'a whole number');
const positiveInteger = numberThat(
  (value) => Number.isSafeInteger(value) && value > 0,
  'a whole number above 0',
);
const positive = numberThat((value) => Number.isFinite(value) && value > 0, 'a number above 0');
const share = numberThat((value) => value >= 0 && value <= 0.9, 'between 0 and 0.9');
