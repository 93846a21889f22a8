/** What a model is trained on: where it comes from, what is in it, and how it goes with a model. */
import { z } from 'zod';
import { wireModelGraph, wireShape } from '../modelGraph';
import { memoryLimit } from './backends';

/**
 * The file that makes a folder one of idx files. MNIST's names occur with a hyphen and with a dot before `idx`; EMNIST's
 * begin with the name of the set, which is the first group.
 */
export const trainImagesName = /^(.*-)?train-images[-.]idx3-ubyte(?:\.gz)?$/;

/** The examples that the weights are fitted to, those that each epoch is judged by, and those kept until the end. */
export const dataPart = z.enum(['train', 'validation', 'test']);
export type DataPart = z.infer<typeof dataPart>;

export const dataSource = z.discriminatedUnion('kind', [
  /** The 10,000 digits that come with Layerwise (from MNIST's training set). */
  z.object({ kind: z.literal('bundled-mnist') }),
  /** A folder with MNIST-style idx files (train-images-idx3-ubyte …, plain or .gz). */
  z.object({
    kind: z.literal('idx'),
    folder: z.string(),
    /** Absent: Fashion-MNIST's where the folder holds it, else the numbers. */
    classNames: z.array(z.string()).optional(),
  }),
  /** A folder with a sub-folder of pictures per class; perhaps with train, validation and test above those. */
  z.object({ kind: z.literal('folder'), folder: z.string() }),
  /** A table, one example a line. */
  z.object({
    kind: z.literal('csv'),
    file: z.string(),
    /** The column to be predicted: its name, or its number counted from 0. Absent: `label` or `class`, else the last one. */
    labelColumn: z.union([z.string(), z.number().int().nonnegative()]).optional(),
    /** Whether the first line names the columns. Absent: it does when one of its cells is no number. */
    header: z.boolean().optional(),
    /** Absent: classes, unless the labels are many distinct numbers. */
    task: z.enum(['classification', 'regression']).optional(),
    /** Whether each line is a picture, e.g. MNIST's label and 784 pixels. Absent: where the table is certainly that. */
    pictures: z.boolean().optional(),
  }),
]);
export type DataSource = z.infer<typeof dataSource>;

/** Pictures are changed at random, anew in each epoch, so that the network learns what does not matter. */
export const augmentation = z.object({
  /** Moved by up to this share of the width and of the height, each way, in whole pixels. */
  shift: z.number().min(0).max(0.5).optional(),
  /** Mirrored left to right, every second picture. */
  horizontalFlip: z.boolean().optional(),
  /** Turned by up to this many degrees, each way. */
  rotation: z.number().min(0).max(180).optional(),
  /** Enlarged or shrunk by up to this share. */
  zoom: z.number().min(0).max(0.9).optional(),
  /** Brightened or darkened by up to this share. */
  brightness: z.number().min(0).max(1).optional(),
});
export type Augmentation = z.infer<typeof augmentation>;

/** A small picture. */
export const thumbnail = z.object({
  width: z.number(),
  height: z.number(),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Values 0 … 255 row by row, channels interleaved; base64. */
  pixels: z.string(),
});
export type Thumbnail = z.infer<typeof thumbnail>;

/** One example, as people tell it from others. */
export const exampleDescription = z.object({
  part: dataPart,
  /** Counted from 0 within its part. */
  index: z.number(),
  /** The class's name, or the value. */
  label: z.string(),
  /** The file it comes from, where it has one of its own. */
  path: z.string().optional(),
  /** Its line in a table, counted from 1. */
  line: z.number().optional(),
  thumbnail: thumbnail.optional(),
  /** A table's cells without the label. */
  values: z.array(z.number()).optional(),
});
export type ExampleDescription = z.infer<typeof exampleDescription>;

