/** How an example becomes a model's input. */
import { z } from 'zod';

/** One number for all channels, or one for each in the order red, green, blue. */
const perChannel = z.union([z.number(), z.array(z.number()).min(1).max(3)]);
export type PerChannel = z.infer<typeof perChannel>;

export const framingName = z.enum(['mnist', 'fit', 'contain', 'stretch']);
export type FramingName = z.infer<typeof framingName>;

export const inputEncoding = z.object({
  height: z.number(),
  width: z.number(),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Pixel value v (0 … 255) becomes v * scale + offset. */
  scale: perChannel,
  offset: perChannel,
  /** In which order the model takes a pixel's channels; absent: `rgb`. */
  channelOrder: z.enum(['rgb', 'bgr']).optional(),
  /** How the values lie in memory; absent: `channelsLast`, as tfjs has it. ONNX models mostly take `channelsFirst`. */
  layout: z.enum(['channelsLast', 'channelsFirst']).optional(),
  /**
   * `mnist`: bright strokes on black, 20×20 digit centred by mass in 28×28, padded; `fit`: resized to cover, what
   * sticks out cropped; `contain`: resized to be seen whole, black around it; `stretch`: proportions not kept.
   */
  framing: framingName,
});
export type InputEncoding = z.infer<typeof inputEncoding>;

/** What people may choose differently from what the model's files say. The size is the model's own. */
export const encodingChoice = inputEncoding
  .pick({ scale: true, offset: true, channelOrder: true, framing: true })
  .partial();
export type EncodingChoice = z.infer<typeof encodingChoice>;

/** A table's line: each cell v becomes (v − mean) / deviation of its column over the training examples. */
export const rowEncoding = z.object({
  columns: z.array(z.string()),
  means: z.array(z.number()),
  /** 1 where a column never changes. */
  deviations: z.array(z.number()),
});
export type RowEncoding = z.infer<typeof rowEncoding>;
