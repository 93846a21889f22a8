/** How a picture becomes a model's input. */
import { z } from 'zod';

export const inputEncoding = z.object({
  height: z.number(),
  width: z.number(),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Pixel value v (0 … 255) becomes v * scale + offset. */
  scale: z.number(),
  offset: z.number(),
  /** `mnist`: bright strokes on black, 20×20 digit centred by mass in 28×28, padded; `fit`: resized to cover. */
  framing: z.enum(['mnist', 'fit']),
});
export type InputEncoding = z.infer<typeof inputEncoding>;
