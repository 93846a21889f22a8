/** The classify panel: a picture, its classes, and what each layer saw. */
import { z } from 'zod';
import { classification } from '../sidecar';
import { fromLooking, toLooking } from './looking';
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
  ...toLooking,
]);
export const fromClassify = z.discriminatedUnion('type', [
  ready,
  ...fromLooking,
  z.object({ type: z.literal('chooseModel') }),
  z.object({ type: z.literal('chooseImage') }),
]);
export type ToClassify = z.infer<typeof toClassify>;
export type FromClassify = z.infer<typeof fromClassify>;
