/** An .onnx file and the weight files beside it, read and checked before onnxruntime, which is native code, sees them. */
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { type InferredGraph, inferShapes } from '../../model-graph/onnx/inference';
import type {
  EntryMessage,
  GraphMessage,
  ModelMessage,
  TensorMessage,
} from '../../model-graph/onnx/messages';
import { bytesPerElement, elementCount, elementTypeName } from '../../model-graph/onnx/tensors';
import { decodeModel, MalformedFile } from '../../model-graph/onnx/wire';
import { checkedGraph } from '../../model-graph/readers/onnx';
import { loadingMemory, memoryText } from '../../model-graph/trainingMemory';
import { memoryLimit, requireRoom } from '../backends/room';
import { messageOf, SidecarError, systemErrorCode } from '../errors';

/** What onnxruntime 1.30 reads. */
const newestOperatorSet = 26;

const again = 'Export or download the model again.';

export interface OnnxFile {
  path: string;
  bytes: Uint8Array;
  model: ModelMessage;
  graph: GraphMessage;
  inferred: InferredGraph;
  /** Weights that lie in other files, by the path that the model names. */
  externalData: { path: string; data: Uint8Array }[];
  /** Bytes of all weights. */
  weightBytes: number;
}

/** @throws SidecarError for what is no model, damaged, too new, or names files outside its folder. */
export async function readOnnxFile(file: string): Promise<OnnxFile> {
  await requireRoomFor(file);
  const bytes = await readBytes(file);
  const refuse = (what: string, next = again) => new SidecarError(what, { where: file, next });
  let model: ModelMessage;
  let graph: GraphMessage;
  try {
    model = decodeModel(bytes);
    graph = checkedGraph(model);
  } catch (error) {
    if (error instanceof MalformedFile) throw refuse(error.message);
    throw error;
  }
  checkOperatorSet(model, refuse);
  const elsewhere = externalBut(new Set(graph.initializer), model);
  if (elsewhere) {
    throw refuse(
      `The tensor \`${elsewhere.name ?? ''}\`, a constant or a weight of a graph within the model's, lies in another file; only the model's own weights may.`,
      'Export the model as one file.',
    );
  }
  const folder = await realpath(path.dirname(file));
  const externalData = new Map<string, Uint8Array>();
  let weightBytes = 0;
  for (const tensor of graph.initializer ?? []) {
    const name = tensor.name ?? '';
    const size = Math.ceil(elementCount(tensor.dims) * bytesPerElement(tensor.dataType ?? 0));
    if (!elementTypeName(tensor.dataType ?? 0) || !Number.isSafeInteger(size)) {
      throw refuse(`The weight \`${name}\` has no valid type or size: the file is damaged.`);
    }
    weightBytes += size;
    if (tensor.dataLocation === 1) await readExternal(tensor, size, folder, externalData, file);
    else if (tensor.rawData && tensor.rawData.length > 0 && tensor.rawData.length !== size) {
      throw refuse(
        `The weight \`${name}\` has ${tensor.rawData.length} bytes where its size asks for ${size}: the file is damaged.`,
      );
    }
  }
  return {
    path: file,
    bytes,
    model,
    graph,
    inferred: inferShapes(model, graph),
    externalData: [...externalData].map(([location, data]) => ({ path: location, data })),
    weightBytes,
  };
}

function checkOperatorSet(model: ModelMessage, refuse: (what: string, next?: string) => SidecarError): void {
  const version = (model.opsetImport ?? []).find(({ domain }) => !domain || domain === 'ai.onnx')?.version;
  if (version !== undefined && version > newestOperatorSet) {
    throw refuse(
      `The model uses operator set ${version}; the newest that can be run is ${newestOperatorSet}.`,
      'Export it for an older operator set.',
    );
  }
}

/**
 * A tensor, wherever in the model, whose numbers lie in another file: onnxruntime is handed the files of the model's own
 * weights, and would look for this one's itself, in the folder where this process happens to work.
 */
function externalBut(known: ReadonlySet<unknown>, message: object): TensorMessage | undefined {
  for (const value of Object.values(message).flat() as unknown[]) {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array || known.has(value))
      continue;
    if ((value as TensorMessage).dataLocation === 1) return value;
    const found = externalBut(known, value);
    if (found) return found;
  }
  return undefined;
}

/** Mirrors ONNX's external data: `location` is relative to the model, `offset` and `length` are bytes. */
async function readExternal(
  tensor: TensorMessage,
  size: number,
  folder: string,
  files: Map<string, Uint8Array>,
  file: string,
): Promise<void> {
  const refuse = (what: string) =>
    new SidecarError(`The weight \`${tensor.name ?? ''}\` ${what}`, {
      where: file,
      next: 'Its weight files lie beside an ONNX model: put them there, or export or download it again.',
    });
  // Of two, onnxruntime takes the last.
  const entry = (key: string) =>
    tensor.externalData?.findLast((each: EntryMessage) => each.key === key)?.value;
  const location = entry('location');
  if (!location) throw refuse('lies in another file that the model does not name.');
  const wanted = path.resolve(folder, location);
  let data = files.get(location);
  if (!data) {
    let real: string;
    try {
      real = await realpath(wanted);
    } catch (error) {
      if (!isInside(folder, wanted))
        throw refuse(`lies in \`${location}\`, outside the model's folder: refused.`);
      throw refuse(
        systemErrorCode(error) === 'ENOENT'
          ? `lies in \`${location}\`, which is not beside the model.`
          : `lies in \`${location}\`, which cannot be read (${messageOf(error)}).`,
      );
    }
    if (!isInside(folder, real))
      throw refuse(`lies in \`${location}\`, outside the model's folder: refused.`);
    await requireRoomFor(real);
    data = await readBytes(real);
    files.set(location, data);
  }
  const offset = Number(entry('offset') ?? 0);
  const length = Number(entry('length') ?? size);
  if (!(offset >= 0) || length !== size || offset + length > data.length) {
    throw refuse(
      `needs ${size} bytes from byte ${offset} of \`${location}\`, which has ${data.length}: it is cut short or another one.`,
    );
  }
}

function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

/** @throws SidecarError when that cannot fit */
async function requireRoomFor(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  requireRoom(
    loadingMemory(size),
    memoryLimit(undefined),
    'Opening this model',
    `its file, ${memoryText(size)}, is held up to four times meanwhile`,
    { where: file, next: 'Close other programs, or use a machine with more memory.' },
  );
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    if (!(await stat(file)).isFile())
      throw new SidecarError('This is no file.', { where: file, next: 'Choose another one.' });
    return await readFile(file);
  } catch (error) {
    if (error instanceof SidecarError) throw error;
    const code = systemErrorCode(error);
    throw new SidecarError(
      code === 'ENOENT'
        ? 'The file does not exist.'
        : code === 'ERR_FS_FILE_TOO_LARGE'
          ? 'The file is larger than 2 GB, which cannot be read at once.'
          : `The file cannot be read (${messageOf(error)}).`,
      { where: file, next: 'Choose another one.' },
    );
  }
}
