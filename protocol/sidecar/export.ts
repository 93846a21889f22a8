/** Writing a model in another format. */
import { z } from 'zod';

export const exportModelParams = z.object({
  /** A run's folder, or a model.json in the tfjs layers format. */
  modelPath: z.string(),
  /** The .onnx file to be. Large weights go into files beside it. */
  target: z.string(),
  /** Take the place of a file that is there. */
  overwrite: z.boolean().optional(),
});
export const exportModelResult = z.object({
  /** All files that were written, the .onnx file first. */
  files: z.array(z.string()),
  bytes: z.number(),
  /** For people: what it takes and gives, e.g. `conv2d_input [batch, 28, 28, 1]`. */
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  /** The largest difference between tfjs and onnxruntime on random inputs, and how many cells were compared; or why they were not. */
  check: z.union([
    z.object({ largestDifference: z.number(), cells: z.number() }),
    z.object({ skipped: z.string() }),
  ]),
});
export type ExportModelParams = z.infer<typeof exportModelParams>;
export type ExportModelResult = z.infer<typeof exportModelResult>;

/** A sentence for people. */
export function describeCheck(check: ExportModelResult['check']): string {
  if ('skipped' in check) return `Not compared with TensorFlow.js: ${check.skipped}.`;
  const { largestDifference, cells } = check;
  return `Compared with TensorFlow.js on random inputs: ${cells.toLocaleString('en-US')} values agree within ${largestDifference.toPrecision(1)}.`;
}
