/** Running a model on a picture, and looking inside. */
import { z } from 'zod';
import { dataPart, dataSource, thumbnail } from './data';
import { encodingChoice, guessedPart, inputEncoding } from './inputEncoding';

/** Where a picture comes from. */
export const pictureSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string() }),
  /** A whole picture file (PNG, JPEG, …) that was pasted, dropped or drawn; base64. */
  z.object({ kind: z.literal('bytes'), name: z.string(), data: z.string() }),
  /** Pixels as the network sees them, of the very size of its input: what an answer's `input.pixels` holds, perhaps painted over. */
  z.object({
    kind: z.literal('pixels'),
    name: z.string(),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    channels: z.union([z.literal(1), z.literal(3)]),
    /** Values 0 … 255 row by row, channels interleaved; base64. */
    data: z.string(),
  }),
  /** An example of a data set, read as training reads it. */
  z.object({
    kind: z.literal('example'),
    name: z.string(),
    data: dataSource,
    /** As in `trainingOptions`: it decides which examples are the validation part. */
    validationSplit: z.number().min(0).max(0.9),
    part: dataPart,
    index: z.number().int().nonnegative(),
  }),
]);
export type PictureSource = z.infer<typeof pictureSource>;

export const classifyParams = z.object({
  picture: pictureSource,
  /** A run's folder (with run.json), a model.json in the tfjs layers format, or an .onnx file. */
  modelPath: z.string(),
  top: z.number().int().positive(),
  /** For a run: with the weights that its training began with, made again by its seed. */
  untrained: z.boolean().optional(),
  /**
   * Also the picture as the network sees it and a summary of what every layer put out, which together take longer than the
   * classes do. Absent: the classes alone; each layer can be asked for later all the same.
   */
  details: z.boolean().optional(),
  /** What people chose; absent: as the model's files say, else as assumed. */
  encoding: encodingChoice.optional(),
  /** A file with the classes' names; absent: the run's, else ImageNet's where there are as many. */
  labelsPath: z.string().optional(),
});
export type ClassifyParams = z.infer<typeof classifyParams>;

/** What one picture is taken for, without looking inside: quick, and no session is kept. */
export const scorePictureParams = classifyParams.omit({ details: true }).extend({
  /** Longest side in pixels of the small picture that is wanted, too; absent: none. */
  thumbnail: z.number().int().min(8).max(256).optional(),
});
export const scorePictureResult = z.object({
  /** The most probable ones, `top` at most. */
  classes: z.array(z.object({ label: z.string(), index: z.number(), probability: z.number() })),
  /** Of all classes in the model's order: little-endian float32, base64. */
  probabilities: z.string(),
  /** The picture itself, not as the network sees it. */
  thumbnail: thumbnail.optional(),
});
export type ScorePictureResult = z.infer<typeof scorePictureResult>;

/** What there is to know of a model before it runs. */
export const describeNetworkParams = z.object({ modelPath: z.string() });
export const describeNetworkResult = z.object({
  name: z.string(),
  format: z.enum(['tfjs', 'onnx']),
  backend: z.string(),
  encoding: inputEncoding,
  assumptions: z.string(),
  guessed: z.array(guessedPart),
  classNames: z.array(z.string()),
  memory: z.object({ weights: z.number(), activations: z.number(), peak: z.number() }),
  layers: z.array(z.object({ name: z.string(), className: z.string(), shape: z.array(z.number()) })),
});
export type DescribeNetworkResult = z.infer<typeof describeNetworkResult>;

/** What a model takes of memory, told without loading it. */
export const modelMemoryParams = z.object({ modelPath: z.string() });
/** In bytes; `activations`: all layers' outputs for one picture, null where that is not known before. */
export const modelMemoryResult = z.object({
  weights: z.number(),
  /** The most that opening it holds at a time. */
  loading: z.number(),
  /** The most that writing it as ONNX holds at a time, with the comparison that follows. */
  exporting: z.number(),
  activations: z.number().nullable(),
});
export type ModelMemory = z.infer<typeof modelMemoryResult>;

/** Which axis of a shape without the batch is the channel. */
export const layerLayout = z.enum(['channelsLast', 'channelsFirst']);
export type LayerLayout = z.infer<typeof layerLayout>;

export const layerActivationSummary = z.object({
  name: z.string(),
  className: z.string(),
  /** Without the batch. */
  shape: z.array(z.number()),
  /** Absent: `channelsLast`. */
  layout: layerLayout.optional(),
  /** Of the values that are numbers. */
  min: z.number(),
  max: z.number(),
  mean: z.number(),
  /** Share of exact zeros, 0 … 1. */
  zeros: z.number(),
  /** How many values are NaN, and how many are infinite. */
  nan: z.number(),
  infinite: z.number(),
});
export type LayerActivationSummary = z.infer<typeof layerActivationSummary>;

