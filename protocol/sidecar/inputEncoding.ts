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

/**
 * The ways in which published models take their pixels, as scale and offset for red, green and blue. `mean` and `std`
 * are ImageNet's, in 0 … 1, as torchvision and `keras.applications` (mode `torch`) use them; `caffe` is that of the
 * original VGG weights.
 */
export const encodingPresets = {
  unit: { name: '0 … 1', scale: 1 / 255, offset: 0 },
  signed: { name: '−1 … 1', scale: 1 / 127.5, offset: -1 },
  imagenet: {
    name: 'ImageNet mean and deviation',
    scale: [1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)],
    offset: [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225],
  },
  caffe: {
    name: 'ImageNet mean subtracted, blue first (original VGG)',
    scale: 1,
    offset: [-123.68, -116.779, -103.939],
    channelOrder: 'bgr',
  },
  raw: { name: '0 … 255, as they are', scale: 1, offset: 0 },
} as const satisfies Record<
  string,
  {
    name: string;
    scale: number | readonly number[];
    offset: number | readonly number[];
    channelOrder?: 'bgr';
  }
>;
export type EncodingPreset = keyof typeof encodingPresets;

/** What people may choose differently from what the model's files say. The size is the model's own. */
export const encodingChoice = inputEncoding
  .pick({ scale: true, offset: true, channelOrder: true, framing: true })
  .partial();
export type EncodingChoice = z.infer<typeof encodingChoice>;

/** A part of an encoding that the model's files may leave to be guessed. `scale` stands for the offset, too. */
export const guessedPart = z.enum(['scale', 'channelOrder', 'framing']);
export type GuessedPart = z.infer<typeof guessedPart>;

/** A table's line: each cell v becomes (v − mean) / deviation of its column over the training examples. */
export const rowEncoding = z.object({
  columns: z.array(z.string()),
  means: z.array(z.number()),
  /** 1 where a column never changes. */
  deviations: z.array(z.number()),
});
export type RowEncoding = z.infer<typeof rowEncoding>;
