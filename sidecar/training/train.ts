/** Trains a model drawn from source on a data set into a run folder, or goes on with a run that was interrupted. */
import type * as tf from '@tensorflow/tfjs';
import {
  describeTrainingMemory,
  type ModelSizes,
  memoryText,
  type TrainingMemory,
  trainingMemory,
} from '../../model-graph/trainingMemory';
import type { WireModelGraph } from '../../protocol/modelGraph';
import type {
  DataSource,
  InitializeResult,
  ResumeParams,
  RunFile,
  TrainingEvent,
  TrainingOptions,
  TrainParams,
  TrainResult,
  UserModule,
} from '../../protocol/sidecar';
import { memoryLimit, requireRoom, wasmAddresses } from '../backends/room';
import { classNamesOf, type Dataset } from '../datasets/dataset';
import { describeInOneLine } from '../datasets/describeDataset';
import { openDataset } from '../datasets/openDataset';
import { disposeModel } from '../disposeModel';
import { Cancelled, messageOf, SidecarError, systemErrorCode } from '../errors';
import { CheckpointFolder } from '../runs/checkpointFolder';
import { RunFolder } from '../runs/runFolder';
import { RunLog } from '../runs/runLog';
import { readTrainingState, type TrainingState } from '../runs/trainingState';
import { compileOf } from '../userModule/compileOf';
import { checkCanBeOpenedAgain, checkIsOfWorkspace } from '../userModule/loadUserCheckpoint';
import { buildModel } from './buildModel';
import { classWeightsFor } from './classWeights';
import { type Compiled, compileModel } from './compile';
import { encodingFor, hasSingleOutput } from './dataFit';
import { TrainingLoop } from './loop';
import { sizesOfModel } from './modelSizes';
import { restoreOptimizerState } from './optimizerState';
import { learningRateOf, setLearningRate } from './optimizers';
import { checkMonitors, Schedule } from './schedule';
import { withSeed } from './seededRandom';
import type { TrainingControl } from './trainingControl';

export interface TrainingContext {
  backend: InitializeResult;
  control: TrainingControl;
  emit(event: TrainingEvent): void;
}

/** What a run is made of, wherever it comes from. */
interface Recipe {
  run: string;
  graph: WireModelGraph;
  data: DataSource;
  options: TrainingOptions;
  /** The program that builds the model, where the graph cannot. */
  userModule?: UserModule | undefined;
  /** The model.json whose weights it begins with. */
  weights?: string | undefined;
}

/** Model and data, opened and found to go together. */
interface Ready {
  dataset: Dataset;
  model: tf.LayersModel;
  /** As the analysis knows it, or, of what a program builds by itself, as it came out. */
  sizes: ModelSizes;
  compiled: Compiled;
  encoding: RunFile['input'];
}

/**
 * Resolves when trained, evaluated and saved; or, cancelled, when what was learned is saved.
 * @throws SidecarError when the model, the data or their sizes do not go together, or the loss is no number any more;
 * Cancelled before there is a run
 */
export async function train(params: TrainParams, context: TrainingContext): Promise<TrainResult> {
  const { run, model: graph, data, options, userModule, weights } = params;
  if (userModule) await checkCanBeOpenedAgain(userModule.file, params.runsFolder);
  const recipe = { run, graph, data, options, userModule, weights };
  return prepared(recipe, context, async (ready) => {
    const folder = await RunFolder.create(
      params.runsFolder,
      {
        version: 1,
        model: graph.name,
        createdAt: new Date().toISOString(),
        status: 'running',
        backend: context.backend.description,
        data: { source: data, description: describeInOneLine(ready.dataset) },
        options,
        userModule,
        weights,
        input: ready.encoding,
        classNames: classNamesOf(ready.dataset),
        epochs: [],
      },
      graph,
    );
    return trainInto(folder, recipe, ready, context);
  });
}

/**
 * Goes on with a run from its last checkpoint: the same batches, the same random numbers, the optimizer as it was. One that
 * was ended before its first checkpoint begins anew. Nothing of the run is changed before all of its state is restored.
 * @throws SidecarError when it has no whole checkpoint, is finished, is under way elsewhere, or its data has changed.
 */
