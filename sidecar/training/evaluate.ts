/** What a model makes of a part of the data, example by example, leaving the event loop free in between. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tf from '@tensorflow/tfjs';
import type { Score } from '../../protocol/sidecar';
import { classNamesOf } from '../datasets/dataset';
import { type Batch, type BatchForm, batchesOf, disposeBatch } from './batches';
import type { Compiled, OutputMeaning } from './compile';

const largestBatch = 250;
const smallestBatch = 16;

export type JudgedPart = 'validation' | 'test';

/** Of each example in turn; broken ones are left out. */
export interface Judgements {
  part: JudgedPart;
  score: Score;
  /** Which examples these are. */
  indices: Uint32Array;
  losses: Float32Array;
  /** Classification only. */
  classes?: {
    count: number;
    labels: Uint16Array;
    predicted: Uint16Array;
    /** Given to the predicted class. */
    probabilities: Float32Array;
  };
}

export interface Judge {
  model: tf.LayersModel;
  form: BatchForm;
  compiled: Pick<Compiled, 'exampleLosses' | 'outputs'>;
  /** The training's: judging needs less memory for as many examples. */
  batchSize: number;
}

/** Undefined when cancelled before the end. */
export async function evaluate(
  { model, form, compiled, batchSize }: Judge,
  part: JudgedPart,
  isCancelled: () => boolean,
): Promise<Judgements | undefined> {
  const { dataset } = form;
  const count = dataset.count(part);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const indices = new Uint32Array(count);
  const losses = new Float32Array(count);
  const classCount = classNamesOf(dataset).length;
  const classes = classCount > 0 ? newClasses(count, classCount) : undefined;
  const size = Math.min(Math.max(batchSize, smallestBatch), largestBatch);
  let [seen, loss, right, absoluteError] = [0, 0, 0, 0];
  for await (const batch of batchesOf(form, part, order, size)) {
    if (isCancelled()) {
      disposeBatch(batch);
      return undefined;
    }
    const { outputs, batchLosses } = await judgeBatch(model, compiled, batch);
    for (const [row, index] of batch.indices.entries()) {
      indices[seen] = index;
      losses[seen] = batchLosses[row] ?? Number.NaN;
      loss += losses[seen] as number;
      const label = dataset.label(part, index);
      if (classes) {
        const width = outputs.length / batch.indices.length;
        const answer = answerOf(outputs.subarray(row * width, (row + 1) * width), compiled.outputs);
        classes.labels[seen] = label;
        classes.predicted[seen] = answer.index;
        classes.probabilities[seen] = answer.probability;
        if (answer.index === label) right++;
      } else absoluteError += Math.abs((outputs[row] ?? Number.NaN) - label);
      seen++;
    }
    await nextTurn();
  }
  return {
    part,
    score: {
      loss: loss / seen,
      ...(classes ? { accuracy: right / seen } : { meanAbsoluteError: absoluteError / seen }),
    },
    indices: indices.subarray(0, seen),
    losses: losses.subarray(0, seen),
    ...(classes
      ? {
          classes: {
            count: classCount,
            labels: classes.labels.subarray(0, seen),
            predicted: classes.predicted.subarray(0, seen),
            probabilities: classes.probabilities.subarray(0, seen),
          },
        }
      : {}),
  };
}

/** How many examples of class [label] were taken for class [predicted]. */
export function confusionOf({ count, labels, predicted }: NonNullable<Judgements['classes']>): number[][] {
  const matrix = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (const [i, label] of labels.entries()) {
    const row = matrix[label];
    const column = predicted[i] ?? 0;
    if (row) row[column] = (row[column] ?? 0) + 1;
  }
  return matrix;
}

/** Places in `judgements` of those that `wanted` holds for, those with the highest loss first. */
export function worstFirst({ losses }: Judgements, wanted: (place: number) => boolean): number[] {
  const places: number[] = [];
  for (let place = 0; place < losses.length; place++) if (wanted(place)) places.push(place);
  return places.sort((a, b) => (losses[b] ?? 0) - (losses[a] ?? 0));
}

/** Disposes the batch. */
async function judgeBatch(
  model: tf.LayersModel,
  { exampleLosses }: Pick<Compiled, 'exampleLosses'>,
  batch: Batch,
): Promise<{ outputs: Float32Array; batchLosses: Float32Array }> {
  const predicted = model.predictOnBatch(batch.x) as tf.Tensor;
  const lossOfEach = exampleLosses(batch.y, predicted);
  try {
    return {
      outputs: (await predicted.data()) as Float32Array,
      batchLosses: (await lossOfEach.data()) as Float32Array,
    };
  } finally {
    predicted.dispose();
    lossOfEach.dispose();
    disposeBatch(batch);
  }
}

function newClasses(count: number, classCount: number) {
  if (classCount > 0xffff) throw new Error(`${classCount} classes are more than the confusion can count`);
  return {
    labels: new Uint16Array(count),
    predicted: new Uint16Array(count),
    probabilities: new Float32Array(count),
  };
}

/** The class that one example's outputs stand for, as tfjs's accuracies take them: of equal ones the first. */
function answerOf(outputs: Float32Array, meaning: OutputMeaning): { index: number; probability: number } {
  if (meaning === 'probabilityOfSecond') {
    const second = outputs[0] ?? 0;
    // tfjs-layers metrics.ts binaryAccuracy: above one half.
    return second > 0.5 ? { index: 1, probability: second } : { index: 0, probability: 1 - second };
  }
  let index = 0;
  for (let i = 1; i < outputs.length; i++) if ((outputs[i] ?? 0) > (outputs[index] ?? 0)) index = i;
  const highest = outputs[index] ?? 0;
  if (meaning !== 'scores') return { index, probability: highest };
  const sum = outputs.reduce((total, score) => total + Math.exp(score - highest), 0);
  return { index, probability: 1 / sum };
}
