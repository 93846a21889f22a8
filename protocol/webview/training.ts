/** The training panel: the form before a start, a run while it learns and after, and runs compared. */
import { z } from 'zod';
import {
  confusionExamplesResult,
  describeDataResult,
  epochMetrics,
  exampleDescription,
  score,
  trainingEvent,
  trainingOptions,
} from '../sidecar';
import { ready } from './ready';

export const trainingPhase = z.enum([
  /** Until the compute process has the data. */
  'starting',
  'running',
  'paused',
  'cancelling',
  // The rest are final.
  'finished',
  'cancelled',
  'failed',
  'interrupted',
]);
export type TrainingPhase = z.infer<typeof trainingPhase>;

export const trainingState = z.object({
  phase: trainingPhase,
  modelName: z.string(),
  /** What people call this run; absent: by its time. */
  runName: z.string().optional(),
  startedAt: z.string().optional(),
  dataDescription: z.string(),
  backend: z.string().optional(),
  options: trainingOptions,
  /** Seconds of training, by the extension's clock. */
  elapsedSeconds: z.number(),
  epochs: z.array(epochMetrics),
  runFolder: z.string().optional(),
  /** Empty where a number is predicted. */
  classNames: z.array(z.string()).optional(),
  /** On the data's own test set, once the run is over and where there is one. */
  test: score.optional(),
  /** The epoch whose weights are kept, where that is not the last. */
  restoredEpoch: z.number().optional(),
  /** There is a checkpoint to go on from. */
  resumable: z.boolean().optional(),
  /** What happened and what to do next, for `failed` and `interrupted`. */
  message: z.string().optional(),
});
export type TrainingState = z.infer<typeof trainingState>;

/** What a training would be started with. */
export const trainingSetup = z.object({
  /** Whose form it is: models of two files may have one name. */
  id: z.string(),
  modelName: z.string(),
  /** E.g. `32×32×1 → 10 · 61,706 parameters`. */
  modelSummary: z.string(),
  /** What its memory is computed from; absent where a size is not known. */
  sizes: z
    .object({ params: z.number(), trainableParams: z.number(), activationBytes: z.number() })
    .optional(),
  /** Sizes that the source leaves open, by the names that it has for them; null: neither given nor told by the data. */
  openSizes: z.array(z.object({ name: z.string(), value: z.number().nullable() })),
  /** Where the analysis does not hold all of the model: the program's own code can build it, if people let it run. */
  program: z
    .object({
      /** What is not known, without a full stop. */
      reason: z.string(),
      /** What would run, e.g. `build of net.ts`. */
      what: z.string(),
      runs: z.boolean(),
    })
    .optional(),
  options: trainingOptions,
  /** What `compile` in the source says, for the fields that are left to it. */
  compiled: z.object({
    optimizer: z.string().optional(),
    learningRate: z.number().optional(),
    loss: z.string().optional(),
  }),
  data: z.discriminatedUnion('state', [
    z.object({ state: z.literal('reading'), name: z.string() }),
    z.object({ state: z.literal('known'), name: z.string(), facts: describeDataResult }),
    z.object({ state: z.literal('failed'), name: z.string(), message: z.string() }),
  ]),
});
export type TrainingSetup = z.infer<typeof trainingSetup>;

/** A run whose curves lie over those of the run that is shown. */
export const comparedRun = z.object({
  /** The run's folder. */
  id: z.string(),
  name: z.string(),
  state: trainingState,
  events: z.array(trainingEvent),
});
export type ComparedRun = z.infer<typeof comparedRun>;

export const toTraining = z.discriminatedUnion('type', [
  /** The form before a start. */
  z.object({ type: z.literal('setup'), setup: trainingSetup }),
  /** All there is to know of a run; sent on `ready` and whenever its phase changes. */
  z.object({ type: z.literal('state'), state: trainingState, events: z.array(trainingEvent) }),
  /** One more event of the run that is shown. */
  z.object({ type: z.literal('event'), event: trainingEvent }),
  /** The runs that are shown with it; none: it stands alone. */
  z.object({ type: z.literal('compared'), runs: z.array(comparedRun) }),
  /** What stands behind a cell of the confusion matrix. */
  z.object({
    type: z.literal('confusionExamples'),
    part: z.enum(['validation', 'test']),
    label: z.number(),
    predicted: z.number(),
    result: z.union([confusionExamplesResult, z.object({ failure: z.string() })]),
  }),
]);
export type ToTraining = z.infer<typeof toTraining>;

/** Numbers for `openSizes`, by their names. */
const sizes = z.record(z.string(), z.number().int().positive());

export const fromTraining = z.discriminatedUnion('type', [
  ready,
  // --- the form ---
  z.object({ type: z.literal('start'), options: trainingOptions, sizes: sizes.optional() }),
  /** What is filled in so far, so that it is not lost. */
  z.object({ type: z.literal('optionsChanged'), options: trainingOptions }),
  /** What was filled in for open sizes. */
  z.object({ type: z.literal('sizesChanged'), sizes }),
  /** Whether the program's own code may build the model. */
  z.object({ type: z.literal('runProgram'), runs: z.boolean() }),
  z.object({ type: z.literal('chooseData') }),
  /** Shows the layer whose property should be another number. */
  z.object({
    type: z.literal('fixSource'),
    layerId: z.string(),
    property: z.string(),
    from: z.number(),
    to: z.number(),
  }),
  // --- the run ---
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('continue') }),
  z.object({ type: z.literal('resume') }),
  /** Opens the form again. */
  z.object({ type: z.literal('trainAgain') }),
  z.object({ type: z.literal('revealRun') }),
  z.object({ type: z.literal('classifyWithRun') }),
  z.object({
    type: z.literal('showConfusion'),
    part: z.enum(['validation', 'test']),
    label: z.number(),
    predicted: z.number(),
  }),
  /** Classifies an example of the data with the run that is shown, to see what each layer makes of it. */
  z.object({ type: z.literal('openExample'), example: exampleDescription }),
  // --- comparing ---
  z.object({ type: z.literal('compareWith') }),
  z.object({ type: z.literal('stopComparing'), id: z.string() }),
]);
export type FromTraining = z.infer<typeof fromTraining>;
