/** What is told of a run while it trains, on disk: `metrics.jsonl`, and the same as TensorBoard's event files. */
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import type { EpochMetrics } from '../../protocol/sidecar';
import { AppendOnlyFile, cutBack } from './appendOnlyFile';
import { eventFileName, fileHeader, restartRecord, scalarsRecord } from './eventFile';

/** How far the files reach at a checkpoint, in bytes by their names. */
export type LogPosition = Record<string, number>;

export interface BatchLine {
  epoch: number;
  /** Counted from 1 within the epoch. */
  batch: number;
  batchesPerEpoch: number;
  /** Means over the epoch so far. */
  loss: number;
  accuracy?: number;
  meanAbsoluteError?: number;
  batchLoss: number;
  learningRate: number;
}

/** Whoever reads the files along sees what is at most so old. */
const flushMilliseconds = 1000;

const metricsName = 'metrics.jsonl';
const eventFilePattern = /^events\.out\.tfevents\./;

export class RunLog {
  private flushedAt = 0;

  private constructor(
    private readonly metrics: AppendOnlyFile,
    private readonly events: AppendOnlyFile,
    private readonly earlier: LogPosition,
  ) {}

  /**
   * @param from Where a resumed run goes on: what the files hold behind it is cut off; `step` is the first one that
   * comes anew. TensorBoard's events go on in a file of their own, since a reader that is at work would not notice that
   * an old one became shorter.
   */
  static async open(folder: string, from?: { position: LogPosition; step: number }): Promise<RunLog> {
    const keep = from?.position ?? {};
    const eventFiles = (await readdir(folder)).filter((name) => eventFilePattern.test(name)).sort();
    const earlier: LogPosition = {};
    for (const name of eventFiles) {
      earlier[name] = keep[name] ?? 0;
      await cutBack(path.join(folder, name), earlier[name]);
    }
    const metrics = await AppendOnlyFile.open(path.join(folder, metricsName), keep[metricsName] ?? 0);
    // Sorted by name, and so read by TensorBoard, after the earlier ones even when the clock was set back.
    const latest = Number(eventFiles.at(-1)?.split('.')[3] ?? 0);
    const milliseconds = Math.max(Date.now(), (latest + 1) * 1000);
    const events = await AppendOnlyFile.open(path.join(folder, eventFileName(milliseconds, hostname())));
    events.append(fileHeader(Date.now()));
    if (from) events.append(restartRecord(Date.now(), from.step));
    return new RunLog(metrics, events, earlier);
  }

  batch(line: BatchLine): void {
    this.metrics.append(`${JSON.stringify({ kind: 'batch', ...line })}\n`);
    const step = (line.epoch - 1) * line.batchesPerEpoch + line.batch;
    this.events.append(
      scalarsRecord(Date.now(), step, {
        'batch/loss': line.batchLoss,
        'batch/learning_rate': line.learningRate,
      }),
    );
    if (this.metrics.needsFlush || performance.now() - this.flushedAt > flushMilliseconds) this.flushSoon();
  }

  /** In TensorBoard at the step of its last batch, so that all curves have one axis. */
  epoch(metrics: EpochMetrics, batchesPerEpoch: number): void {
    this.metrics.append(`${JSON.stringify({ kind: 'epoch', ...metrics })}\n`);
    this.events.append(
      scalarsRecord(Date.now(), metrics.epoch * batchesPerEpoch, {
        'epoch/loss': metrics.loss,
        'epoch/accuracy': metrics.accuracy,
        'epoch/mean_absolute_error': metrics.meanAbsoluteError,
        'epoch/validation_loss': metrics.validationLoss,
        'epoch/validation_accuracy': metrics.validationAccuracy,
        'epoch/validation_mean_absolute_error': metrics.validationMeanAbsoluteError,
        'epoch/learning_rate': metrics.learningRate,
      }),
    );
    this.flushSoon();
  }

  /** Training does not wait for it; what goes wrong is told by the next `flush`. */
  flushSoon(): void {
    this.flushedAt = performance.now();
    void this.metrics.flush();
    void this.events.flush();
  }

  /** How far the files reach, everything told so far included. */
  get position(): LogPosition {
    return {
      ...this.earlier,
      [path.basename(this.metrics.path)]: this.metrics.length,
      [path.basename(this.events.path)]: this.events.length,
    };
  }

  /** Resolves when readers see everything told so far. */
  async flush(): Promise<void> {
    await Promise.all([this.metrics.flush(), this.events.flush()]);
  }

  /** Everything told so far on the disk. */
  async save(): Promise<void> {
    await this.flush();
    await Promise.all([this.metrics.save(), this.events.save()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.metrics.close(), this.events.close()]);
  }
}
