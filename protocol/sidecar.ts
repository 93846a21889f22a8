/**
 * The channel between the sidecar and whoever started it (extension or terminal): JSON-RPC on the child's stdin and
 * stdout. Each request names its parameters and its result as schemas; both sides validate on arrival. A request that
 * fails does so with a `SidecarError`'s message: what happened, where, and what to do next.
 */
import { z } from 'zod';
import { wireModelGraph } from './modelGraph';

const shape = z.array(z.number().nullable());

// --- backends ----------------------------------------------------------------------------------------------------

export const backendName = z.enum(['tensorflow', 'wasm', 'cpu']);
export type BackendName = z.infer<typeof backendName>;

export const initializeParams = z.object({
  /** `auto` walks the ladder: tfjs-node where it is installed, then wasm, then plain JavaScript. */
  backend: z.union([z.literal('auto'), backendName]),
  /** Folders whose `node_modules` may hold @tensorflow/tfjs-node, first one first. Empty in an untrusted workspace. */
  searchFolders: z.array(z.string()),
});
export const initializeResult = z.object({
  backend: backendName,
  /** One line for people, e.g. `WebAssembly (SIMD, 1 thread)`. */
  description: z.string(),
  versions: z.object({ node: z.string(), tfjs: z.string() }),
  /** Every rung of the ladder that was tried, and why it was taken or not. */
  tried: z.array(z.object({ backend: backendName, taken: z.boolean(), reason: z.string() })),
});
export type InitializeParams = z.infer<typeof initializeParams>;
export type InitializeResult = z.infer<typeof initializeResult>;

// --- data --------------------------------------------------------------------------------------------------------

export const dataSource = z.discriminatedUnion('kind', [
  /** The 10,000 digits that come with Layerwise (from MNIST's training set). */
  z.object({ kind: z.literal('bundled-mnist') }),
  /** A folder with MNIST-style idx files (train-images-idx3-ubyte …, plain or .gz). */
  z.object({ kind: z.literal('idx'), folder: z.string() }),
]);
export type DataSource = z.infer<typeof dataSource>;

export const describeDataParams = z.object({
  data: dataSource,
  /** As in `trainingOptions`; absent: 0.1. */
  validationSplit: z.number().min(0).max(0.9).optional(),
});
export const describeDataResult = z.object({
  /** E.g. `MNIST, bundled subset: 9,000 training and 1,000 validation digits, 28×28×1`. */
  description: z.string(),
  trainExamples: z.number(),
  validationExamples: z.number(),
  testExamples: z.number(),
  imageShape: shape,
  classNames: z.array(z.string()),
});
export type DescribeDataResult = z.infer<typeof describeDataResult>;

// --- training ----------------------------------------------------------------------------------------------------

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

// --- runs on disk: `<runsFolder>/<time>-<model>/run.json` -----------------------------------------------------------

export const runFile = z.object({
  version: z.literal(1),
  model: z.string(),
  createdAt: z.string(),
  status: z.enum(['running', 'finished', 'cancelled', 'failed']),
  backend: z.string(),
  data: z.object({ source: dataSource, description: z.string() }),
  options: trainingOptions,
  /** How a picture becomes the model's input. */
  input: z.object({
    height: z.number(),
    width: z.number(),
    channels: z.union([z.literal(1), z.literal(3)]),
    /** Pixel value v (0 … 255) becomes v * scale + offset. */
    scale: z.number(),
    offset: z.number(),
    /** `mnist`: bright strokes on black, 20×20 digit centred by mass in 28×28, padded; `fit`: resized to cover. */
    framing: z.enum(['mnist', 'fit']),
  }),
  classNames: z.array(z.string()),
  epochs: z.array(epochMetrics),
  test: z.object({ loss: z.number(), accuracy: z.number().optional() }).optional(),
  /** Why it failed, for `failed`. */
  error: z.string().optional(),
});
export type RunFile = z.infer<typeof runFile>;
export type InputEncoding = RunFile['input'];

// --- inference ---------------------------------------------------------------------------------------------------

export const classifyParams = z.object({
  imagePath: z.string(),
  /** A run's folder (with run.json), or a model.json in the tfjs layers format. */
  modelPath: z.string(),
  top: z.number().int().positive(),
});
export type ClassifyParams = z.infer<typeof classifyParams>;

export const layerActivationSummary = z.object({
  name: z.string(),
  className: z.string(),
  /** Without the batch; the last axis is the channel. */
  shape: z.array(z.number()),
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  /** Share of exact zeros, 0 … 1. */
  zeros: z.number(),
  /** True when there is a NaN or an infinity among them. */
  broken: z.boolean(),
});

export const classification = z.object({
  /** Names this image in `activation` requests, until the sidecar ends or 8 newer images were classified. */
  session: z.string(),
  model: z.string(),
  backend: z.string(),
  /** The picture as the network sees it. */
  input: z.object({
    width: z.number(),
    height: z.number(),
    channels: z.number(),
    /** Values 0 … 255 row by row, channels interleaved, before scaling; base64. */
    pixels: z.string(),
    /** What was done to the file's pixels, in plain words. */
    preprocessing: z.string(),
  }),
  classes: z.array(z.object({ label: z.string(), index: z.number(), probability: z.number() })),
  /** How the probabilities come from the model's outputs, where they are not simply these. */
  outputNote: z.string().optional(),
  /** In the order they are computed. Layers of nested models as `outer/inner`; further calls as `name (2)`, further outputs as `name:1`. */
  layers: z.array(layerActivationSummary),
});
export type Classification = z.infer<typeof classification>;

export const activationParams = z.object({ session: z.string(), layer: z.string() });
export const activationResult = z.object({
  shape: z.array(z.number()),
  /** Little-endian float32, base64. */
  data: z.string(),
});
export type ActivationResult = z.infer<typeof activationResult>;

// --- the channel -------------------------------------------------------------------------------------------------

/** Every request: client → sidecar. `train` honours JSON-RPC cancellation and then resolves with `cancelled: true`. */
export const sidecarRequests = {
  initialize: { params: initializeParams, result: initializeResult },
  describeData: { params: describeDataParams, result: describeDataResult },
  train: { params: trainParams, result: trainResult },
  classify: { params: classifyParams, result: classification },
  activation: { params: activationParams, result: activationResult },
} as const;

/** Notification, sidecar → client, while a `train` request is under way. */
export const trainingEventMethod = 'trainingEvent';
/** Notification, client → sidecar: end now. The sidecar also ends when its stdin closes. */
export const shutdownMethod = 'shutdown';
