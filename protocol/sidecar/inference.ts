/** Running a model on a picture, and looking inside. */
import { z } from 'zod';

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