export async function resume(params: ResumeParams, context: TrainingContext): Promise<TrainResult> {
  const folder = await RunFolder.open(params.runFolder);
  const { current } = folder;
  const checkpoints = await CheckpointFolder.open(folder.folder);
  const hasBegun = current.epochs.length > 0 || !(await checkpoints.isEmpty());
  const saved = hasBegun ? await readTrainingState(checkpoints.folder) : undefined;
  const options = { ...current.options, epochs: params.epochs ?? current.options.epochs };
  if (saved) checkUnfinished(current, saved, options);
  const { userModule, weights } = current;
  if (userModule) await checkIsOfWorkspace(userModule.file, folder.folder);
  const graph = await folder.readGraph();
  const data = current.data.source;
  // A checkpoint has all weights; the file that the run began with may be gone by now.
  const recipe = { run: params.run, graph, data, options, userModule, ...(saved ? {} : { weights }) };
  return prepared(recipe, context, async (ready) => {
    if (saved) {
      checkSameData(ready.dataset, saved);
      await restore(ready, checkpoints, saved);
    }
    await folder.resume({ options, backend: context.backend.description, epochs: saved?.epochs ?? [] });
    if (current.backend !== context.backend.description) {
      warnInto(
        context,
        recipe,
      )(
        `This run was begun on ${current.backend} and goes on on ${context.backend.description}: its figures may differ in the last digits from those of an unbroken run.`,
      );
    }
    return trainInto(folder, recipe, ready, context, saved);
  });
}

/** Opens the data, builds and compiles the model, lets `use` work with them, and frees them, whatever happens. */
function prepared(
  recipe: Recipe,
  context: TrainingContext,
  use: (ready: Ready) => Promise<TrainResult>,
): Promise<TrainResult> {
  const { run, graph, data, options, userModule, weights } = recipe;
  return withSeed(options.seed, async () => {
    const warn = warnInto(context, { run });
    const { validationSplit } = options;
    const { signal } = context.control;
    const singleOutput = hasSingleOutput(graph);
    const dataset = await openDataset(data, { validationSplit, singleOutput, warn, signal });
    let model: tf.LayersModel | undefined;
    let compiled: Compiled | undefined;
    try {
      if (signal.aborted) throw new Cancelled('Training was cancelled before it began; there is no run.');
      let sizes: ModelSizes = graph.totals;
      if (!userModule) requireRoomToTrain(recipe, sizes, context.backend, warn);
      model = await buildModel(graph, { userModule, weights });
      if (userModule) {
        // Nothing was known before. Its weights are there by now, gradients and activations are to come.
        sizes = sizesOfModel(model);
        requireRoomToTrain(recipe, sizes, context.backend, warn, 'weights are loaded');
      }
      const encoding = encodingFor(model, dataset, graph.name);
      checkMonitors(options, dataset.count('validation') > 0, dataset.target.kind === 'classes');
      const classWeights = classWeightsFor(options, dataset);
      // What ran knows better than what was read.
      const compile = (userModule && compileOf(model)) ?? graph.compile;
      compiled = compileModel(model, compile, options, dataset.target, classWeights);
      return await use({ dataset, model, sizes, compiled, encoding });
    } finally {
      if (model) disposeModel(model);
      compiled?.dispose();
      await dataset.close();
    }
  });
}

/** Of the memory there is: beyond it training is warned of. */
const tightShare = 0.8;

/**
 * Before it is allocated; of what a program builds by itself, before the first step.
 * @throws SidecarError with the numbers
 */
function requireRoomToTrain(
  { graph, options }: Recipe,
  sizes: ModelSizes,
  { backend }: TrainingContext['backend'],
  warn: (message: string) => void,
  state?: 'weights are loaded',
): void {
  const { batchSize } = options;
  const memory = memoryToTrain(graph, sizes, options);
  if (!memory) return;
  const limit = memoryLimit(backend);
  // What is loaded is no part of the machine's free memory any more; of what WebAssembly can address it is.
  const isThere = state === 'weights are loaded' && limit.of !== wasmAddresses;
  requireRoom(
    isThere ? memory.total - memory.weights : memory.total,
    limit,
    `Training \`${graph.name}\``,
    describeTrainingMemory(memory, batchSize).replace(/^.*\((.*)\)$/, '$1'),
    {
      next:
        memory.activations > memory.total / 2 && batchSize > 1
          ? `Use a smaller batch than ${batchSize}.`
          : 'Use a smaller model, an optimizer that keeps less, or a machine with more memory.',
    },
  );
  if (memory.total > tightShare * limit.most)
    warn(
      `Training takes ${describeTrainingMemory(memory, batchSize)}, nearly all of the ${memoryText(limit.most)} that ${limit.of}: it may become slow, or end for want of memory.`,
    );
}

function memoryToTrain(
  graph: WireModelGraph,
  sizes: ModelSizes,
  options: TrainingOptions,
): TrainingMemory | null {
  const optimizer = options.optimizer ?? graph.compile?.optimizer?.className ?? 'adam';
  return trainingMemory(sizes, options.batchSize, optimizer);
}

