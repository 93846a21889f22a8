/** Training a model: its options, what is told while it runs, and what came of it. */
import { z } from 'zod';
import { wireModelGraph } from '../modelGraph';
import { augmentation, dataSource, exampleDescription } from './data';
import { userModule } from './userModule';

/** tfjs's own optimizers, by the name of their function in `tf.train`. */
export const optimizerName = z.enum(['sgd', 'momentum', 'adagrad', 'adadelta', 'adam', 'adamax', 'rmsprop']);
export type OptimizerName = z.infer<typeof optimizerName>;

/** A figure of an epoch that decides something. Accuracies are better when higher, losses when lower. */
export const monitor = z.enum(['validationLoss', 'validationAccuracy', 'loss', 'accuracy']);
export type Monitor = z.infer<typeof monitor>;

export const earlyStopping = z.object({
  monitor,
  /** Training ends when this many epochs in a row were not better than the best; the best epoch's weights are restored. */
  patience: z.number().int().positive(),
  /** Less than this is no improvement. */
  minimumChange: z.number().min(0),
});
export type EarlyStopping = z.infer<typeof earlyStopping>;

export const reduceOnPlateau = z.object({
  monitor,
  /** After `patience` epochs without improvement the learning rate is multiplied by this. */
  factor: z.number().gt(0).lt(1),
  patience: z.number().int().positive(),
  minimumLearningRate: z.number().min(0),
});
export type ReduceOnPlateau = z.infer<typeof reduceOnPlateau>;

export const trainingOptions = z.object({
  epochs: z.number().int().positive(),
  batchSize: z.number().int().positive(),
  /** Absent: the optimizer of the source's `compile`, else adam. */
  optimizer: optimizerName.optional(),
  /** Absent: the learning rate of the source's `compile`, else the optimizer's own default. */
  learningRate: z.number().positive().optional(),
  /** The learning rate is multiplied by this after every epoch. Absent: it stays. */
  learningRateDecay: z.number().positive().max(1).optional(),
  reduceOnPlateau: reduceOnPlateau.optional(),
  earlyStopping: earlyStopping.optional(),
  /**
   * What an example counts in the loss, by its class: `balanced` (each class counts alike, however many examples it
   * has) or one number a class. Absent: each example counts 1. Classification only.
   */
  classWeights: z.union([z.literal('balanced'), z.array(z.number().positive())]).optional(),
  /** How training pictures are changed at random. Absent: they stay as they are. */
  augmentation: augmentation.optional(),
  /** Fraction of the training examples kept for validation, where the data has no validation part of its own. */
  validationSplit: z.number().min(0).max(0.9),
  /** A checkpoint is written after each epoch, and within an epoch when the last is this many minutes old. Absent: 5. */
  checkpointMinutes: z.number().positive().optional(),
  seed: z.number().int(),
});
export type TrainingOptions = z.infer<typeof trainingOptions>;

export const trainParams = z.object({
  /** Chosen by the caller; stands in every event of this run. */
  run: z.string(),
  model: wireModelGraph,
  /** Runs the program itself for what the graph does not hold: custom layers, lost parts. Trusted workspaces only. */
  userModule: userModule.optional(),
  /** A model.json of the same layers, whose weights training begins with. Absent: new ones, as the initializers make them. */
  weights: z.string().optional(),
  data: dataSource,
  options: trainingOptions,
  /** `<workspace>/.layerwise/runs`; the run gets a new folder in it. */
  runsFolder: z.string(),
});
export type TrainParams = z.infer<typeof trainParams>;

/** Continues a run from its last checkpoint, as if it had never been interrupted. */
export const resumeParams = z.object({
  run: z.string(),
  /** The run's folder: model, data and options are its own. */
  runFolder: z.string(),
  /** More epochs than the run was begun with. Absent: as many. */
  epochs: z.number().int().positive().optional(),
});
export type ResumeParams = z.infer<typeof resumeParams>;

/** For `pauseTraining` and `continueTraining`: the run under way. A pause ends with `continueTraining` or by cancelling. */
export const pauseParams = z.object({ run: z.string() });
export const pauseResult = z.object({ paused: z.boolean() });

/** How good a model is on examples. Classification has `accuracy`, regression `meanAbsoluteError`. */
export const score = z.object({
  loss: z.number(),
  accuracy: z.number().optional(),
  meanAbsoluteError: z.number().optional(),
});
export type Score = z.infer<typeof score>;

export const epochMetrics = score.extend({
  /** Counted from 1. */
  epoch: z.number(),
  validationLoss: z.number().optional(),
  validationAccuracy: z.number().optional(),
  validationMeanAbsoluteError: z.number().optional(),
  /** The one this epoch was trained with. */
  learningRate: z.number().optional(),
  seconds: z.number(),
});
export type EpochMetrics = z.infer<typeof epochMetrics>;

