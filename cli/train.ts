/**
 * `layerwise train FILE[#builder] --data …`: the analysis, in this process, reads the model from its source; the compute
 * process trains it. No window, no VS Code.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { unreadablePart } from '../model-graph/writers/unreadablePart';
import type { WireModelGraph } from '../protocol/modelGraph';
import type {
  ResumeParams,
  RunFile,
  TrainingEvent,
  TrainParams,
  TrainResult,
  UserModule,
} from '../protocol/sidecar';
import { describeExit, type SidecarConnection, SidecarExitError } from '../sidecar/connect';
import { startCompute } from './compute';
import { complain, print } from './output';
import { describeArguments, optionsOf, refuseWithResume, type TrainArguments } from './train/arguments';
import { type ChosenModel, chooseModel, parseSettings, splitReference } from './train/chooseModel';
import { finalLine, outcomeText, quoted } from './train/outcome';
import { ProgressLines } from './train/progress';
import { dataSourceOf } from './train/trainingData';
import { UsageError } from './usageError';

/** Exit codes: 0 trained, 1 failed, 2 bad usage, 130 cancelled (what was learned is kept). */
const exitCodes = { finished: 0, failed: 1, cancelled: 130 } as const;

/** What the compute process is asked for, and what people are told first. */
type Task =
  | { method: 'train'; params: TrainParams; title: string }
  | { method: 'resume'; params: ResumeParams; title: string };

export function trainCommand(exit: (code: number) => void): Command {
  return describeArguments(new Command('train')).action(
    async (reference: string | undefined, args: TrainArguments, command: Command) => {
      if (args.resume !== undefined) refuseWithResume(reference, command);
      const task = args.resume === undefined ? trainTask(reference, args) : resumeTask(args.resume, args);
      exit(await carryOut(task, args, searchFolders(reference)));
    },
  );
}

function trainTask(reference: string | undefined, args: TrainArguments): Task {
  if (reference === undefined)
    throw new UsageError('name a file with a model, e.g. layerwise train examples/lenet5.ts --data mnist.');
  if (args.data === undefined)
    throw new UsageError('--data is missing: what should the model be trained on? E.g. --data mnist.');
  const chosen = chooseModel(reference, parseSettings(args.set));
  const model = { ...chosen.model, name: args.name ?? chosen.model.name };
  const userModule = args.runProgram ? programOf(reference, chosen) : undefined;
  if (!userModule) refuseUnreadable(reference, model, chosen.builder !== undefined);
  const weights = args.newWeights ? undefined : chosen.weights;
  return {
    method: 'train',
    title: `Training  ${model.name}${weights ? ', from the weights that it was saved with' : ''}`,
    params: {
      run: randomUUID(),
      model,
      ...(userModule ? { userModule } : {}),
      ...(weights ? { weights } : {}),
      data: dataSourceOf(args.data, args),
      options: optionsOf(args),
      runsFolder: path.resolve(args.runs ?? path.join('.layerwise', 'runs')),
    },
  };
}

/** The program that the compute process may run for what the analysis does not hold. */
function programOf(reference: string, { builder }: ChosenModel): UserModule {
  const { file } = splitReference(reference);
  if (!builder) throw new UsageError(`--run-program: ${file} is a saved model, no program.`);
  return { file: path.resolve(file), builder: builder.name, parameters: builder.parameters };
}

/** @throws UsageError for a model that only the program itself can build. */
function refuseUnreadable(reference: string, model: WireModelGraph, isProgram: boolean): void {
  const what = unreadablePart(model);
  if (what === undefined) return;
  throw new UsageError(
    `The model \`${model.name}\` cannot be built from what ${splitReference(reference).file} says: ${what}.${isProgram ? " With --run-program the file's own code builds it." : ''}`,
    1,
  );
}

function resumeTask(run: string, args: TrainArguments): Task {
  const runFolder = path.resolve(run);
  if (!existsSync(path.join(runFolder, 'run.json')))
    throw new UsageError(`--resume ${run}: this is no run's folder; it holds no run.json.`);
  return {
    method: 'resume',
    title: `Resuming  ${path.basename(runFolder)}`,
    params: { run: randomUUID(), runFolder, epochs: args.epochs },
  };
}

/** Where an installed @tensorflow/tfjs-node may be. */
function searchFolders(reference: string | undefined): string[] {
  const folders = [process.cwd(), ...(reference ? [path.dirname(path.resolve(reference))] : [])];
  return [...new Set(folders)];
}

/** Trains, shows how it goes, and returns the exit code. */
async function carryOut(task: Task, args: TrainArguments, folders: string[]): Promise<number> {
  const json = args.format === 'json';
  const lines = new ProgressLines(json ? process.stderr : process.stdout);
  const printJson = (value: object) => print(JSON.stringify(value));
  if (!json) lines.say(task.title);
  const compute = startCompute();
  const stopping = stopOnSignals(compute, lines);
  let runFolder: string | undefined;
  compute.onTrainingEvent((event) => {
    if (event.kind === 'started') runFolder = event.runFolder;
    if (json) printJson(withoutRun(event));
    else lines.show(event);
  });
  try {
    if (!json) lines.rewrite('Starting the compute process…');
    await compute.request('initialize', { backend: args.backend, searchFolders: folders });
    const result =
      task.method === 'train'
        ? await compute.request('train', task.params, stopping.token)
        : await compute.request('resume', task.params, stopping.token);
    if (json) printJson(finalLine(result));
    else for (const line of outcomeText(result, lines.mixedUp, isForPictures(result))) lines.say(line);
    return result.cancelled ? exitCodes.cancelled : exitCodes.finished;
  } catch (error) {
    const hasCrashed = error instanceof SidecarExitError;
    const message = hasCrashed ? describeExit(error.exit) : (error as Error).message;
    // Cancelled before there was a run, while a large folder was read, say.
    const cancelled = stopping.token.isCancellationRequested;
    lines.clear();
    if (json) printJson({ version: 1, kind: cancelled ? 'cancelled' : 'failed', message });
    complain(`layerwise: ${message}`);
    if (hasCrashed && runFolder) complain(`Go on: layerwise train --resume ${quoted(runFolder)}`);
    return cancelled ? exitCodes.cancelled : exitCodes.failed;
  } finally {
    stopping.dispose();
    await compute.shutdown();
  }
}

/** Rows of a table are no pictures that `classify` could be asked about. */
function isForPictures({ runFolder }: TrainResult): boolean {
  const { input } = JSON.parse(readFileSync(path.join(runFolder, 'run.json'), 'utf8')) as RunFile;
  return 'height' in input;
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
      // Killed rather than asked: it may be in the middle of a long step.
      if (compute.pid !== undefined) process.kill(compute.pid, 'SIGKILL');
      process.exit(exitCodes.cancelled);
    }
    lines.clear();
    process.stderr.write('Stopping after this batch, keeping what was learned. Ctrl-C again ends at once.\n');
    source.cancel();
  };
  const endWithReader = () => process.exit(exitCodes.failed);
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Whoever read the output is gone; the compute process ends with this one.
  process.stdout.on('error', endWithReader);
  return {
    token: source.token,
    dispose: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      process.stdout.off('error', endWithReader);
    },
  };
}
