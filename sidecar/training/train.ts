/** Trains a model drawn from source on a data set, into a run folder. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tf from '@tensorflow/tfjs';
import type {
  EpochMetrics,
  InitializeResult,
  InputEncoding,
  RowEncoding,
  RunFile,
  TrainingEvent,
  TrainParams,
  TrainResult,
} from '../../protocol/sidecar';
import { classNamesOf, type Dataset } from '../datasets/dataset';
import { describeInOneLine } from '../datasets/describeDataset';
import { openDataset } from '../datasets/openDataset';
import { messageOf, SidecarError } from '../errors';
import { RunFolder } from '../runs/runFolder';
import { type BatchForm, batchesOf, disposeBatch } from './batches';
import { buildModel } from './buildModel';
import { compileModel, learningRateOf, setLearningRate } from './compile';
import { encodingFor } from './dataFit';
import { evaluate } from './evaluate';
import { mulberry32, shuffledIndices, withSeed } from './seededRandom';

/** Least time between two `batch` events. */
const batchEventMilliseconds = 100;

export interface TrainingContext {
  backend: InitializeResult;
  isCancelled(): boolean;
  emit(event: TrainingEvent): void;
}

/**
 * Resolves when trained, evaluated and saved; or, cancelled, when what was learned is saved.
 * @throws SidecarError when the model, the data or their sizes do not go together, or the loss is no number any more.
 */
export function train(params: TrainParams, context: TrainingContext): Promise<TrainResult> {
  return withSeed(params.options.seed, () => trainSeeded(params, context));
}

async function trainSeeded(params: TrainParams, context: TrainingContext): Promise<TrainResult> {
  const { options } = params;
  const warn = (message: string) => context.emit({ kind: 'warning', run: params.run, message });
  const dataset = await openDataset(params.data, { validationSplit: options.validationSplit, warn });
  const model = await buildModel(params.model).catch(async (error) => {
    await dataset.close();
    throw error;
  });
  let optimizer: tf.Optimizer | undefined;
  let folder: RunFolder | undefined;
  try {
    const encoding = encodingFor(model, dataset, params.model.name);
    const compiled = compileModel(model, params.model.compile, options.learningRate);
    optimizer = compiled.optimizer;
    const description = describeInOneLine(dataset);
    folder = await RunFolder.create(
      params.runsFolder,
      newRunFile(params, context, dataset, description, encoding),
    );
    const form: BatchForm = {
      dataset,
      encoding,
      inputShape: model.inputs[0]?.shape ?? [],
      sparseLabels: compiled.sparseLabels,
    };
    const training = new Training(params, context, model, optimizer, form, folder);
    context.emit({
      kind: 'started',
      run: params.run,
      runFolder: folder.folder,
      backend: context.backend.description,
      dataDescription: description,
      params: model.countParams(),
      batchesPerEpoch: training.batchesPerEpoch,
      epochs: options.epochs,
    });
    for (const warning of compiled.warnings) training.warn(warning);
    return await training.run();
  } catch (error) {
    // The first error is the one to tell, even when the folder is what failed.
    await folder?.update({ status: 'failed', error: messageOf(error) }).catch(() => {});
    throw error;
  } finally {
    model.dispose();
    optimizer?.dispose();
    await dataset.close();
  }
}

class Training {
  readonly batchesPerEpoch: number;
  private readonly epochs: EpochMetrics[] = [];
  private readonly order: () => number;
  private readonly trainCount: number;
  private readonly validationCount: number;
  private lastBatchEvent = 0;

  constructor(
    private readonly params: TrainParams,
    private readonly context: TrainingContext,
    private readonly model: tf.LayersModel,
    private readonly optimizer: tf.Optimizer,
    private readonly form: BatchForm,
    private readonly folder: RunFolder,
  ) {
    this.trainCount = form.dataset.count('train');
    this.validationCount = form.dataset.count('validation');
    this.batchesPerEpoch = Math.ceil(this.trainCount / params.options.batchSize);
    this.order = mulberry32(params.options.seed ^ 0x5eed);
  }

  async run(): Promise<TrainResult> {
    const { epochs, learningRateDecay } = this.params.options;
    const { dataset } = this.form;
    let cancelled = false;
    for (let epoch = 1; epoch <= epochs && !cancelled; epoch++) {
      const metrics = await this.runEpoch(epoch);
      cancelled = metrics === undefined;
      if (metrics) await this.finishEpoch(metrics);
      if (learningRateDecay !== undefined)
        setLearningRate(this.optimizer, learningRateOf(this.optimizer) * learningRateDecay);
    }
    if (cancelled) await this.folder.saveCheckpoint(this.model);
    const test =
      dataset.count('test') > 0 && !cancelled
        ? await evaluate(this.model, this.form, 'test', this.context.isCancelled)
        : undefined;
    await this.folder.update({ status: cancelled ? 'cancelled' : 'finished', test });
    return { runFolder: this.folder.folder, cancelled, epochs: this.epochs, test };
  }

