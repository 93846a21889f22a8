/**
 * A model on disk in the tfjs layers format: `model.json` (topology and weights manifest) and its weight files.
 * Reading trusts nothing: every path, size and reference is checked before tfjs sees it.
 */
import { statSync } from 'node:fs';
import { open, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { readModelJson as readTopology } from '../../model-graph/readers/modelJson';
import { loadingMemory, memoryText } from '../../model-graph/trainingMemory';
import type { BackendName } from '../../protocol/sidecar';
import { memoryLimit, requireRoom } from '../backends/room';
import { describeIssue, messageOf, SidecarError, systemErrorCode } from '../errors';
import { checkTopology } from './checkTopology';

const again = 'Save or download the model again.';

const maximumModelJsonBytes = 256 * 1024 * 1024;

const weightSpec = z.object({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.enum(['float32', 'int32', 'bool', 'float16', 'uint8', 'uint16', 'string', 'complex64']),
  quantization: z
    .object({
      dtype: z.enum(['uint8', 'uint16', 'float16']),
      scale: z.number().optional(),
      min: z.number().optional(),
    })
    .optional(),
});
const weightsManifest = z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightSpec) }));
const modelJson = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: weightsManifest.optional(),
  format: z.string().optional(),
});

const bytesPerElement: Record<string, number> = {
  float32: 4,
  int32: 4,
  bool: 1,
  float16: 2,
  uint8: 1,
  uint16: 2,
  complex64: 8,
};

/** Of a weight in a file, before quantization; strings have none. */
export function byteLengthOf({ shape, dtype }: { shape: readonly number[]; dtype: string }): number {
  return shape.reduce((product, dim) => product * dim, bytesPerElement[dtype] ?? 0);
}

