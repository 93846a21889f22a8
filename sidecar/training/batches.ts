/** Examples → tensors, one batch at a time, in the form the model takes them. */
import * as tf from '@tensorflow/tfjs';
import type { InputEncoding } from '../../protocol/sidecar';
import type { Dataset, Examples } from '../datasets/dataset';
import { encodePixels, fitExample, shift } from '../images/framing';
import { batchShape } from '../images/inputEncoding';

export interface BatchForm {
  dataset: Dataset;
  encoding: InputEncoding;
  /** The model's input shape, batch first. */
  inputShape: (number | null)[];
  /** Labels as [batch, 1] class numbers instead of one-hot [batch, classes]. */
  sparseLabels: boolean;
}

/**
 * The caller disposes both tensors.
 * @param move Asked for each example how far it is to be moved right and down, in its own pixels.
 */
export function makeBatch(
  { dataset, encoding, inputShape, sparseLabels }: BatchForm,
  examples: Examples,
  indices: Uint32Array,
  move?: () => [right: number, down: number],
): { x: tf.Tensor; y: tf.Tensor } {
  const { height, width, classNames } = dataset;
  const classes = classNames.length;
  const exampleSize = encoding.height * encoding.width * encoding.channels;
  const values = new Float32Array(indices.length * exampleSize);
  const labels = new Float32Array(indices.length * (sparseLabels ? 1 : classes));
  for (const [row, index] of indices.entries()) {
    const start = index * height * width;
    const data = examples.pixels.subarray(start, start + height * width);
    const example = { width, height, channels: 1, data };
    const fitted = fitExample(move ? shift(example, ...move()) : example, encoding);
    encodePixels(fitted.data, encoding.scale, encoding.offset, values, row * exampleSize);
    const label = examples.labels[index] ?? 0;
    if (sparseLabels) labels[row] = label;
    else labels[row * classes + label] = 1;
  }
  return {
    x: tf.tensor(values, batchShape(inputShape, encoding, indices.length)),
    y: tf.tensor2d(labels, [indices.length, sparseLabels ? 1 : classes]),
  };
}