  warn(message: string): void {
    this.context.emit({ kind: 'warning', run: this.params.run, message });
  }

  /** Undefined when cancelled on the way. */
  private async runEpoch(epoch: number): Promise<EpochMetrics | undefined> {
    const { batchSize, augmentation, seed } = this.params.options;
    const order = shuffledIndices(this.trainCount, this.order);
    const started = performance.now();
    let [seen, loss, accuracy] = [0, 0, 0];
    const augmenter = augmentation && { options: augmentation, seed: seed + epoch };
    let batch = 0;
    for await (const made of batchesOf(this.form, 'train', order, batchSize, augmenter)) {
      batch++;
      // Lets cancellation, classification and the end of stdin through.
      await nextTurn();
      if (this.context.isCancelled()) {
        disposeBatch(made);
        return undefined;
      }
      const [batchLoss = Number.NaN, batchAccuracy = 0] = (await this.model.trainOnBatch(
        made.x,
        made.y,
      )) as number[];
      disposeBatch(made);
      const { indices } = made;
      if (!Number.isFinite(batchLoss)) throw this.lossBroke(epoch, batch);
      seen += indices.length;
      loss += batchLoss * indices.length;
      accuracy += batchAccuracy * indices.length;
      await this.reportBatch(
        epoch,
        batch,
        seen,
        loss / seen,
        accuracy / seen,
        (performance.now() - started) / 1000,
      );
    }
    const validation =
      this.validationCount > 0
        ? await evaluate(this.model, this.form, 'validation', this.context.isCancelled)
        : undefined;
    if (this.validationCount > 0 && !validation) return undefined;
    return {
      epoch,
      loss: loss / seen,
      accuracy: accuracy / seen,
      validationLoss: finiteOrAbsent(validation?.loss),
      validationAccuracy: validation?.accuracy,
      seconds: (performance.now() - started) / 1000,
    };
  }

  private async finishEpoch(metrics: EpochMetrics): Promise<void> {
    this.epochs.push(metrics);
    await this.folder.saveCheckpoint(this.model);
    await this.folder.update({ epochs: [...this.epochs] });
    await this.folder.appendMetrics({ kind: 'epoch', ...metrics });
    this.context.emit({ kind: 'epoch', run: this.params.run, metrics });
    const chance = 1 / classNamesOf(this.form.dataset).length;
    if (metrics.epoch === 1 && (metrics.accuracy ?? 1) < 1.5 * chance) {
      this.warn(
        `After one epoch ${percent(metrics.accuracy)} are right; guessing gives ${percent(chance)}. The learning rate ` +
          `(${learningRateOf(this.optimizer)}) may be too high or too low, or the loss may not fit the last layer.`,
      );
    }
  }

  /** `loss` and `accuracy`: means over the epoch so far. */
  private async reportBatch(
    epoch: number,
    batch: number,
    seen: number,
    loss: number,
    accuracy: number,
    seconds: number,
  ): Promise<void> {
    const now = performance.now();
    if (now - this.lastBatchEvent < batchEventMilliseconds && batch < this.batchesPerEpoch) return;
    this.lastBatchEvent = now;
    const { run, options } = this.params;
    const examplesPerSecond = seen / Math.max(seconds, 1e-6);
    const examplesLeft = (options.epochs - epoch) * this.trainCount + this.trainCount - seen;
    const metrics = { epoch, batch, batchesPerEpoch: this.batchesPerEpoch, loss, accuracy };
    const secondsLeft = examplesLeft / examplesPerSecond;
    this.context.emit({ kind: 'batch', run, ...metrics, examplesPerSecond, secondsLeft });
    await this.folder.appendMetrics({ kind: 'batch', ...metrics });
  }

  private lossBroke(epoch: number, batch: number): SidecarError {
    const kept = this.epochs.length > 0 ? ` The checkpoint of epoch ${this.epochs.length} is kept.` : '';
    this.warn(`The loss is no longer a number (epoch ${epoch}, batch ${batch}).`);
    return new SidecarError(
      `The loss is no longer a number (NaN or infinite) in epoch ${epoch}, batch ${batch}; training has stopped.${kept}`,
      {
        next: `Lower the learning rate (it was ${learningRateOf(this.optimizer)}), or check the last layer's activation against the loss.`,
      },
    );
  }
}

function newRunFile(
  params: TrainParams,
  context: TrainingContext,
  dataset: Dataset,
  description: string,
  input: InputEncoding | RowEncoding,
): RunFile {
  return {
    version: 1,
    model: params.model.name,
    createdAt: new Date().toISOString(),
    status: 'running',
    backend: context.backend.description,
    data: { source: params.data, description },
    options: params.options,
    input,
    classNames: classNamesOf(dataset),
    epochs: [],
  };
}

function percent(share: number | undefined): string {
  return `${((share ?? 0) * 100).toFixed(1)} %`;
}

/** JSON has no NaN. */
function finiteOrAbsent(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