export const classification = z.object({
  /** Names this image in further requests, until the sidecar ends or 8 newer images were classified. */
  session: z.string(),
  model: z.string(),
  /** tfjs models have gradients and thus Grad-CAM; ONNX models have not. */
  format: z.enum(['tfjs', 'onnx']),
  /** What computed it, e.g. `WebAssembly (SIMD, 1 thread)`. */
  backend: z.string(),
  /** The picture as the network sees it. */
  input: z.object({
    width: z.number(),
    height: z.number(),
    channels: z.number(),
    /** With `details`: values 0 … 255 row by row, channels interleaved, before scaling; base64. Else empty. */
    pixels: z.string(),
    /** What was done to the file's pixels, in plain words. */
    preprocessing: z.string(),
    encoding: inputEncoding,
    /** What of the encoding is a guess, in plain words; empty: nothing is. */
    assumptions: z.string(),
    /** Which parts of the encoding nothing but convention says. */
    guessed: z.array(guessedPart),
  }),
  /** Where the classes' names come from, in plain words; empty: there are none. */
  labels: z.string(),
  classCount: z.number(),
  classes: z.array(z.object({ label: z.string(), index: z.number(), probability: z.number() })),
  /** How the probabilities come from the model's outputs, where they are not simply these. */
  outputNote: z.string().optional(),
  /** In bytes: the model's weights, all layers' outputs, and the most that a run holds at a time. */
  memory: z.object({ weights: z.number(), activations: z.number(), peak: z.number() }),
  /** With `details`, in the order they are computed; else empty. Layers of nested models as `outer/inner`; further calls as `name (2)`, further outputs as `name:1`. */
  layers: z.array(layerActivationSummary),
});
export type Classification = z.infer<typeof classification>;

export const classScoresParams = z.object({ session: z.string() });
/** Of every class, in the order of the model's output. */
export const classScoresResult = z.object({
  labels: z.array(z.string()),
  probabilities: z.array(z.number()),
});
export type ClassScoresResult = z.infer<typeof classScoresResult>;

export const activationParams = z.object({ session: z.string(), layer: z.string() });
export const activationResult = z.object({
  shape: z.array(z.number()),
  layout: layerLayout.optional(),
  /** Little-endian float32, base64. */
  data: z.string(),
});
export type ActivationResult = z.infer<typeof activationResult>;

/** Chosen by the caller; stands in every `inferenceProgress` notification of this request. */
const progressToken = z.string().optional();

export const inferenceProgress = z.object({
  token: z.string(),
  /** 0 … 1. */
  fraction: z.number(),
  message: z.string(),
});
export type InferenceProgress = z.infer<typeof inferenceProgress>;

export const attributionMethod = z.enum(['gradCam', 'occlusion', 'integratedGradients']);
export type AttributionMethod = z.infer<typeof attributionMethod>;

export const attributionParams = z.object({
  session: z.string(),
  method: attributionMethod,
  classIndex: z.number().int().nonnegative(),
  /** Grad-CAM: which layer's maps; absent: the last ones that are maps. */
  layer: z.string().optional(),
  /** Integrated gradients: steps on the way from black (1 … 512). */
  steps: z.number().int().min(1).max(512).optional(),
  /** Occlusion: side of the grey square in pixels; absent: an eighth of the picture. */
  patch: z.number().int().min(1).optional(),
  progress: progressToken,
});
export type AttributionParams = z.infer<typeof attributionParams>;

export const attributionResult = z.object({
  method: attributionMethod,
  classIndex: z.number(),
  layer: z.string().optional(),
  /** Of the map: the layer's own size for Grad-CAM, the picture's for integrated gradients, places of the square for occlusion. */
  height: z.number(),
  width: z.number(),
  /** Little-endian float32, row by row, base64. Positive: speaks for the class. */
  data: z.string(),
  /** The class's score that is explained: before the softmax where gradients are used, its probability for occlusion. */
  score: z.number(),
  /** How it was computed and how to read it, in plain words. */
  note: z.string(),
  /** Integrated gradients: the sum of all contributions and the difference of scores that it must equal. */
  completeness: z.object({ sum: z.number(), difference: z.number() }).optional(),
});
export type AttributionResult = z.infer<typeof attributionResult>;

export const filtersParams = z.object({ session: z.string(), layer: z.string() });
export type FiltersParams = z.infer<typeof filtersParams>;
export const filtersResult = z.object({
  /** [height, width, channels in, filters]; for depthwise convolutions the last is the multiplier. */
  shape: z.array(z.number()),
  /** Little-endian float32, base64. */
  data: z.string(),
  bias: z.array(z.number()).optional(),
});
export type FiltersResult = z.infer<typeof filtersResult>;

