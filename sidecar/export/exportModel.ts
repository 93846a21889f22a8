/** A run or a model.json → an .onnx file that computes the same. Tried before it is put in place. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { exportMemory, memoryText } from '../../model-graph/trainingMemory';
import { writeOnnx } from '../../model-graph/writers/onnx';
import { NotExpressible } from '../../model-graph/writers/onnx/exportedModel';
import type { ExportModelParams, ExportModelResult, InitializeResult } from '../../protocol/sidecar';
import { memoryLimit, requireRoom } from '../backends/room';
import { disposeModel } from '../disposeModel';
import { messageOf, SidecarError, systemErrorCode } from '../errors';
import { locateSavedModel } from '../inference/openNetwork';
import { loadCheckpoint, sizesOfCheckpoint } from '../runs/checkpoint';
import { readRunFile } from '../runs/runFolder';
import { loadUserCheckpoint } from '../userModule/loadUserCheckpoint';
import { compareWithTfjs } from './compareWithTfjs';
import { ModelTaker } from './exportedModel';
import { metadataOf } from './metadata';
import { mostBytesInOneFile, writeModel } from './onnxFiles';

/** For tests: weights of more bytes go into files of their own. */
const splitVariable = 'LAYERWISE_ONNX_SPLIT_BYTES';

/** @throws SidecarError naming what cannot be written, before anything is. */
export async function exportModel(
  { modelPath, target, overwrite }: ExportModelParams,
  backend: InitializeResult,
  signal: AbortSignal,
): Promise<ExportModelResult> {
  const file = path.resolve(target);
  await checkTarget(file, overwrite ?? false);
  if (/\.onnx$/i.test(modelPath))
    throw new SidecarError('This is an ONNX model already.', { where: modelPath });
  await requireRoomToExport(modelPath);
  const { model, properties } = await open(modelPath);
  try {
    const message = writeOnnx(await new ModelTaker().take(model), {
      producerName: 'Layerwise',
      producerVersion: await ownVersion(),
      properties,
    });
    const stopIfCancelled = () => {
      if (signal.aborted) throw new SidecarError('The export was cancelled; nothing was written.');
    };
    stopIfCancelled();
    const written = await writeModel(message, file, Number(process.env[splitVariable] ?? mostBytesInOneFile));
    let check: ExportModelResult['check'];
    try {
      check = await compareWithTfjs(model, written.file, backend);
      stopIfCancelled();
    } catch (error) {
      await written.discard();
      throw error;
    }
    const { files, bytes } = await written.publish();
    const ends = (infos: { name?: string; type?: { tensorType?: { shape?: { dim?: object[] } } } }[] = []) =>
      infos.map(({ name, type }) => {
        const sizes = (type?.tensorType?.shape?.dim ?? []) as { dimValue?: number; dimParam?: string }[];
        return `${name} [${sizes.map(({ dimValue, dimParam }) => dimValue ?? dimParam ?? '?').join(', ')}]`;
      });
    return { files, bytes, inputs: ends(message.graph?.input), outputs: ends(message.graph?.output), check };
  } catch (error) {
    if (error instanceof SidecarError) throw error;
    if (error instanceof NotExpressible)
      throw new SidecarError(error.message, {
        where: modelPath,
        next: 'Nothing was written. Export it in the tfjs layers format, or replace the layer.',
      });
    if (systemErrorCode(error))
      throw new SidecarError(`The model cannot be written (${messageOf(error)}).`, { where: file });
    throw error;
  } finally {
    disposeModel(model);
  }
}

/** Before anything is read. @throws SidecarError with the numbers */
async function requireRoomToExport(modelPath: string): Promise<void> {
  const { modelJson } = locateSavedModel(modelPath);
  const { weights, activations } = await sizesOfCheckpoint(modelJson);
  const outputs =
    activations === null ? '' : `, outputs of two examples ${memoryText(2 * activations)} twice`;
  requireRoom(
    exportMemory(weights, activations),
    memoryLimit(undefined),
    'Exporting this model',
    `its weights, ${memoryText(weights)}, are held up to five times meanwhile${outputs}`,
    {
      where: modelJson,
      next: 'Nothing was written. Close other programs, or use a machine with more memory.',
    },
  );
}

async function checkTarget(file: string, overwrite: boolean): Promise<void> {
  if (!/\.onnx$/i.test(file))
    throw new SidecarError('The name of an ONNX file ends in .onnx.', { where: file });
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw new SidecarError('This is a folder.', { where: file });
  if (found && !overwrite)
    throw new SidecarError('The file exists already.', {
      where: file,
      next: 'Choose another name, or say that it may be replaced.',
    });
  const folder = path.dirname(file);
  if (
    !(await stat(folder).then(
      (each) => each.isDirectory(),
      () => false,
    ))
  )
    throw new SidecarError('The folder does not exist.', { where: folder });
}

async function open(
  modelPath: string,
): Promise<{ model: tf.LayersModel; properties: Record<string, string> }> {
  const { modelJson, runJson } = locateSavedModel(modelPath);
  if (!runJson) {
    const model = await loadCheckpoint(modelJson);
    const isRescaled =
      model.layers.find((layer) => layer.getClassName() !== 'InputLayer')?.getClassName() === 'Rescaling';
    return { model, properties: metadataOf(isRescaled ? { scale: 1, offset: 0 } : undefined, []) };
  }
  const run = await readRunFile(runJson);
  const model = run.userModule
    ? await loadUserCheckpoint(modelJson, run.userModule, runJson)
    : await loadCheckpoint(modelJson);
  const encoding = 'height' in run.input ? run.input : undefined;
  return { model, properties: metadataOf(encoding, run.classNames) };
}

/** `package.json` beside `dist`. */
async function ownVersion(): Promise<string> {
  const file = path.resolve(path.dirname(process.argv[1] ?? ''), '..', 'package.json');
  return String(JSON.parse(await readFile(file, 'utf8')).version);
}
