/**
 * Loads what was trained of a model that a program built. A saved topology names the program's own layers, but rarely
 * holds all that they were made with; so the program builds the model again, and the weights are put into it.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { UserModule } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { readCheckpoint } from '../runs/checkpoint';
import { buildUserModel } from './buildUserModel';

/**
 * @param runJson The run that names the program: only one of the run's own workspace is run.
 * @throws SidecarError when the program has changed so that the weights do not fit any more.
 */
export async function loadUserCheckpoint(
  modelJson: string,
  userModule: UserModule,
  runJson: string,
): Promise<tf.LayersModel> {
  await checkIsOfWorkspace(userModule.file, path.dirname(runJson));
  const { weightSpecs, weightData } = await readCheckpoint(modelJson);
  const model = await buildUserModel(userModule);
  // tfjs numbers layers without a name through the process's life: names differ, the order does not.
  const saved = weightSpecs.map(({ name, shape }) => ({ name, shape: shape.join('×') }));
  const own = model.weights.map(({ shape }) => shape.join('×'));
  const differing = saved.findIndex(({ shape }, i) => shape !== own[i]);
  if (saved.length !== own.length || differing >= 0) {
    model.dispose();
    throw new SidecarError(
      saved.length === own.length
        ? `The program's model has changed since it was trained: \`${saved[differing]?.name}\` is ${saved[differing]?.shape} in the checkpoint and ${own[differing]} in the program.`
        : `The program's model has changed since it was trained: the checkpoint has ${saved.length} weights, the program's model ${own.length}.`,
      { where: userModule.file, next: 'Bring the program back to what it was, or train again.' },
    );
  }
  const named = tf.io.decodeWeights(weightData, weightSpecs);
  try {
    model.setWeights(weightSpecs.map(({ name }) => named[name] as tf.Tensor));
  } finally {
    tf.dispose(named);
  }
  return model;
}

/**
 * A run is data and may come from anywhere: it must not name code that lies elsewhere.
 * @throws SidecarError when it does.
 */
export async function checkIsOfWorkspace(file: string, folderOfRun: string): Promise<void> {
  const program = await realpath(file).catch(() => {
    throw new SidecarError('The program that built this run’s model is not there any more.', { where: file });
  });
  const workspace = workspaceOf(await realpath(folderOfRun));
  if (!isWithin(program, workspace)) {
    throw new SidecarError('This run was built by a program outside of its workspace, which is not run.', {
      where: file,
      next: `Only programs in ${workspace} are.`,
    });
  }
}

/** @throws SidecarError when what is trained could not be opened again, since `checkIsOfWorkspace` would refuse it. */
export async function checkCanBeOpenedAgain(file: string, runsFolder: string): Promise<void> {
  const workspace = workspaceOf(path.join(await realOf(runsFolder), 'run'));
  if (isWithin(await realOf(file), workspace)) return;
  throw new SidecarError(
    `The program lies outside of ${workspace}, where the run would be kept: it could not be opened again.`,
    { where: file, next: 'Keep the runs in a folder beside the program.' },
  );
}

function workspaceOf(runFolder: string): string {
  const parts = runFolder.split(path.sep);
  const at = parts.lastIndexOf('.layerwise');
  return at > 0 ? parts.slice(0, at).join(path.sep) : path.resolve(runFolder, '..', '..');
}

function isWithin(file: string, folder: string): boolean {
  return file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}

/** Links followed as far as there is something. */
async function realOf(file: string): Promise<string> {
  const parent = path.dirname(file);
  return realpath(file).catch(async () =>
    parent === file ? file : path.join(await realOf(parent), path.basename(file)),
  );
}