async function trainInto(
  folder: RunFolder,
  { run, options, graph }: Recipe,
  { dataset, model, sizes, compiled, encoding }: Ready,
  { backend, control, emit }: TrainingContext,
  saved?: TrainingState,
): Promise<TrainResult> {
  let log: RunLog | undefined;
  try {
    const checkpoints = await CheckpointFolder.open(folder.folder);
    const batchesPerEpoch = Math.ceil(dataset.count('train') / options.batchSize);
    if (saved) {
      const step = (saved.position.epoch - 1) * batchesPerEpoch + saved.position.batch + 1;
      log = await RunLog.open(folder.folder, { position: saved.logs, step });
    } else log = await RunLog.open(folder.folder);
    const inputShape = model.inputs[0]?.shape ?? [];
    const form = { dataset, encoding, inputShape, sparseLabels: compiled.sparseLabels };
    const session = { run, options, model, compiled, form, folder, checkpoints, log, control, emit };
    const memory = memoryToTrain(graph, sizes, options);
    const loop = new TrainingLoop(session, learningRateOf(compiled.optimizer), saved);
    emit({
      kind: 'started',
      run,
      runFolder: folder.folder,
      backend: backend.description,
      dataDescription: describeInOneLine(dataset),
      params: model.countParams(),
      ...(memory ? { memory: describeTrainingMemory(memory, options.batchSize) } : {}),
      batchesPerEpoch,
      epochs: options.epochs,
      classNames: classNamesOf(dataset),
      ...(saved ? { resumed: { epochs: saved.epochs, batch: saved.position.batch } } : {}),
    });
    for (const warning of compiled.warnings) loop.warn(warning);
    return await loop.run();
  } catch (error) {
    const told = systemErrorCode(error) === undefined ? error : notWritten(folder.folder, error);
    // The first error is the one to tell, even when the folder is what failed.
    await folder.update({ status: 'failed', error: messageOf(told) }).catch(() => {});
    throw told;
  } finally {
    await log?.close().catch(() => {});
  }
}

/** Training itself reads and writes nothing but the run's files. */
function notWritten(where: string, error: unknown): SidecarError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(systemErrorCode(error) ?? '');
  return new SidecarError(
    `${isFull ? 'The disk is full' : `The run cannot be written (${messageOf(error)})`}; training has stopped.`,
    {
      where,
      next: `${isFull ? 'Make room' : 'See that its folder can be written to'}, then resume the run: it goes on from its last checkpoint.`,
      cause: error,
    },
  );
}

/** @throws SidecarError when a file of the checkpoint is missing or damaged; also one that is only needed in the end. */
async function restore(
  { model, compiled }: Ready,
  checkpoints: CheckpointFolder,
  saved: TrainingState,
): Promise<void> {
  if (saved.best && saved.best.weights.file !== saved.weights.file)
    await checkpoints.loadWeights(model, saved.best.weights);
  await checkpoints.loadWeights(model, saved.weights);
  const optimizerState = await checkpoints.loadOptimizer(saved.optimizer);
  try {
    restoreOptimizerState(compiled.optimizer, optimizerState);
  } catch (error) {
    throw checkpoints.notOfOptimizer(saved.optimizer.file, error);
  }
  setLearningRate(compiled.optimizer, saved.schedule.learningRate);
}

/** A run that stopped early goes on when it is asked for more epochs than before. */
function checkUnfinished(run: RunFile, saved: TrainingState, options: TrainingOptions): void {
  if (options.epochs < saved.epochs.length) {
    throw new SidecarError(`This run has done ${saved.epochs.length} epochs already.`, {
      next: `Resume it with more than that, not with ${options.epochs}.`,
    });
  }
  if (options.epochs > run.options.epochs) {
    const schedule = new Schedule(options, saved.schedule);
    schedule.goOn();
    saved.schedule = schedule.state;
  } else if (run.status === 'finished') {
    throw new SidecarError(
      saved.schedule.stopped
        ? `This run is finished: early stopping ended it after epoch ${saved.epochs.length}.`
        : `This run is finished: all its ${saved.epochs.length} epochs are done.`,
      { next: 'Resume it with more epochs to train on.' },
    );
  }
}

function checkSameData(dataset: Dataset, { examples }: TrainingState): void {
  const [train, validation] = [dataset.count('train'), dataset.count('validation')];
  if (train === examples.train && validation === examples.validation) return;
  const count = (value: number) => value.toLocaleString('en-US');
  throw new SidecarError(
    `The data has changed: the run was begun with ${count(examples.train)} training and ${count(examples.validation)} validation examples, and now there are ${count(train)} and ${count(validation)}.`,
    { next: 'Put the data back as it was, or train the model anew.' },
  );
}

function warnInto({ emit }: TrainingContext, { run }: Pick<Recipe, 'run'>): (message: string) => void {
  return (message) => emit({ kind: 'warning', run, message });
}