/** What a checkpoint's files are now; changes whenever one of them does. */
export function checkpointFingerprint(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs}:${size}:${ino}`;
  } catch (error) {
    throw notReadable(file, error);
  }
}

/** A checkpoint's files, read and checked. */
export interface Checkpoint {
  topology: Record<string, unknown>;
  weightSpecs: tf.io.WeightsManifestEntry[];
  weightData: ArrayBuffer;
}

/**
 * @param file Path of a model.json.
 * @throws SidecarError when it is missing, damaged, of another format, incomplete, or names files outside its folder.
 */
export async function readCheckpoint(file: string): Promise<Checkpoint> {
  const json = await readModelJson(file);
  checkTopology(json.modelTopology, file);
  const manifest = json.weightsManifest ?? [];
  if (manifest.length === 0) {
    throw new SidecarError('The model.json names no weights: it holds an untrained topology only.', {
      where: file,
      next: 'Save the model with its weights, or train it.',
    });
  }
  checkNames(manifest, file);
  const files: WeightFile[] = [];
  for (const group of manifest) files.push(...(await checkGroup(group, file)));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const asked = paramsOf(json.modelTopology);
  if (asked !== undefined) requireAllWeights(asked, manifest, file);
  requireRoomToLoad(Math.max(bytes, 4 * (asked ?? 0)), file);
  const weightData = new Uint8Array(bytes);
  let position = 0;
  for (const { path: weightFile, size } of files) {
    await readInto(weightFile, weightData.subarray(position, position + size));
    position += size;
  }
  return {
    topology: json.modelTopology,
    weightSpecs: manifest.flatMap((group) => group.weights) as tf.io.WeightsManifestEntry[],
    weightData: weightData.buffer,
  };
}

/** @throws SidecarError as `readCheckpoint`, and when tfjs cannot build the model. */
export async function loadCheckpoint(file: string): Promise<tf.LayersModel> {
  const { topology, weightSpecs, weightData } = await readCheckpoint(file);
  let before = new Set<string>();
  const load = async () => {
    before = new Set(Object.keys(variables()));
    isLoading = true;
    return { modelTopology: topology, weightSpecs, weightData };
  };
  // From `load` on tfjs works without a pause: what is new since then was made for this model.
  const disposeBut = (kept: ReadonlySet<tf.Tensor>) => {
    for (const [name, variable] of Object.entries(variables()))
      if (!before.has(name) && !kept.has(variable)) variable.dispose();
  };
  try {
    const model = await tf.loadLayersModel({ load });
    // A layer that leads nowhere has weights, and the model does not know it.
    disposeBut(new Set(model.weights.map((weight) => weight.read())));
    return model;
  } catch (error) {
    disposeBut(new Set());
    throw new SidecarError(`TensorFlow.js cannot build this model: ${tfjsReason(error)}.`, {
      where: file,
      next: again,
      cause: error,
    });
  } finally {
    isLoading = false;
  }
}

function variables(): Record<string, tf.Variable> {
  return tf.engine().state.registeredVariables;
}

/** tfjs's own words, where they are words for people; a broken configuration mostly lets it fail somewhere in its inside. */
export function tfjsReason(error: unknown): string {
  const [line = ''] = messageOf(error).split('\n');
  const isInside =
    error instanceof TypeError ||
    error instanceof RangeError ||
    /undefined|NaN|\[object |Cannot (read|create|set)|is not (a function|iterable|a constructor)/.test(line);
  if (isInside || line.trim() === '') return 'the configuration of a layer is damaged';
  return line
    .replace(/ This may be due to one of the following reasons:$/, '')
    .slice(0, 400)
    .trim()
    .replace(/[.:]+$/, '');
}

let isLoading = false;

interface WeightAdder {
  addWeight(this: tf.layers.Layer, ...options: unknown[]): unknown;
}

// tfjs-layers models.ts makes no random values for weights that are about to be loaded, but forgets the layers inside
// wrappers and nested models: minutes, where a damaged file asks for millions.
const layerPrototype = tf.layers.Layer.prototype as unknown as WeightAdder;
const { addWeight } = layerPrototype;
layerPrototype.addWeight = function (...options) {
  if (isLoading) this.setFastWeightInitDuringBuild(true);
  return addWeight.apply(this, options);
};

// tfjs-layers engine/container.ts loadWeights throws for weights of another model, and leaves what it was given in memory.
const { loadWeights } = tf.LayersModel.prototype;
tf.LayersModel.prototype.loadWeights = function (weights, strict) {
  try {
    loadWeights.call(this, weights, strict);
  } catch (error) {
    tf.dispose(weights);
    throw error;
  }
};

async function readModelJson(file: string): Promise<z.infer<typeof modelJson>> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > maximumModelJsonBytes)
      throw new SidecarError('The file is too large for a model.json.', { where: file, next: again });
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw error instanceof SidecarError ? error : notReadable(file, error);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new SidecarError(`The file is not whole JSON (${messageOf(error)}).`, {
      where: file,
      next: 'Save the model again.',
    });
  }
  if (
    typeof content === 'object' &&
    content !== null &&
    'format' in content &&
    content.format === 'graph-model'
  ) {
    throw new SidecarError(
      'This is a tfjs graph model; layers can be looked into only in the layers format.',
      {
        where: file,
        next: 'Convert it with `tensorflowjs_converter --output_format=tfjs_layers_model`.',
      },
    );
  }
  const parsed = modelJson.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new SidecarError(
    `This is not a model.json in the tfjs layers format: ${describeIssue(parsed.error.issues)}.`,
    { where: file, next: again },
  );
}

interface WeightFile {
  path: string;
  size: number;
}

function listed(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} …` : names.join(', ');
}

/** tfjs keeps weights by name, and loses what it has no place for. */
function checkNames(manifest: z.infer<typeof weightsManifest>, file: string): void {
  const seen = new Set<string>();
  for (const { name } of manifest.flatMap(({ weights }) => weights)) {
    if (name === '__proto__')
      throw new SidecarError('No weight can be called `__proto__`.', { where: file, next: again });
    if (seen.has(name)) {
      throw new SidecarError(`model.json announces the weight \`${name}\` twice.`, {
        where: file,
        next: again,
      });
    }
    seen.add(name);
  }
}

/** One group's files, as long together as its weights need, or an error. */
async function checkGroup(
  group: z.infer<typeof weightsManifest>[number],
  file: string,
): Promise<WeightFile[]> {
  const paths: string[] = [];
  for (const name of group.paths) paths.push(await pathInside(path.dirname(file), name, file));
  const sizes = await Promise.all(
    paths.map((weightFile) =>
      stat(weightFile).then(
        ({ size }) => size,
        (error) => Promise.reject(notReadable(weightFile, error)),
      ),
    ),
  );
  const present = sizes.reduce((sum, size) => sum + size, 0);
  if (!group.weights.some((spec) => spec.dtype === 'string')) {
    const expected = group.weights.reduce(
      (sum, { shape, dtype, quantization }) =>
        sum + byteLengthOf({ shape, dtype: quantization?.dtype ?? dtype }),
      0,
    );
    if (present !== expected) {
      throw new SidecarError(
        `The weight files have ${present.toLocaleString('en-US')} bytes; model.json announces ${expected.toLocaleString('en-US')}.`,
        {
          where: file,
          next: `A file is ${present < expected ? 'cut off, ' : ''}damaged or of another model (${listed(group.paths)}): save or download it again.`,
        },
      );
    }
  }
  return paths.map((weightFile, i) => ({ path: weightFile, size: sizes[i]! }));
}

