/** A run or a bare model.json → a `Network`, with the input encoding that its files tell or that is assumed. */
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import type { GuessedPart, InputEncoding, RunFile } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { pictureSize } from '../images/inputEncoding';
import { loadCheckpoint } from '../runs/checkpoint';
import { readRunFile, readRunGraph } from '../runs/runFolder';
import { buildModel } from '../training/buildModel';
import { withSeed } from '../training/seededRandom';
import { loadUserCheckpoint } from '../userModule/loadUserCheckpoint';
import { TfjsNetwork } from './tfjsNetwork';

/** Size used where a model leaves its input's height and width open. */
const openSize = { height: 224, width: 224 };

export async function openRun(modelJson: string, runJson: string): Promise<TfjsNetwork> {
  const run = await readRunFile(runJson);
  return networkOf(run, runJson, () =>
    run.userModule ? loadUserCheckpoint(modelJson, run.userModule, runJson) : loadCheckpoint(modelJson),
  );
}

/** The run's model with the weights that its training began with: its seed gives the same ones every time. */
export async function openUntrainedRun(runJson: string): Promise<TfjsNetwork> {
  const run = await readRunFile(runJson);
  if (run.userModule) {
    throw new SidecarError(
      'The model of this run is built by its program, which is not run only to look at it.',
      {
        where: runJson,
      },
    );
  }
  const graph = await readRunGraph(path.dirname(runJson));
  return networkOf(run, runJson, () =>
    withSeed(run.options.seed, () => buildModel(graph, { weights: run.weights })),
  );
}

async function networkOf(
  run: RunFile,
  runJson: string,
  load: () => Promise<tf.LayersModel>,
): Promise<TfjsNetwork> {
  const { input } = run;
  if (!('height' in input)) {
    throw new SidecarError('This model was trained on the lines of a table; it takes no pictures.', {
      where: runJson,
      next: 'Choose a model that was trained on pictures.',
    });
  }
  const model = await load();
  const size = pictureSize(model.inputs[0]?.shape ?? [], input, run.model);
  if (size.height !== input.height || size.width !== input.width || size.channels !== input.channels) {
    throw new SidecarError(
      `The run says its input is ${input.height}×${input.width}×${input.channels}, its model takes ${size.height}×${size.width}×${size.channels}.`,
      { where: runJson, next: 'Its files belong to different runs, or were changed: train the model anew.' },
    );
  }
  return new TfjsNetwork(model, {
    name: run.model,
    encoding: input,
    classNames: run.classNames,
    assumptions: '',
    guessed: [],
  });
}

/** Nothing is known but the model: its classes stay numbers, and the scale is a guess unless the model itself tells. */
export async function openBareModel(modelJson: string): Promise<TfjsNetwork> {
  const model = await loadCheckpoint(modelJson);
  const size = pictureSize(model.inputs[0]?.shape ?? [], openSize, model.name);
  const { values, assumptions, guessed } = guessEncoding(model);
  return new TfjsNetwork(model, {
    name: model.name,
    encoding: { ...size, ...values, framing: 'fit' },
    classNames: [],
    assumptions,
    guessed: size.channels === 1 ? guessed.filter((part) => part !== 'channelOrder') : guessed,
  });
}

/** Certain where the model rescales by itself or is of a family that is always trained alike; else said to be a guess. */
function guessEncoding(model: tf.LayersModel): {
  values: Pick<InputEncoding, 'scale' | 'offset'>;
  assumptions: string;
  guessed: readonly GuessedPart[];
} {
  if (rescalesItself(model)) {
    return { values: { scale: 1, offset: 0 }, assumptions: '', guessed: ['channelOrder', 'framing'] };
  }
  // keras.applications.mobilenet and MobileNet's tfjs files: trained on v/127.5 − 1.
  if (/^mobilenet/i.test(model.name)) {
    return { values: { scale: 1 / 127.5, offset: -1 }, assumptions: '', guessed: ['framing'] };
  }
  return {
    values: { scale: 1 / 255, offset: 0 },
    assumptions: 'scale assumed, since no run.json says how the model was trained',
    guessed: ['scale', 'channelOrder', 'framing'],
  };
}

/** True when the first layer after the input is a Rescaling: the model takes pixel values as they are. */
function rescalesItself(model: tf.LayersModel): boolean {
  const first = model.layers.find((layer) => layer.getClassName() !== 'InputLayer');
  if (first && 'layers' in first) return rescalesItself(first as tf.LayersModel);
  return first?.getClassName() === 'Rescaling';
}
