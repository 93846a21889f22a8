/** The classify panel's part before the answer: which model, which pictures, and how a picture becomes the model's input. */
import { z } from 'zod';
import { encodingChoice, guessedPart, inputEncoding, pictureSource, thumbnail } from '../sidecar';

/** The model that classifies. */
export const classifyModel = z.object({
  name: z.string(),
  /** A run's folder, a model.json, or an .onnx file. */
  path: z.string(),
  format: z.enum(['tfjs', 'onnx']),
  backend: z.string(),
  /** What people know it by: a run's accuracy and data, or where the file lies. */
  detail: z.string(),
  /** As the model's files say, or as is guessed where they do not. */
  ownEncoding: inputEncoding,
  /** Parts of it that are guesses. */
  guessed: z.array(guessedPart),
  /** Why, in plain words; empty: nothing is. */
  assumptions: z.string(),
  /** What people chose instead; absent: nothing. */
  choice: encodingChoice.optional(),
  /** A file with the classes' names that people chose. */
  labelsPath: z.string().optional(),
  /** Data that examples can be taken from, in a few words; absent: none is known. */
  examplesOf: z.string().optional(),
  /** In bytes: its weights, and all layers' outputs for one picture. Absent in what older versions kept. */
  memory: z.object({ weights: z.number(), activations: z.number() }).optional(),
});
export type ClassifyModel = z.infer<typeof classifyModel>;

export const pictureOrigin = z.enum(['file', 'pasted', 'dropped', 'drawn', 'painted', 'example']);
export type PictureOrigin = z.infer<typeof pictureOrigin>;

/** One picture of the strip. */
export const pictureTile = z.object({
  id: z.string(),
  name: z.string(),
  origin: pictureOrigin,
  /** Where it comes from, in plain words. */
  detail: z.string(),
  /** The class that it truly has, where that is known. */
  truth: z.string().optional(),
  /** What it is taken for; absent: not known yet. */
  best: z.object({ label: z.string(), index: z.number(), probability: z.number() }).optional(),
  /** Why it cannot be classified. */
  failure: z.string().optional(),
});
export type PictureTile = z.infer<typeof pictureTile>;

/** A picture file's content, base64. */
const pictureFile = z.object({ name: z.string(), data: z.string() });

/** Extension → webview. */
export const toClassifyInput = [
  z.object({
    type: z.literal('inputs'),
    /** Null: none is chosen yet. */
    model: classifyModel.nullable(),
    pictures: z.array(pictureTile),
    /** The picture that is looked into. */
    selected: z.string().nullable(),
    /** Something to know about what was just added, e.g. that some were left out; a sentence. */
    note: z.string().optional(),
  }),
  z.object({ type: z.literal('thumbnail'), id: z.string(), thumbnail }),
  /** Of all classes, in the model's order: float32. */
  z.object({ type: z.literal('scores'), request: z.number(), probabilities: z.instanceof(ArrayBuffer) }),
  z.object({ type: z.literal('noScores'), request: z.number(), message: z.string() }),
] as const;

/** Webview → extension. */
export const fromClassifyInput = [
  z.object({ type: z.literal('chooseModel') }),
  z.object({ type: z.literal('choosePictures'), what: z.enum(['files', 'folder']) }),
  z.object({
    type: z.literal('addFiles'),
    origin: z.enum(['pasted', 'dropped']),
    files: z.array(pictureFile),
  }),
  /** Dropped from VS Code itself: files and folders. */
  z.object({ type: z.literal('addUris'), uris: z.array(z.string()) }),
  z.object({ type: z.literal('select'), id: z.string() }),
  z.object({ type: z.literal('remove'), id: z.string() }),
  z.object({ type: z.literal('removeAll') }),
  /** Null: as the model's files say. */
  z.object({ type: z.literal('chooseEncoding'), choice: encodingChoice.nullable() }),
  z.object({ type: z.literal('chooseLabels') }),
  z.object({ type: z.literal('forgetLabels') }),
  /** The scores of a picture that is just being drawn or painted. */
  z.object({ type: z.literal('score'), request: z.number(), picture: pictureSource }),
  /** A drawing rests: it is a picture like any other now, under this id, until it is drawn on. */
  z.object({ type: z.literal('drawn'), id: z.string(), file: pictureFile }),
  /** A painted picture is to be looked into by itself. */
  z.object({ type: z.literal('keepPainted'), of: z.string(), picture: pictureSource }),
  z.object({ type: z.literal('example'), how: z.enum(['next', 'random']) }),
  z.object({ type: z.literal('dismissNote') }),
] as const;