/** What one example is. */
export const exampleKind = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('image'),
    /** Null where the pictures have various sizes. */
    height: z.number().nullable(),
    width: z.number().nullable(),
    channels: z.union([z.literal(1), z.literal(3)]),
  }),
  z.object({ kind: z.literal('row'), columns: z.array(z.string()) }),
]);
export type ExampleKind = z.infer<typeof exampleKind>;

/** What is predicted: one of some classes, or a number. */
export const targetKind = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('classes'), classNames: z.array(z.string()) }),
  z.object({ kind: z.literal('value'), name: z.string() }),
]);
export type TargetKind = z.infer<typeof targetKind>;

const partCounts = z.object({ train: z.number(), validation: z.number(), test: z.number() });

/** What of the data does not go with the model as it stands, and what can be done about it. */
export const dataMismatch = z.object({
  what: z.enum(['input', 'output']),
  /** A full sentence. */
  message: z.string(),
  fix: z.discriminatedUnion('kind', [
    /** Done while reading; nothing has to be changed. */
    z.object({
      kind: z.literal('encoding'),
      how: z.array(z.enum(['resize', 'pad', 'grayscale', 'colour', 'flatten'])),
    }),
    /** One number of the source is to be changed. */
    z.object({
      kind: z.literal('source'),
      layer: z.string(),
      layerId: z.string(),
      property: z.string(),
      from: z.number(),
      to: z.number(),
    }),
    /** Only people can: another model or other data. */
    z.object({ kind: z.literal('none'), next: z.string() }),
  ]),
});
export type DataMismatch = z.infer<typeof dataMismatch>;

export const describeDataParams = z.object({
  data: dataSource,
  /** As in `trainingOptions`; absent: 0.1. */
  validationSplit: z.number().min(0).max(0.9).optional(),
  /** The model it is to be trained on: the answer then tells how the two go together. */
  model: wireModelGraph.optional(),
  /** Absent: 3. */
  samplesPerClass: z.number().int().min(0).max(20).optional(),
});
export type DescribeDataParams = z.infer<typeof describeDataParams>;

export const describeDataResult = z.object({
  /** E.g. `MNIST, bundled subset: 9,000 training and 1,000 validation digits, 28×28×1`. */
  description: z.string(),
  counts: partCounts,
  example: exampleKind,
  target: targetKind,
  /** For classes: how many examples each has, in the order of the classes. */
  perClass: z.array(partCounts),
  /** A few examples: of each class for classes, the first ones otherwise. */
  samples: z.array(exampleDescription),
  /** What was left out or looks wrong; full sentences. */
  warnings: z.array(z.string()),
  /** What training can have of memory. */
  memoryLimit: memoryLimit.optional(),
  /** How it goes with the model that was asked about. */
  model: z
    .object({
      /** Nothing but the encoding stands between the data and the model. */
      fits: z.boolean(),
      mismatches: z.array(dataMismatch),
      /** Sizes that the model leaves to be named, e.g. `numClasses`; while there are any, the rest is not told. */
      symbols: z.array(z.object({ name: z.string(), suggestion: z.number().optional() })),
      /** Without the batch, where known. */
      inputShape: wireShape.optional(),
      outputShape: wireShape.optional(),
    })
    .optional(),
});
export type DescribeDataResult = z.infer<typeof describeDataResult>;

/** One example to look at. */
export const dataExampleParams = z.object({
  data: dataSource,
  validationSplit: z.number().min(0).max(0.9),
  /** Absent: the test part, else the validation part, else the training part, whichever there is. */
  part: dataPart.optional(),
  /** Counted round: behind the last comes the first. Absent: any, at random. */
  index: z.number().int().nonnegative().optional(),
});
export const dataExampleResult = z.object({
  example: exampleDescription,
  /** How many the part has. */
  count: z.number(),
  /** What the data is, e.g. `MNIST, bundled subset`. */
  title: z.string(),
  /** What its examples are called, e.g. `digits`. */
  noun: z.string(),
});
export type DataExampleResult = z.infer<typeof dataExampleResult>;
