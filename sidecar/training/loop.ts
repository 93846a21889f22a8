/**
 * The training loop: epochs of batches, judged after each, with everything that a resumed run needs on disk. Which
 * examples a batch holds, how its pictures are changed and which units dropout drops depend on the seed, the epoch and
 * the batch alone, so that a run that goes on from a checkpoint does what an unbroken one does.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tf from '@tensorflow/tfjs';
import type { EpochMetrics, TrainingEvent, TrainingOptions, TrainResult } from '../../protocol/sidecar';
import { classNamesOf } from '../datasets/dataset';
import { SidecarError } from '../errors';
import type { CheckpointFolder } from '../runs/checkpointFolder';
import { writeEvaluation } from '../runs/evaluationFile';
import type { RunFolder } from '../runs/runFolder';
import type { RunLog } from '../runs/runLog';
import type { TrainingState } from '../runs/trainingState';
import { WriteQueue } from '../runs/writeQueue';
import { type Batch, type BatchForm, batchesOf, disposeBatch } from './batches';
import type { Compiled } from './compile';
import { describeJudged } from './confusionExamples';
import { confusionOf, evaluate, type JudgedPart, type Judgements, worstFirst } from './evaluate';
import { HealthMonitor } from './health';
import { readOptimizerState } from './optimizerState';
import { setLearningRate } from './optimizers';
import { Schedule } from './schedule';
import { mixSeeds, mulberry32, reseed, shuffledIndices } from './seededRandom';
import { Throughput } from './throughput';
import type { TrainingControl } from './trainingControl';
import { epochWarnings } from './warnings';

/** Least time between two `batch` events: each takes the time of a tenth of LeNet-5's step, and eyes follow four a second. */
const batchEventMilliseconds = 250;
const batchLinesPerEpoch = 200;
const worstMistakes = 24;
/** A larger confusion matrix is neither sent nor to be read by people. */
const mostClassesConfused = 200;
const defaultCheckpointMinutes = 5;
/** A larger checkpoint is written before training goes on: its copy would hold the memory that training needs. */
const largestWrittenBeside = 256 * 1024 * 1024;

export interface Session {
  /** The caller's name for the run. */
  run: string;
  options: TrainingOptions;
  model: tf.LayersModel;
  compiled: Compiled;
  form: BatchForm;
  folder: RunFolder;
  checkpoints: CheckpointFolder;
  log: RunLog;
  control: TrainingControl;
  emit(event: TrainingEvent): void;
}

type ModelWeights = NonNullable<Awaited<ReturnType<CheckpointFolder['takeWeights']>>>;

/** How far a run is: of a `TrainingState` what the loop goes on with. */
export type Progress = Pick<TrainingState, 'position' | 'sums' | 'epochs' | 'best'>;

export class TrainingLoop {
  private readonly progress: Progress;
  private readonly schedule: Schedule;
  private readonly examples: { train: number; validation: number };
  private readonly health: HealthMonitor;
  private readonly throughput = new Throughput();
  private checkpointedAt = performance.now();
  /** What the last checkpoint holds. */
  private kept = { epoch: 1, batch: 0 };
  /** Checkpoints are written while training goes on: a disk that others use, too, may take a step's time for a file. */
  private readonly writes = new WriteQueue();
  private reportedAt = 0;
  private lapStart = performance.now();

  /** @param saved Where to go on; absent: from the start. */
  constructor(
    private readonly session: Session,
    learningRate: number,
    saved?: TrainingState,
  ) {
    this.progress = saved
      ? structuredClone({
          position: saved.position,
          sums: saved.sums,
          epochs: saved.epochs,
          ...(saved.best ? { best: saved.best } : {}),
        })
      : { position: { epoch: 1, batch: 0 }, sums: newSums(), epochs: [] };
    this.schedule = new Schedule(session.options, saved?.schedule ?? { learningRate });
    const { dataset } = session.form;
    this.examples = { train: dataset.count('train'), validation: dataset.count('validation') };
    this.health = new HealthMonitor(session.model);
  }

  get batchesPerEpoch(): number {
    return Math.ceil(this.examples.train / this.session.options.batchSize);
  }