/** @throws SidecarError when the file is not as long as it was a moment ago */
async function readInto(file: string, target: Uint8Array): Promise<void> {
  try {
    const handle = await open(file, 'r');
    try {
      // In pieces: one read ends at 2 GiB.
      for (let position = 0; position < target.length; ) {
        const length = Math.min(target.length - position, 2 ** 30);
        const { bytesRead } = await handle.read(target, position, length, position);
        if (bytesRead === 0)
          throw new SidecarError('The file was cut off while it was read.', {
            where: file,
            next: again,
          });
        position += bytesRead;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof SidecarError ? error : notReadable(file, error);
  }
}

/** tfjs looks only after it has built the model with values of its own, which may be a thousand times more. */
function requireAllWeights(asked: number, manifest: z.infer<typeof weightsManifest>, file: string): void {
  const present = manifest
    .flatMap(({ weights }) => weights)
    .reduce((sum, { shape }) => sum + shape.reduce((product, dim) => product * dim, 1), 0);
  if (asked <= present) return;
  const [ofTopology, ofManifest] = [asked, present].map((count) => count.toLocaleString('en-US'));
  throw new SidecarError(
    `The layers have ${ofTopology} parameters; the weights that model.json announces are ${ofManifest} numbers.`,
    { where: file, next: `Topology and weights are of different models. ${again}` },
  );
}

/** @param bytes Of the weights. */
function requireRoomToLoad(bytes: number, file: string): void {
  requireRoom(
    loadingMemory(bytes),
    memoryLimit(undefined),
    'Opening this model',
    `its weights, ${memoryText(bytes)}, are held up to four times meanwhile`,
    { where: file, next: 'Close other programs, or use a machine with more memory.' },
  );
  requireRoom(bytes, memoryLimit(currentBackend()), 'This model', 'its weights alone', {
    where: file,
    next: 'Install the native backend, which has no such limit.',
  });
}

/** Of the model that a topology describes; undefined where it is not understood. */
function paramsOf(topology: Record<string, unknown>): number | undefined {
  const read = readTopology(JSON.stringify({ modelTopology: topology }));
  const params = read.ok ? read.graph.totals.params : null;
  return typeof params === 'number' ? params : undefined;
}

/**
 * What there is to know of a saved model's memory without reading its weights. In bytes; `activations`: of all layers'
 * outputs for one example, where the sizes are known.
 * @throws SidecarError when the model.json cannot be read
 */
export async function sizesOfCheckpoint(
  file: string,
): Promise<{ weights: number; activations: number | null }> {
  const { modelTopology, weightsManifest: manifest = [] } = await readModelJson(file);
  const inFiles = manifest
    .flatMap(({ weights }) => weights)
    .reduce((sum, { shape, dtype }) => sum + byteLengthOf({ shape, dtype }), 0);
  const read = readTopology(JSON.stringify({ modelTopology }));
  const activations = read.ok ? read.graph.totals.activationBytes : null;
  return { weights: inFiles, activations: typeof activations === 'number' ? activations : null };
}

/** Without starting one. */
function currentBackend(): BackendName | undefined {
  return tf.engine().backendName as BackendName | undefined;
}

/** The path of a weight file, which must lie in the model's own folder, also after following links. */
async function pathInside(folder: string, name: string, file: string): Promise<string> {
  const refuse = () =>
    new SidecarError(`The weight file \`${name}\` lies outside the model's folder; that is not allowed.`, {
      where: file,
      next: 'A model’s weights lie beside its model.json: put them there, and name them so.',
    });
  const inside = (base: string, target: string) => {
    const relative = path.relative(base, target);
    return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  };
  const target = path.resolve(folder, name);
  if (!inside(path.resolve(folder), target)) throw refuse();
  try {
    if (!inside(await realpath(folder), await realpath(target))) throw refuse();
  } catch (error) {
    throw error instanceof SidecarError ? error : notReadable(target, error);
  }
  return target;
}

function notReadable(file: string, error: unknown): SidecarError {
  const missing = systemErrorCode(error) === 'ENOENT';
  return new SidecarError(
    missing ? 'The file does not exist.' : `The file cannot be read (${messageOf(error)}).`,
    { where: file, next: 'A model is a model.json with its weight files beside it.' },
  );
}
