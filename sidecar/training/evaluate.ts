/** Loss and accuracy on examples, in batches, leaving the event loop free in between. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tf from '@tensorflow/tfjs';
import type { Examples } from '../datasets/dataset';
import { type BatchForm, makeBatch } from './batches';

const evaluationBatch = 250;

/** Examples `from` up to, not including, `to`. Undefined when cancelled before the end. */
export async function evaluate(
  model: tf.LayersModel,
  form: BatchForm,
  examples: Examples,
  from: number,
  to: number,
  isCancelled: () => boolean,
): Promise<{ loss: number; accuracy: number } | undefined> {
  let [loss, accuracy] = [0, 0];
  for (let start = from; start < to; start += evaluationBatch) {
    if (isCancelled()) return undefined;
    const size = Math.min(evaluationBatch, to - start);
    const { x, y } = makeBatch(
      form,
      examples,
      Uint32Array.from({ length: size }, (_, i) => start + i),
    );
    const scalars = model.evaluate(x, y, { batchSize: size }) as tf.Scalar[];
    const [batchLoss = 0, batchAccuracy = 0] = scalars.map((scalar) => scalar.dataSync()[0] ?? 0);
    loss += batchLoss * size;
    accuracy += batchAccuracy * size;
    for (const tensor of [x, y, ...scalars]) tensor.dispose();
    await nextTurn();
  }
  return { loss: loss / (to - from), accuracy: accuracy / (to - from) };
}
