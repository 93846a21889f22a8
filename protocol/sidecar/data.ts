/** What a model is trained on. */
import { z } from 'zod';

const shape = z.array(z.number().nullable());

export const dataSource = z.discriminatedUnion('kind', [
  /** The 10,000 digits that come with Layerwise (from MNIST's training set). */
  z.object({ kind: z.literal('bundled-mnist') }),
  /** A folder with MNIST-style idx files (train-images-idx3-ubyte …, plain or .gz). */
  z.object({ kind: z.literal('idx'), folder: z.string() }),
]);
export type DataSource = z.infer<typeof dataSource>;

export const describeDataParams = z.object({
  data: dataSource,
  /** As in `trainingOptions`; absent: 0.1. */
  validationSplit: z.number().min(0).max(0.9).optional(),
});
export const describeDataResult = z.object({
  /** E.g. `MNIST, bundled subset: 9,000 training and 1,000 validation digits, 28×28×1`. */
  description: z.string(),
  trainExamples: z.number(),
  validationExamples: z.number(),
  testExamples: z.number(),
  imageShape: shape,
  classNames: z.array(z.string()),
});
export type DescribeDataResult = z.infer<typeof describeDataResult>;
