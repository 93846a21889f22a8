/**
 * A training run on disk: `<runsFolder>/<time>-<model>/` with `run.json`, `graph.json` (the model as the source has it),
 * `metrics.jsonl`, `evaluation.json`, TensorBoard's `events.out.tfevents.*`, and `checkpoint/`: `model.json` and weights
 * in the tfjs layers format, and `training.json`, from which the run can be resumed.
 */
import { z } from 'zod';
import { dataSource } from './data';
import { inputEncoding, rowEncoding } from './inputEncoding';
import { epochMetrics, monitor, score, trainingOptions } from './training';
import { userModule } from './userModule';

export const runStatus = z.enum(['running', 'finished', 'cancelled', 'failed']);
/** `interrupted`: the file says `running`, but the process that wrote it is gone. Never in a file. */
export type RunStatus = z.infer<typeof runStatus> | 'interrupted';

/** Which process trains a run: a process's number alone is given again to others. */
export const runProcess = z.object({
  host: z.string(),
  pid: z.number(),
  /** When it was started, in a form that the system gives for a process; `` where it gives none. */
  started: z.string(),
});
export type RunProcess = z.infer<typeof runProcess>;

export const runFile = z.object({
  version: z.literal(1),
  model: z.string(),
  /** What the user calls this run. */
  name: z.string().optional(),
  createdAt: z.string(),
  /** Each time it was resumed. */
  resumedAt: z.array(z.string()).optional(),
  status: runStatus,
  /** While it is `running`. */
  process: runProcess.optional(),
  backend: z.string(),
  data: z.object({ source: dataSource, description: z.string() }),
  options: trainingOptions,
  /** The program that built the model: its layers' classes are needed to load it again. */
  userModule: userModule.optional(),
  /** A model.json whose weights it began with; absent: new ones. */
  weights: z.string().optional(),
  /** How an example, a picture or a table's line, becomes the model's input. */
  input: z.union([inputEncoding, rowEncoding]),
  /** Empty where a number is predicted. */
  classNames: z.array(z.string()),
  epochs: z.array(epochMetrics),
  /** The best epoch by what early stopping monitors. */
  best: z.object({ epoch: z.number(), monitor, value: z.number() }).optional(),
  /** The checkpoint's weights are of this epoch, not of the last. */
  restoredEpoch: z.number().optional(),
  test: score.optional(),
  /** Why it failed, for `failed`. */
  error: z.string().optional(),
});
export type RunFile = z.infer<typeof runFile>;
