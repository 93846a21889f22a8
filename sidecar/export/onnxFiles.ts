/** An ONNX model on disk: one file, or, beyond what protocol buffers hold, one with its weights in files beside it. */
import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ModelMessage, TensorMessage } from '../../model-graph/onnx/messages';
import { encodeModelInParts } from '../../model-graph/onnx/wire';

/** Protocol buffers end at 2 GiB; some room for all that is no weight. */
export const mostBytesInOneFile = 1.9e9;
/** Node reads no file of more than 2 GiB at once. */
const mostBytesOfWeightsInOneFile = 1e9;
/** Weights smaller than that stay in the model's own file. */
const leastBytesOutside = 4096;

/** Written, and not yet in place. */
export interface WrittenModel {
  /** What can be tried: the model, with its weights beside it. */
  file: string;
  /** Moves the model into place. @returns all files, the model first, and their bytes together */
  publish(): Promise<{ files: string[]; bytes: number }>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** @param mostBytes Beyond that many bytes of weights they go into files of their own. */
export async function writeModel(
  model: ModelMessage,
  target: string,
  mostBytes = mostBytesInOneFile,
): Promise<WrittenModel> {
  const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  const beside: string[] = [];
  const discard = async () => {
    for (const file of [temporary, ...beside]) await rm(file, { force: true });
  };
  try {
    const initializer = model.graph?.initializer ?? [];
    const weightBytes = initializer.reduce((sum, { rawData }) => sum + (rawData?.length ?? 0), 0);
    const own =
      weightBytes <= mostBytes
        ? model
        : {
            ...model,
            graph: { ...model.graph, initializer: await moveOutside(initializer, target, beside) },
          };
    await writeParts(temporary, encodeModelInParts(own));
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    file: temporary,
    discard,
    async publish() {
      await rename(temporary, target);
      await removeFormerWeights(target, beside);
      const files = [target, ...beside];
      let bytes = 0;
      for (const file of files) {
        const handle = await open(file, 'r');
        bytes += (await handle.stat()).size;
        await handle.close();
      }
      return { files, bytes };
    },
  };
}

/** Each file's name says what is in it, so that a model that is there keeps its own until it is replaced. */
async function moveOutside(
  tensors: TensorMessage[],
  target: string,
  beside: string[],
): Promise<TensorMessage[]> {
  const moved = [...tensors];
  let group: number[] = [];
  let size = 0;
  const flush = async () => {
    if (group.length === 0) return;
    const hash = createHash('sha256');
    for (const index of group) hash.update(tensors[index]!.rawData!);
    const file = `${target}.${hash.digest('hex').slice(0, 16)}.data`;
    beside.push(file);
    await writeParts(
      file,
      group.map((index) => tensors[index]!.rawData!),
    );
    let offset = 0;
    for (const index of group) {
      const { rawData, ...tensor } = tensors[index]!;
      moved[index] = {
        ...tensor,
        dataLocation: 1,
        externalData: [
          { key: 'location', value: path.basename(file) },
          { key: 'offset', value: String(offset) },
          { key: 'length', value: String(rawData!.length) },
        ],
      };
      offset += rawData!.length;
    }
    group = [];
    size = 0;
  };
  for (const [index, { rawData }] of tensors.entries()) {
    if (!rawData || rawData.length < leastBytesOutside) continue;
    if (size + rawData.length > mostBytesOfWeightsInOneFile) await flush();
    group.push(index);
    size += rawData.length;
  }
  await flush();
  return moved;
}

async function writeParts(file: string, parts: Uint8Array[]): Promise<void> {
  const handle = await open(file, 'w');
  try {
    for (const part of parts) await handle.writeFile(part);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Weights of the model that was there before. */
async function removeFormerWeights(target: string, beside: readonly string[]): Promise<void> {
  const folder = path.dirname(target);
  const own = path.basename(target);
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const isWeights = name.startsWith(`${own}.`) && /^\.[0-9a-f]{16}\.data$/.test(name.slice(own.length));
    if (isWeights && !beside.includes(file)) await rm(file, { force: true }).catch(() => {});
  }
}