/** One example of the data and what the model makes of it. Classes by their number in `classNames`. */
export const judgedExample = exampleDescription.extend({
  labelIndex: z.number(),
  predictedIndex: z.number(),
  /** Given to the predicted class, 0 … 1. */
  probability: z.number(),
  loss: z.number(),
});
export type JudgedExample = z.infer<typeof judgedExample>;

/** Of the last evaluation of a run on a part of its data: the examples of class `label` taken for class `predicted`. */
export const confusionExamplesParams = z.object({
  runFolder: z.string(),
  part: z.enum(['validation', 'test']),
  label: z.number().int().min(0),
  predicted: z.number().int().min(0),
  limit: z.number().int().positive().max(200),
});
export const confusionExamplesResult = z.object({
  /** The first `limit`, those with the highest loss first. */
  examples: z.array(judgedExample),
  total: z.number(),
});
export type ConfusionExamples = z.infer<typeof confusionExamplesResult>;

export const layerHealth = z.object({
  /** Layers of nested models as `outer/inner`. */
  layer: z.string(),
  /** Euclidean norm of all its weights. */
  weightNorm: z.number(),
  /** Norm of what one step changed in its trainable weights, as a share of their own norm. Healthy: about 0.001. */
  updateRatio: z.number().optional(),
  /** Share of its units that put out zero for every one of some examples. Layers that end in a ReLU only. */
  deadUnits: z.number().optional(),
  /** Share of zeros among what it puts out for these examples. */
  zeros: z.number().optional(),
  /** A weight is NaN or infinite. */
  broken: z.boolean(),
});
export type LayerHealth = z.infer<typeof layerHealth>;

/** Of one batch, as it is told and as it is kept. */
export const batchMetrics = z.object({
  epoch: z.number(),
  /** Counted from 1 within the epoch. */
  batch: z.number(),
  batchesPerEpoch: z.number(),
  /** Means over the epoch so far. */
  loss: z.number(),
  accuracy: z.number().optional(),
  meanAbsoluteError: z.number().optional(),
  /** Of this batch alone. */
  batchLoss: z.number().optional(),
  batchAccuracy: z.number().optional(),
  learningRate: z.number().optional(),
});

export const trainingEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    run: z.string(),
    runFolder: z.string(),
    backend: z.string(),
    dataDescription: z.string(),
    params: z.number(),
    /** What it holds of memory, in words; absent where the sizes are not known before. */
    memory: z.string().optional(),
    batchesPerEpoch: z.number(),
    epochs: z.number(),
    classNames: z.array(z.string()).optional(),
    /** Where a resumed run goes on: the epochs that are done, and the batches done of the next. */
    resumed: z.object({ epochs: z.array(epochMetrics), batch: z.number() }).optional(),
  }),
  batchMetrics.extend({
    kind: z.literal('batch'),
    run: z.string(),
    examplesPerSecond: z.number(),
    secondsLeft: z.number(),
  }),
  z.object({ kind: z.literal('epoch'), run: z.string(), metrics: epochMetrics }),
  /** After each epoch on the validation examples, and at the end on the test examples. Classification only. */
  z.object({
    kind: z.literal('evaluation'),
    run: z.string(),
    epoch: z.number(),
    part: z.enum(['validation', 'test']),
    examples: z.number(),
    /** How many examples of class [label] were taken for class [predicted]. */
    confusion: z.array(z.array(z.number())),
    /** Wrong answers, those with the highest loss first; at most 24. */
    worstMistakes: z.array(judgedExample),
  }),
  /** Now and then: how the layers do. In the order of the model. */
  z.object({
    kind: z.literal('health'),
    run: z.string(),
    epoch: z.number(),
    batch: z.number(),
    layers: z.array(layerHealth),
  }),
  /** Everything up to this batch is on disk: a resumed run goes on after it. */
  z.object({ kind: z.literal('checkpoint'), run: z.string(), epoch: z.number(), batch: z.number() }),
  z.object({ kind: z.literal('paused'), run: z.string(), paused: z.boolean() }),
  /** Plain words about something that needs a look: NaN, dead units, no learning, … */
  z.object({
    kind: z.literal('warning'),
    run: z.string(),
    message: z.string(),
    /** Which layer it is about. */
    layer: z.string().optional(),
  }),
]);
export type TrainingEvent = z.infer<typeof trainingEvent>;

export const trainResult = z.object({
  runFolder: z.string(),
  /** True when it was cancelled; what was learned until then is kept. */
  cancelled: z.boolean(),
  epochs: z.array(epochMetrics),
  /** The epoch whose weights the run ends with, where early stopping restored them. */
  restoredEpoch: z.number().optional(),
  /** On the data's own test set, where it has one. */
  test: score.optional(),
});
export type TrainResult = z.infer<typeof trainResult>;
