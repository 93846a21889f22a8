/**
 * What the classify panel asks of a classified picture's insides, one question after the other, as people look. Every
 * question has a number, which its answer bears; long ones tell their progress and can be cancelled.
 */
import { z } from 'zod';
import {
  attributionParams,
  attributionResult,
  classification,
  classScoresResult,
  exciteParams,
  exciteResult,
  explainCellParams,
  explainCellResult,
  filtersParams,
  filtersResult,
  layerLayout,
} from '../sidecar';

const ofLayer = filtersParams.pick({ layer: true });
const buffer = z.instanceof(ArrayBuffer);

export const lookQuestion = z.discriminatedUnion('kind', [
  /** What a layer put out. */
  z.object({ kind: z.literal('maps'), ...ofLayer.shape }),
  /** The scores of all classes. */
  z.object({ kind: z.literal('classes') }),
  /** How a cell of a layer's output came about. */
  z.object({ kind: z.literal('cell'), ...explainCellParams.omit({ session: true }).shape }),
  z.object({
    kind: z.literal('attribution'),
    ...attributionParams.omit({ session: true, progress: true }).shape,
  }),
  /** The kernels of a convolution. */
  z.object({ kind: z.literal('filters'), ...ofLayer.shape }),
  /** The input that excites a channel most. */
  z.object({ kind: z.literal('excite'), ...exciteParams.omit({ session: true, progress: true }).shape }),
]);
export type LookQuestion = z.infer<typeof lookQuestion>;

export const lookAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('maps'),
    /** Without the batch. */
    shape: z.array(z.number()),
    /** Absent: `channelsLast`. */
    layout: layerLayout.optional(),
    /** Float32. */
    data: buffer,
  }),
  z.object({ kind: z.literal('classes'), ...classScoresResult.shape }),
  z.object({ kind: z.literal('cell'), explanation: explainCellResult }),
  /** `data`: float32, row by row. */
  z.object({ kind: z.literal('attribution'), ...attributionResult.shape, data: buffer }),
  /** `data`: float32, [height, width, channels in, filters]. */
  z.object({ kind: z.literal('filters'), ...filtersResult.shape, data: buffer }),
  /** `pixels`: 0 … 255, channels interleaved. */
  z.object({ kind: z.literal('excite'), ...exciteResult.shape, pixels: buffer }),
]);
export type LookAnswer = z.infer<typeof lookAnswer>;

/** The part of the panel's channel that looks inside: extension → webview. */
export const toLooking = [
  z.object({ type: z.literal('answer'), question: z.number(), answer: lookAnswer }),
  /** No answer: why, in a sentence. */
  z.object({
    type: z.literal('refused'),
    question: z.number(),
    message: z.string(),
    cancelled: z.boolean(),
  }),
  z.object({
    type: z.literal('progress'),
    question: z.number(),
    /** 0 … 1. */
    fraction: z.number(),
    message: z.string(),
  }),
  /** What the picture shown is compared with: being computed, computed, impossible, nothing. */
  z.object({ type: z.literal('comparing'), message: z.string() }),
  z.object({
    type: z.literal('comparison'),
    imageName: z.string(),
    modelName: z.string(),
    result: classification,
  }),
  z.object({ type: z.literal('comparisonFailed'), message: z.string() }),
  z.object({ type: z.literal('noComparison') }),
  /** Another view shows a layer: this one shall, too. Names as in `Classification.layers`; null: none. */
  z.object({ type: z.literal('selectLayer'), layer: z.string().nullable() }),
] as const;

/** Webview → extension. */
export const fromLooking = [
  z.object({
    type: z.literal('ask'),
    question: z.number(),
    /** Of the classified picture, as in its result. */
    session: z.string(),
    about: lookQuestion,
  }),
  z.object({ type: z.literal('cancel'), question: z.number() }),
  /**
   * Another picture with the same model, or another model with the same picture, is asked for; `untrained`: the model's run
   * before its training.
   */
  z.object({ type: z.literal('compareWith'), what: z.enum(['picture', 'model', 'untrained']) }),
  z.object({ type: z.literal('stopComparing') }),
  /** People turned to a layer here. */
  z.object({ type: z.literal('layerSelected'), layer: z.string().nullable() }),
] as const;
