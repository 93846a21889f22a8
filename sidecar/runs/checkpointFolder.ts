/**
 * Writes a run's `checkpoint/` so that it holds a whole state at any moment: weights go under names of their own, then
 * `model.json` and `training.json`, which name them, are each replaced in one step, then what neither names is removed.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { SidecarError } from '../errors';
import type { OptimizerState } from '../training/optimizerState';
import { temporaryEnding, writeFileAtomically } from './atomicFile';
import { byteLengthOf } from './checkpoint';
import { stateFileName, type TrainingState, type WeightsFile } from './trainingState';

export const checkpointFolderName = 'checkpoint';

/** Numbers at one moment, in memory: training may go on while they are written. Their file's name says what is in it. */
interface Snapshot<T> {
  described: T;
  bytes: Uint8Array;
}

export class CheckpointFolder {
  private topology: Pick<tf.io.ModelArtifacts, 'modelTopology' | 'generatedBy'> = {};

  private constructor(
    readonly folder: string,
    /** The weights that `model.json` names, where there is one. */
    private publishedFile: string | undefined,
  ) {}

  static async open(runFolder: string): Promise<CheckpointFolder> {
    const folder = path.join(runFolder, checkpointFolderName);
    await mkdir(folder, { recursive: true });
    return new CheckpointFolder(folder, await weightsOf(path.join(folder, 'model.json')));
  }

  /** No checkpoint was ever written here. */
  async isEmpty(): Promise<boolean> {
    return !(await readdir(this.folder)).some((name) => name === 'model.json' || name === stateFileName);
  }

