/** Loss and accuracy on a part of the data, in batches, leaving the event loop free in between. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tf from '@tensorflow/tfjs';
import type { DataPart } from '../../protocol/sidecar';
import { type BatchForm, batchesOf, disposeBatch } from './batches';

const evaluationBatch = 250;

/** Undefined when cancelled before the end. */
export async function evaluate(
  model: tf.LayersModel,
  form: BatchForm,
  part: DataPart,
  isCancelled: () => boolean,
): Promise<{ loss: number; accuracy: number } | undefined> {
  let [loss, accuracy, seen] = [0, 0, 0];
  const order = Uint32Array.from({ length: form.dataset.count(part) }, (_, i) => i);
  for await (const batch of batchesOf(form, part, order, evaluationBatch)) {
    if (isCancelled()) {
      disposeBatch(batch);
      return undefined;
    }
    const size = batch.indices.length;
    const scalars = model.evaluate(batch.x, batch.y, { batchSize: size }) as tf.Scalar[];
    const [batchLoss = 0, batchAccuracy = 0] = scalars.map((scalar) => scalar.dataSync()[0] ?? 0);
    loss += batchLoss * size;
    accuracy += batchAccuracy * size;
    seen += size;
    disposeBatch(batch);
    for (const scalar of scalars) scalar.dispose();
    await nextTurn();
  }
  return { loss: loss / seen, accuracy: accuracy / seen };
}