  /** Trains until all epochs are done, early stopping ends it, or it is cancelled; then judges the model on the test set. */
  async run(): Promise<TrainResult> {
    const { folder, options, control } = this.session;
    const { position, epochs } = this.progress;
    let cancelled = false;
    try {
      // There is soon something to resume from, and a folder that cannot be written to ends the run at one of its first
      // steps (`writes.check`).
      await this.checkpoint();
      while (!cancelled && position.epoch <= options.epochs && !this.schedule.state.stopped) {
        cancelled = !(await this.trainEpoch());
        const validation = cancelled ? undefined : await this.validate();
        cancelled ||= control.isCancelled();
        if (!cancelled) await this.finishEpoch(validation);
      }
      if (cancelled) {
        await this.checkpoint();
        await this.writes.done();
        await folder.update({ status: 'cancelled' });
        return { runFolder: folder.folder, cancelled, epochs };
      }
      return await this.finish();
    } finally {
      await this.writes.ended();
      this.health.dispose();
    }
  }

  warn(message: string, layer?: string): void {
    this.session.emit({
      kind: 'warning',
      run: this.session.run,
      message,
      ...(layer === undefined ? {} : { layer }),
    });
  }

  /** The batches of the present epoch that are still to be done. False when cancelled on the way. */
  private async trainEpoch(): Promise<boolean> {
    const { form, options, control } = this.session;
    const { position } = this.progress;
    const { batchSize, augmentation, seed } = options;
    const epochSeed = mixSeeds(seed, position.epoch);
    const order = shuffledIndices(this.examples.train, mulberry32(epochSeed));
    const augmenter = augmentation && { options: augmentation, seed: epochSeed };
    const rest = order.subarray(position.batch * batchSize);
    this.startLap();
    for await (const batch of batchesOf(form, 'train', rest, batchSize, augmenter)) {
      // Lets cancellation, classification and the end of stdin through.
      await nextTurn();
      this.writes.check();
      if (control.paused) await this.pause();
      if (control.isCancelled()) {
        disposeBatch(batch);
        return false;
      }
      // A batch of which no example could be read is left out, and counts all the same.
      const [first = 0] = batch.indices;
      position.batch = Math.floor(order.indexOf(first, position.batch * batchSize) / batchSize) + 1;
      await this.trainBatch(batch);
      if (performance.now() - this.checkpointedAt > this.checkpointMilliseconds) await this.checkpoint();
    }
    position.batch = this.batchesPerEpoch;
    return !control.isCancelled();
  }

  private async trainBatch(batch: Batch): Promise<void> {
    const { model, options, emit, run } = this.session;
    const { position, sums } = this.progress;
    const { learningRate } = this.schedule.state;
    reseed(mixSeeds(options.seed, position.epoch, position.batch));
    this.health.beforeStep();
    const size = batch.indices.length;
    let [loss, metric] = [Number.NaN, 0];
    try {
      [loss = Number.NaN, metric = 0] = (await model.trainOnBatch(batch.x, batch.y)) as number[];
      if (!Number.isFinite(loss)) throw await this.becameNoNumber('The loss');
      const look = this.health.afterStep(batch.x, learningRate);
      if (look) {
        emit({ kind: 'health', run, ...position, layers: look.layers });
        for (const { message, layer } of look.warnings) this.warn(message, layer);
      }
    } finally {
      disposeBatch(batch);
    }
    sums.examples += size;
    sums.loss += loss * size;
    sums.metric += metric * size;
    const seconds = this.startLap();
    sums.seconds += seconds;
    this.throughput.batch(size, seconds);
    this.reportBatch(loss, metric);
  }