export const exciteParams = z.object({
  session: z.string(),
  layer: z.string(),
  channel: z.number().int().nonnegative(),
  steps: z.number().int().min(1).max(500),
  seed: z.number().int(),
  progress: progressToken,
});
export type ExciteParams = z.infer<typeof exciteParams>;
export const exciteResult = z.object({
  width: z.number(),
  height: z.number(),
  channels: z.number(),
  /** The picture found, 0 … 255, as in `input.pixels`. */
  pixels: z.string(),
  /** The channel's mean before the first step and after each. */
  scores: z.array(z.number()),
  note: z.string(),
});
export type ExciteResult = z.infer<typeof exciteResult>;

export const explainCellParams = z.object({
  session: z.string(),
  /** `''` is the picture as the model takes it. */
  layer: z.string(),
  /** The cell, without the batch. */
  index: z.array(z.number().int().nonnegative()),
});
export type ExplainCellParams = z.infer<typeof explainCellParams>;

/** Rows and columns from `top` and `left` on; may stick out where the layer pads. */
export const cellWindow = z.object({
  top: z.number(),
  left: z.number(),
  height: z.number(),
  width: z.number(),
});
export type CellWindow = z.infer<typeof cellWindow>;

const softmaxTerms = z.object({
  /** The largest score, which is subtracted from all so that no exponential overflows. */
  largestScore: z.number(),
  /** Sum of all exponentials. */
  total: z.number(),
  /** The largest ones, and the asked one among them. */
  terms: z.array(z.object({ index: z.number(), score: z.number(), exponential: z.number() })),
});

const explainedBase = {
  className: z.string(),
  /** The cell's value in the layer's own output. */
  value: z.number(),
  /** The same from the arithmetic shown here. */
  computed: z.number(),
  /** The layer whose output this one reads, `''` for the picture itself. */
  inputLayer: z.string(),
  inputShape: z.array(z.number()),
  /** Of the input; absent: `channelsLast`. */
  layout: layerLayout.optional(),
  /** The part of the picture, in the network's pixels, that can influence the cell; absent where it is not known. */
  receptiveField: cellWindow.optional(),
  /** The arithmetic in one line, e.g. `relu(3.21 + 0.12) = 3.33`. */
  formula: z.string(),
};
export const explainCellResult = z.discriminatedUnion('kind', [
  /** Σ patch ⊙ kernel + bias → activation. Values in the order [height, width, channels]. */
  z.object({
    kind: z.literal('convolution'),
    ...explainedBase,
    window: cellWindow,
    dilation: z.tuple([z.number(), z.number()]),
    /** That are read: all of the input's, or one where the convolution is depthwise. */
    channels: z.number(),
    /** The first of them. */
    firstChannel: z.number(),
    /** Zero where the window sticks out. */
    patch: z.array(z.number()),
    kernel: z.array(z.number()),
    /** One for each input channel: the sum of its products. */
    channelSums: z.array(z.number()),
    bias: z.number(),
    sum: z.number(),
    activation: z.string(),
  }),
  z.object({
    kind: z.literal('pooling'),
    ...explainedBase,
    window: cellWindow,
    operation: z.enum(['max', 'average']),
    patch: z.array(z.number()),
    /** Which cells of the patch are in the input at all. */
    inside: z.array(z.boolean()),
    /** Cells outside of the input count as zeros in the mean. */
    countsPadding: z.boolean().optional(),
    /** The largest one's place in the patch, for `max`. */
    winner: z.number().optional(),
  }),
  z.object({
    kind: z.literal('dense'),
    ...explainedBase,
    /** The strongest by size, first one first. */
    contributions: z.array(
      z.object({ index: z.number(), input: z.number(), weight: z.number(), product: z.number() }),
    ),
    /** Sum of the products that are not listed, and how many they are. */
    rest: z.number(),
    restCount: z.number(),
    bias: z.number(),
    sum: z.number(),
    activation: z.string(),
    /** Where the layer ends in a softmax. */
    softmax: softmaxTerms.optional(),
  }),
  /** One value from a few: activations, normalization, sums, cells that are only passed on. */
  z.object({
    kind: z.literal('elementwise'),
    ...explainedBase,
    /** `from`: the cell of another layer's output that the value is. */
    terms: z.array(
      z.object({
        label: z.string(),
        value: z.number(),
        from: z.object({ layer: z.string(), index: z.array(z.number()) }).optional(),
      }),
    ),
  }),
  /** Exponentials of all scores, divided by their sum. */
  z.object({ kind: z.literal('softmax'), ...explainedBase, softmax: softmaxTerms }),
  /** Anything else: the input values that it was made of are not taken apart. */
  z.object({ kind: z.literal('other'), ...explainedBase, reason: z.string() }),
]);
export type ExplainCellResult = z.infer<typeof explainCellResult>;
