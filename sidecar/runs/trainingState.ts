/**
 * `checkpoint/training.json`: all that a run needs to go on exactly where it was. It names its own weight files, so it is
 * whole whatever became of `model.json`, which names the weights that people use: the best epoch's where early stopping
 * looks for it, else the latest.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { epochMetrics, monitor } from '../../protocol/sidecar';
import { messageOf, SidecarError, systemErrorCode } from '../errors';

const count = z.number().int().nonnegative();
const shape = z.array(count);

const weightsFile = z.object({
  file: z.string(),
  /** As in a model.json's manifest, in the order of the model's weights. */
  specs: z.array(z.object({ name: z.string(), shape, dtype: z.string() })),
});
export type WeightsFile = z.infer<typeof weightsFile>;

const watched = z.object({ best: z.number().nullable(), bestEpoch: z.number(), epochsSince: z.number() });

export const trainingState = z.object({
  version: z.literal(1),
  weights: weightsFile,
  best: z.object({ epoch: z.number(), monitor, value: z.number(), weights: weightsFile }).optional(),
  optimizer: z.object({
    className: z.string(),
    iterations: count,
    file: z.string(),
    variables: z.array(
      z.object({
        field: z.string(),
        index: count.optional(),
        name: z.string(),
        shape,
      }),
    ),
  }),
  /** The epoch under way, counted from 1, and how many of its batches are done. */
  position: z.object({ epoch: count.min(1), batch: count }),
  /** Of the batches done in that epoch: sums over examples, to be divided by `examples`. */
  sums: z.object({ examples: count, loss: z.number(), metric: z.number(), seconds: z.number() }),
  schedule: z.object({
    learningRate: z.number(),
    plateau: watched,
    stopping: watched,
    stopped: z.boolean(),
  }),
  /** Those that are done. */
  epochs: z.array(epochMetrics),
  /** How far the logs reached, in bytes. */
  logs: z.record(z.string(), count),
  /** What it was trained on: a run goes on only with as many examples. */
  examples: z.object({ train: count, validation: count }),
});
export type TrainingState = z.infer<typeof trainingState>;

export const stateFileName = 'training.json';

/** @throws SidecarError when the run has none, or not a whole one. */
export async function readTrainingState(checkpointFolder: string): Promise<TrainingState> {
  const file = path.join(checkpointFolder, stateFileName);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new SidecarError(
      systemErrorCode(error) === 'ENOENT'
        ? 'This run cannot be resumed: it has no checkpoint to go on from.'
        : `The run's checkpoint cannot be read (${messageOf(error)}).`,
      { where: file, next: 'Train the model anew.' },
    );
  }
  try {
    return trainingState.parse(JSON.parse(text));
  } catch (error) {
    throw new SidecarError('The run’s checkpoint is not one that this version of Layerwise wrote.', {
      where: file,
      next: 'Train the model anew.',
      cause: error,
    });
  }
}