  private reportBatch(batchLoss: number, batchMetric: number): void {
    const { run, emit, log, options, compiled } = this.session;
    const { position, sums } = this.progress;
    const { batchesPerEpoch } = this;
    const isLast = position.batch === batchesPerEpoch;
    const line = {
      ...position,
      batchesPerEpoch,
      loss: sums.loss / sums.examples,
      [compiled.metric]: sums.metric / sums.examples,
      batchLoss,
      ...(compiled.metric === 'accuracy' ? { batchAccuracy: batchMetric } : {}),
      learningRate: this.schedule.state.learningRate,
    };
    // By their number, not by time: two runs of one seed write the same lines.
    if (isLast || position.batch % Math.ceil(batchesPerEpoch / batchLinesPerEpoch) === 0) log.batch(line);
    const now = performance.now();
    if (now - this.reportedAt < batchEventMilliseconds && !isLast) return;
    this.reportedAt = now;
    const secondsLeft = this.throughput.secondsLeft({
      examples: (options.epochs - position.epoch + 1) * this.examples.train - sums.examples,
      evaluations: options.epochs - position.epoch + 1,
      examplesEvaluated: this.examples.validation,
    });
    const { examplesPerSecond } = this.throughput;
    emit({ kind: 'batch', run, ...line, examplesPerSecond, secondsLeft });
  }

  private async validate(): Promise<Judgements | undefined> {
    if (this.examples.validation === 0) return undefined;
    const judgements = await this.judge('validation');
    const seconds = this.startLap();
    this.progress.sums.seconds += seconds;
    this.throughput.evaluated(seconds);
    return judgements;
  }

  private async judge(part: JudgedPart): Promise<Judgements | undefined> {
    const { model, form, compiled, options, control, folder, run, emit } = this.session;
    const { batchSize } = options;
    const judgements = await evaluate({ model, form, compiled, batchSize }, part, control.isCancelled);
    const { classes } = judgements ?? {};
    if (!judgements || !classes) return judgements;
    const epoch = part === 'test' ? this.progress.epochs.length : this.progress.position.epoch;
    await writeEvaluation(folder.folder, epoch, judgements);
    const mistakes = worstFirst(judgements, (i) => classes.labels[i] !== classes.predicted[i]);
    emit({
      kind: 'evaluation',
      run,
      epoch,
      part,
      examples: judgements.indices.length,
      confusion: classes.count <= mostClassesConfused ? confusionOf(classes) : [],
      worstMistakes: await describeJudged(form.dataset, judgements, mistakes.slice(0, worstMistakes)),
    });
    return judgements;
  }

  private async finishEpoch(validation: Judgements | undefined): Promise<void> {
    const { session, progress, schedule } = this;
    const { run, log, emit, compiled, form, options } = session;
    const { epoch } = progress.position;
    const { learningRate } = schedule.state;
    const weights = await this.takeWeights();
    const { loss, accuracy, meanAbsoluteError } = validation?.score ?? {};
    const metrics: EpochMetrics = {
      epoch,
      loss: progress.sums.loss / progress.sums.examples,
      [compiled.metric]: progress.sums.metric / progress.sums.examples,
      ...(isNumber(loss) ? { validationLoss: loss } : {}),
      ...(isNumber(accuracy) ? { validationAccuracy: accuracy } : {}),
      ...(isNumber(meanAbsoluteError) ? { validationMeanAbsoluteError: meanAbsoluteError } : {}),
      learningRate,
      seconds: progress.sums.seconds,
    };
    progress.epochs.push(metrics);
    progress.position.epoch++;
    progress.position.batch = 0;
    Object.assign(progress.sums, newSums());
    const decision = schedule.afterEpoch(metrics);
    if (decision.learningRate !== undefined) setLearningRate(compiled.optimizer, decision.learningRate);
    log.epoch(metrics, this.batchesPerEpoch);
    const monitor = options.earlyStopping?.monitor;
    if (decision.best && monitor)
      progress.best = { epoch, monitor, value: metrics[monitor] ?? 0, weights: weights.described };
    await this.checkpoint(weights);
    emit({ kind: 'epoch', run, metrics });
    if (decision.message) this.warn(decision.message);
    const classes = classNamesOf(form.dataset).length;
    for (const message of epochWarnings(progress.epochs, classes, learningRate, options)) this.warn(message);
  }

