/** Examples → tensors, one batch at a time, in the form the model takes them. */
import * as tf from '@tensorflow/tfjs';
import type { DataPart, InputEncoding, RowEncoding } from '../../protocol/sidecar';
import { classNamesOf, type Dataset } from '../datasets/dataset';
import { type Augmenter, augmentPicture } from '../images/augmentation';
import { pixelEncoder } from '../images/framing';
import { batchShape } from '../images/inputEncoding';

export interface BatchForm {
  dataset: Dataset;
  encoding: InputEncoding | RowEncoding;
  /** The model's input shape, batch first. */
  inputShape: (number | null)[];
  /** Classes as [batch, 1] class numbers instead of one-hot [batch, classes]. A predicted value is always [batch, 1]. */
  sparseLabels: boolean;
}

/** Whoever takes a batch disposes its tensors. */
export interface Batch {
  x: tf.Tensor;
  y: tf.Tensor;
  /** Which examples these are: as asked for, without those that could not be read. Perhaps none. */
  indices: Uint32Array;
}

/**
 * Batches of `batchSize` examples in the given order, the last one perhaps smaller; none is empty. While the caller
 * works on one, the next one is read: at most one waits. Stopping early (`break`, `return`) frees it.
 */
export async function* batchesOf(
  form: BatchForm,
  part: DataPart,
  order: Uint32Array,
  batchSize: number,
  augmenter?: Augmenter,
): AsyncGenerator<Batch, void, void> {
  const startAt = (start: number) => {
    if (start >= order.length) return undefined;
    const batch = makeBatch(form, part, order.subarray(start, start + batchSize), augmenter);
    // It is awaited later; until then a failure must not count as unhandled.
    batch.catch(() => {});
    return batch;
  };
  let upcoming = startAt(0);
  try {
    for (let start = batchSize; upcoming; start += batchSize) {
      const batch: Batch = await upcoming;
      upcoming = startAt(start);
      if (batch.indices.length > 0) yield batch;
      else disposeBatch(batch);
    }
  } finally {
    await upcoming?.then(disposeBatch, () => {});
  }
}

export function disposeBatch({ x, y }: Batch): void {
  x.dispose();
  y.dispose();
}

/** @param augmenter Changes the pictures at random; training only. */
export async function makeBatch(
  { dataset, encoding, inputShape, sparseLabels }: BatchForm,
  part: DataPart,
  wanted: ArrayLike<number>,
  augmenter?: Augmenter,
): Promise<Batch> {
  const { indices, values: stored } = await dataset.read(part, wanted, encoding);
  const values = new Float32Array(stored.length);
  if ('height' in encoding) {
    const size = encoding.height * encoding.width * encoding.channels;
    const encode = pixelEncoder(encoding.scale, encoding.offset);
    for (const [row, index] of indices.entries()) {
      const pixels = (stored as Uint8Array).subarray(row * size, (row + 1) * size);
      if (augmenter) augmentPicture(pixels, encoding, augmenter, index);
      encode(pixels, values, row * size);
    }
  } else {
    const { means, deviations } = encoding;
    for (let i = 0; i < stored.length; i++) {
      const column = i % means.length;
      values[i] = ((stored[i] ?? 0) - (means[column] ?? 0)) / (deviations[column] ?? 1);
    }
  }
  const single = dataset.target.kind === 'value' || sparseLabels;
  const width = single ? 1 : classNamesOf(dataset).length;
  const labels = new Float32Array(indices.length * width);
  for (const [row, index] of indices.entries()) {
    const label = dataset.label(part, index);
    if (single) labels[row] = label;
    else labels[row * width + label] = 1;
  }
  const shape =
    'height' in encoding
      ? batchShape(inputShape, encoding, indices.length)
      : [indices.length, ...inputShape.slice(1).map((size) => size ?? encoding.columns.length)];
  return { x: tf.tensor(values, shape), y: tf.tensor2d(labels, [indices.length, width]), indices };
}