  /** The model's present weights. @returns undefined when one of them is NaN or infinite. */
  async takeWeights(model: tf.LayersModel): Promise<Snapshot<WeightsFile> | undefined> {
    const { weightSpecs = [], weightData, modelTopology, generatedBy } = await artifactsOf(model);
    this.topology = { modelTopology, generatedBy };
    const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData ?? new ArrayBuffer(0)));
    if (!allFinite(bytes, weightSpecs)) return undefined;
    const specs = weightSpecs.map(({ name, shape, dtype }) => ({ name, shape, dtype }));
    return { described: { file: fileNameOf('weights', bytes), specs }, bytes };
  }

  takeOptimizer(className: string, state: OptimizerState): Snapshot<TrainingState['optimizer']> {
    const bytes = Buffer.concat(
      state.variables.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
    );
    const variables = state.variables.map(({ values: _, ...variable }) => variable);
    const file = fileNameOf('optimizer', bytes);
    return { described: { className, iterations: state.iterations, file, variables }, bytes };
  }

  /** Nothing refers to the files yet. */
  async writeNumbers(snapshots: Snapshot<{ file: string }>[]): Promise<void> {
    await Promise.all(
      snapshots.map(({ described, bytes }) =>
        writeFileAtomically(path.join(this.folder, described.file), bytes),
      ),
    );
  }

  /** Makes `weights` the model that people use. The topology is that of the model last taken. */
  async publish(weights: WeightsFile): Promise<void> {
    if (weights.file === this.publishedFile) return;
    const json = {
      format: 'layers-model',
      generatedBy: this.topology.generatedBy,
      convertedBy: null,
      modelTopology: this.topology.modelTopology,
      weightsManifest: [{ paths: [weights.file], weights: weights.specs }],
    };
    await writeFileAtomically(path.join(this.folder, 'model.json'), JSON.stringify(json));
    this.publishedFile = weights.file;
  }

  /** The point in time from which the run is resumed. Removes the files that it and `model.json` do not name. */
  async writeState(state: TrainingState): Promise<void> {
    await writeFileAtomically(path.join(this.folder, stateFileName), JSON.stringify(state));
    const named = [state.weights.file, state.best?.weights.file, state.optimizer.file, this.publishedFile];
    for (const file of await readdir(this.folder)) {
      const ours = /^(weights|optimizer)-[0-9a-f]{16}\.bin$/.test(file) || temporaryEnding.test(file);
      if (ours && !named.includes(file)) await rm(path.join(this.folder, file), { force: true });
    }
  }

  /** Into a model of the same layers. @throws SidecarError when the file is damaged or of another model. */
  async loadWeights(model: tf.LayersModel, weights: WeightsFile): Promise<void> {
    const bytes = await this.readNamed(weights.file);
    const specs = weights.specs as tf.io.WeightsManifestEntry[];
    const expected = specs.reduce((sum, spec) => sum + byteLengthOf(spec), 0);
    const shapes = (list: { shape: (number | null)[] }[]) => JSON.stringify(list.map(({ shape }) => shape));
    if (bytes.byteLength !== expected || shapes(specs) !== shapes(model.weights)) {
      throw new SidecarError('The weights of the checkpoint do not fit the run’s model.', {
        where: path.join(this.folder, weights.file),
        next: 'Train the model anew.',
      });
    }
    tf.tidy(() => {
      // One by one: two layers of nested models may have weights of one name.
      let position = 0;
      const tensors = specs.map((spec) => {
        const part = bytes.slice(position, position + byteLengthOf(spec));
        position += part.byteLength;
        return tf.io.decodeWeights(part.buffer, [spec])[spec.name] as tf.Tensor;
      });
      model.setWeights(tensors);
    });
  }

  async loadOptimizer(saved: TrainingState['optimizer']): Promise<OptimizerState> {
    const bytes = await this.readNamed(saved.file);
    const expected = saved.variables.reduce(
      (sum, { shape }) => sum + byteLengthOf({ shape, dtype: 'float32' }),
      0,
    );
    // A list that is long and almost empty takes a time without end to walk through.
    const isDense = saved.variables.every(({ index = 0 }) => index < saved.variables.length);
    if (bytes.byteLength !== expected || !isDense) throw this.notOfOptimizer(saved.file);
    let position = 0;
    const variables = saved.variables.map(({ index, ...variable }) => {
      const size = byteLengthOf({ shape: variable.shape, dtype: 'float32' });
      const values = new Float32Array(bytes.buffer.slice(position, position + size) as ArrayBuffer);
      position += size;
      return { ...variable, ...(index === undefined ? {} : { index }), values };
    });
    return { iterations: saved.iterations, variables };
  }

  /** What an optimizer's state is told to be, where it is another's. */
  notOfOptimizer(file: string, cause?: unknown): SidecarError {
    return new SidecarError('The optimizer’s state in the checkpoint does not fit the run’s optimizer.', {
      where: path.join(this.folder, path.basename(file)),
      next: 'Train the model anew.',
      cause,
    });
  }

  /** @throws SidecarError when its content is not what its name says. */
  private async readNamed(name: string): Promise<Uint8Array> {
    const file = path.join(this.folder, path.basename(name));
    // A copy of its own: small files come in a shared pool.
    const bytes = Uint8Array.from(
      await readFile(file).catch((error) => {
        throw new SidecarError('A file of the checkpoint is missing.', { where: file, cause: error });
      }),
    );
    if (name.endsWith(`-${fingerprint(bytes)}.bin`)) return bytes;
    throw new SidecarError('A file of the checkpoint is damaged: its content is not what was written.', {
      where: file,
      next: 'Train the model anew.',
    });
  }
}

/** The file that a model.json of ours names. */
async function weightsOf(modelJson: string): Promise<string | undefined> {
  try {
    const { weightsManifest } = JSON.parse(await readFile(modelJson, 'utf8'));
    return String(weightsManifest[0].paths[0]);
  } catch {
    // None yet.
    return undefined;
  }
}

/** By its content, so that a name never means two things. */
function fileNameOf(what: 'weights' | 'optimizer', bytes: Uint8Array): string {
  return `${what}-${fingerprint(bytes)}.bin`;
}

function fingerprint(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

async function artifactsOf(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save({
    save: async (given: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    },
  });
  return artifacts;
}

function allFinite(bytes: Uint8Array, specs: tf.io.WeightsManifestEntry[]): boolean {
  if (specs.some(({ dtype }) => dtype !== 'float32')) return true;
  for (const value of new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4))
    if (!Number.isFinite(value)) return false;
  return true;
}
