/** The classify panel: a picture, its classes, and what each layer saw. */
import { z } from 'zod';
import { wireShape } from '../modelGraph';
import { classification } from '../sidecar';
import { ready } from './ready';

export const toClassify = z.discriminatedUnion('type', [
  z.object({ type: z.literal('working'), message: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  z.object({
    type: z.literal('result'),
    imageName: z.string(),
    modelName: z.string(),
    result: classification,
  }),
  /** A layer's maps for the image shown: float32, `shape` without the batch; the last axis is the channel. */
  z.object({
    type: z.literal('activation'),
    session: z.string(),
    layer: z.string(),
    shape: wireShape,
    data: z.instanceof(ArrayBuffer),
  }),
]);
export const fromClassify = z.discriminatedUnion('type', [
  ready,
  z.object({ type: z.literal('fetchActivation'), session: z.string(), layer: z.string() }),
  z.object({ type: z.literal('chooseModel') }),
  z.object({ type: z.literal('chooseImage') }),
]);
export type ToClassify = z.infer<typeof toClassify>;
export type FromClassify = z.infer<typeof fromClassify>;
