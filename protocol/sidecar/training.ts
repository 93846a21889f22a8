/** Training a model: its options, what is told while it runs, and what came of it. */
import { z } from 'zod';
import { wireModelGraph } from '../modelGraph';
import { dataSource } from './data';

export const trainingOptions = z.object({
  epochs: z.number().int().positive(),
  batchSize: z.number().int().positive(),
  /** Absent: the learning rate of the source's `compile`, else the optimizer's own default. */
  learningRate: z.number().positive().optional(),
  /** The learning rate is multiplied by this after every epoch. Absent: it stays. */
  learningRateDecay: z.number().positive().max(1).optional(),
  /** Every training picture is moved by up to this many of its pixels each way, anew in each epoch. Absent: none. */
  maximumShift: z.number().int().min(0).max(8).optional(),
  /** Fraction of the training examples kept for validation, taken from the end of the data. */
  validationSplit: z.number().min(0).max(0.9),
  seed: z.number().int(),
});
export type TrainingOptions = z.infer<typeof trainingOptions>;

export const trainParams = z.object({
  /** Chosen by the caller; stands in every event of this run. */
  run: z.string(),
  model: wireModelGraph,
  data: dataSource,
  options: trainingOptions,
  /** `<workspace>/.layerwise/runs`; the run gets a new folder in it. */
  runsFolder: z.string(),
});
export type TrainParams = z.infer<typeof trainParams>;

export const epochMetrics = z.object({
  /** Counted from 1. */
  epoch: z.number(),
  loss: z.number(),
  accuracy: z.number().optional(),
  validationLoss: z.number().optional(),
  validationAccuracy: z.number().optional(),
  seconds: z.number(),
});
export type EpochMetrics = z.infer<typeof epochMetrics>;

export const trainingEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    run: z.string(),
    runFolder: z.string(),
    backend: z.string(),
    dataDescription: z.string(),
    params: z.number(),
    batchesPerEpoch: z.number(),
    epochs: z.number(),
  }),
  z.object({
    kind: z.literal('batch'),
    run: z.string(),
    epoch: z.number(),
    /** Counted from 1 within the epoch. */
    batch: z.number(),
    batchesPerEpoch: z.number(),
    loss: z.number(),
    accuracy: z.number().optional(),
    examplesPerSecond: z.number(),
    secondsLeft: z.number(),
  }),
  z.object({ kind: z.literal('epoch'), run: z.string(), metrics: epochMetrics }),
  /** Plain words about something that needs a look: NaN, no learning, … */
  z.object({ kind: z.literal('warning'), run: z.string(), message: z.string() }),
]);
export type TrainingEvent = z.infer<typeof trainingEvent>;

export const trainResult = z.object({
  runFolder: z.string(),
  /** True when it was cancelled; what was learned until then is kept. */
  cancelled: z.boolean(),
  epochs: z.array(epochMetrics),
  /** On the data's own test set, where it has one. */
  test: z.object({ loss: z.number(), accuracy: z.number().optional() }).optional(),
});
export type TrainResult = z.infer<typeof trainResult>;
