/** The classify panel: a picture, its classes, and what each layer saw. */
import { z } from 'zod';
import { classification } from '../sidecar';
import { fromClassifyInput, toClassifyInput } from './classifyInput';
import { fromLooking, toLooking } from './looking';
import { ready } from './ready';

export const toClassify = z.discriminatedUnion('type', [
  z.object({ type: z.literal('idle') }),
  z.object({ type: z.literal('working'), message: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string() }),
  /** The picture that is looked into and what came out; stays while others fail. */
  z.object({
    type: z.literal('result'),
    /** Its id among the `inputs`. */
    picture: z.string(),
    imageName: z.string(),
    modelName: z.string(),
    result: classification,
  }),
  /** No picture is looked into any more. */
  z.object({ type: z.literal('noResult') }),
  ...toClassifyInput,
  ...toLooking,
]);
export const fromClassify = z.discriminatedUnion('type', [ready, ...fromClassifyInput, ...fromLooking]);
export type ToClassify = z.infer<typeof toClassify>;
export type FromClassify = z.infer<typeof fromClassify>;
