/** Opens a run or a bare model.json for inference; keeps the last few, until their files change. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import type { InputEncoding } from '../../protocol/sidecar';
import { SidecarError, systemErrorCode } from '../errors';
import { pictureSize } from '../images/inputEncoding';
import { checkpointFingerprint, loadCheckpoint } from '../runs/checkpoint';
import { readRunFile } from '../runs/runFolder';

/** Size used where a model leaves its input's height and width open. */
const openSize = { height: 224, width: 224 };
const modelsKept = 3;

export class LoadedModel {
  private users = 0;

  constructor(
    readonly name: string,
    readonly model: tf.LayersModel,
    readonly encoding: InputEncoding,
    readonly classNames: string[],
    /** What was assumed since nothing says it. */
    readonly assumptions: string,
  ) {}

  /** The cache and every session hold the model; the last one to let go frees its weights. */
  hold(): this {
    this.users++;
    return this;
  }

  release(): void {
    if (--this.users === 0) this.model.dispose();
  }
}

const cache = new Map<string, LoadedModel>();

/**
 * @param modelPath A run's folder, its run.json or checkpoint/model.json; or any model.json with its weights.
 * @throws SidecarError
 */
export async function openModel(modelPath: string): Promise<LoadedModel> {
  const { modelJson, runJson } = await locate(modelPath);
  const fingerprints = await Promise.all(
    [modelJson, ...(runJson ? [runJson] : [])].map(checkpointFingerprint),
  );
  const key = [modelJson, ...fingerprints].join('|');
  const cached = cache.get(key);
  if (cached) {
    cache.delete(key);
    cache.set(key, cached);
    return cached;
  }
  const loaded = runJson ? await openRun(modelJson, runJson) : await openBare(modelJson);
  cache.set(key, loaded.hold());
  for (const [oldKey, old] of cache) {
    // Older states of the same file, and the least recently used of the rest.
    if (oldKey !== key && (oldKey.startsWith(`${modelJson}|`) || cache.size > modelsKept)) {
      cache.delete(oldKey);
      old.release();
    }
  }
  return loaded;
}

async function openRun(modelJson: string, runJson: string): Promise<LoadedModel> {
  const run = await readRunFile(runJson);
  const model = await loadCheckpoint(modelJson);
  checkEnds(model, run.model);
  const size = pictureSize(model.inputs[0]?.shape ?? [], run.input, run.model);
  if (
    size.height !== run.input.height ||
    size.width !== run.input.width ||
    size.channels !== run.input.channels
  ) {
    throw new SidecarError(
      `The run says its input is ${run.input.height}×${run.input.width}×${run.input.channels}, its model takes ${size.height}×${size.width}×${size.channels}.`,
      { where: runJson },
    );
  }
  return new LoadedModel(run.model, model, run.input, run.classNames, '');
}

/** Nothing is known but the model: its classes stay numbers, and the scale is a stated assumption. */
async function openBare(modelJson: string): Promise<LoadedModel> {
  const model = await loadCheckpoint(modelJson);
  checkEnds(model, model.name);
  const size = pictureSize(model.inputs[0]?.shape ?? [], openSize, model.name);
  return new LoadedModel(
    model.name,
    model,
    { ...size, scale: 1 / 255, offset: 0, framing: 'fit' },
    [],
    'scale assumed, since no run.json says how the model was trained',
  );
}

function checkEnds(model: tf.LayersModel, name: string): void {
  if (model.inputs.length !== 1) {
    throw new SidecarError(
      `The model \`${name}\` has ${model.inputs.length} inputs; classifying a picture needs one.`,
    );
  }
  const output = model.outputs[0]?.shape ?? [];
  if (
    model.outputs.length !== 1 ||
    output.slice(1).filter((dim) => dim !== 1).length > 1 ||
    output.length < 2
  ) {
    throw new SidecarError(
      `The model \`${name}\` is no classifier: it puts out ${model.outputs.map(({ shape }) => `[${shape.slice(1).join(', ')}]`).join(' and ')} instead of one list of classes.`,
    );
  }
}

async function locate(modelPath: string): Promise<{ modelJson: string; runJson?: string }> {
  const given = path.resolve(modelPath);
  if (given.toLowerCase().endsWith('.onnx')) {
    throw new SidecarError('ONNX models cannot be run yet.', {
      where: given,
      next: 'Use a run or a tfjs model.json.',
    });
  }
  let isFolder: boolean;
  try {
    isFolder = (await stat(given)).isDirectory();
  } catch (error) {
    throw new SidecarError(
      systemErrorCode(error) === 'ENOENT'
        ? 'There is no such run or model.'
        : 'This run or model cannot be read.',
      {
        where: given,
      },
    );
  }
  const exists = (file: string) =>
    stat(file).then(
      (found) => found.isFile(),
      () => false,
    );
  const folder = isFolder ? given : path.dirname(given);
  const inRun = path.join(folder, 'run.json');
  if ((isFolder || path.basename(given) === 'run.json') && (await exists(inRun))) {
    const modelJson = path.join(folder, 'checkpoint', 'model.json');
    if (!(await exists(modelJson))) {
      throw new SidecarError('This run has no checkpoint: it ended before its first epoch did.', {
        where: folder,
      });
    }
    return { modelJson, runJson: inRun };
  }
  const modelJson = isFolder ? path.join(given, 'model.json') : given;
  if (isFolder && !(await exists(modelJson))) {
    throw new SidecarError('This folder holds neither a run.json nor a model.json.', { where: given });
  }
  const ofRun = path.join(path.dirname(modelJson), '..', 'run.json');
  const inCheckpoint = path.basename(path.dirname(modelJson)) === 'checkpoint';
  return inCheckpoint && (await exists(ofRun)) ? { modelJson, runJson: path.resolve(ofRun) } : { modelJson };
}