  private async finish(): Promise<TrainResult> {
    const { session, progress } = this;
    const { folder, model, checkpoints, form, log } = session;
    const { best, epochs } = progress;
    await this.writes.done();
    const restoredEpoch = best && best.epoch !== epochs.length ? best.epoch : undefined;
    if (best && restoredEpoch !== undefined) await checkpoints.loadWeights(model, best.weights);
    const judgements = form.dataset.count('test') > 0 ? await this.judge('test') : undefined;
    const cancelled = session.control.isCancelled();
    const found = {
      ...(restoredEpoch === undefined ? {} : { restoredEpoch }),
      ...(judgements && !cancelled ? { test: judgements.score } : {}),
    };
    await log.flush();
    await folder.update({ status: cancelled ? 'cancelled' : 'finished', ...found });
    return { runFolder: folder.folder, cancelled, epochs, ...found };
  }

  /**
   * Takes everything that a resumed run needs, and has it written while training goes on.
   * @param taken The model's weights, where they are taken already.
   */
  private async checkpoint(taken?: ModelWeights): Promise<void> {
    const { session, progress } = this;
    const { compiled, checkpoints, folder, log, run, emit } = session;
    // One at a time is in memory.
    await this.writes.done();
    const weights = taken ?? (await this.takeWeights());
    const optimizer = checkpoints.takeOptimizer(
      compiled.optimizer.getClassName(),
      readOptimizerState(compiled.optimizer),
    );
    const state: TrainingState = structuredClone({
      version: 1,
      weights: weights.described,
      optimizer: optimizer.described,
      ...progress,
      schedule: this.schedule.state,
      logs: log.position,
      examples: this.examples,
    });
    const { position, epochs, best } = state;
    this.checkpointedAt = performance.now();
    this.writes.add(async () => {
      await Promise.all([checkpoints.writeNumbers([weights, optimizer]), log.save()]);
      const hasLearned = epochs.length > 0 || position.batch > 0;
      if (hasLearned) await checkpoints.publish(best?.weights ?? weights.described);
      await checkpoints.writeState(state);
      this.kept = position;
      emit({ kind: 'checkpoint', run, ...position });
      if (epochs.length === folder.current.epochs.length) return;
      await folder.update({
        epochs,
        ...(best ? { best: { epoch: best.epoch, monitor: best.monitor, value: best.value } } : {}),
      });
    });
    if (weights.bytes.byteLength + optimizer.bytes.byteLength > largestWrittenBeside)
      await this.writes.done();
  }

  /** @throws SidecarError, leaving the last checkpoint as it is, when one of them is no number. */
  private async takeWeights(): Promise<ModelWeights> {
    const weights = await this.session.checkpoints.takeWeights(this.session.model);
    if (!weights) throw await this.becameNoNumber('A weight');
    return weights;
  }

  private get checkpointMilliseconds(): number {
    return (this.session.options.checkpointMinutes ?? defaultCheckpointMinutes) * 60_000;
  }

  private async pause(): Promise<void> {
    const { control, emit, run } = this.session;
    await this.checkpoint();
    await this.writes.done();
    emit({ kind: 'paused', run, paused: true });
    await control.whenGoingOn();
    emit({ kind: 'paused', run, paused: false });
    this.startLap();
  }

  /** Seconds since the last lap began. */
  private startLap(): number {
    const now = performance.now();
    const seconds = (now - this.lapStart) / 1000;
    this.lapStart = now;
    return seconds;
  }

  private async becameNoNumber(what: string): Promise<SidecarError> {
    await this.writes.ended();
    const { epoch, batch } = this.progress.position;
    const layer = this.health.brokenLayer();
    const { learningRate } = this.schedule.state;
    const { kept } = this;
    const until =
      kept.batch > 0 ? `epoch ${kept.epoch}, batch ${kept.batch}` : `the end of epoch ${kept.epoch - 1}`;
    this.warn(`${what} is no longer a number (epoch ${epoch}, batch ${batch}).`, layer);
    return new SidecarError(
      `${what} is no longer a number (NaN or infinite) in epoch ${epoch}, batch ${batch}${layer ? `, first in layer \`${layer}\`` : ''}; training has stopped.` +
        (kept.epoch > 1 || kept.batch > 0 ? ` What was learned until ${until} is kept.` : ''),
      {
        next: `Lower the learning rate (it was ${learningRate}), or check the last layer's activation against the loss.`,
      },
    );
  }
}

function newSums(): Progress['sums'] {
  return { examples: 0, loss: 0, metric: 0, seconds: 0 };
}

/** JSON has no NaN. */
function isNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
