/**
 * `evaluation-validation.json` and `evaluation-test.json` of a run: what its model made of every example, so that a cell
 * of the confusion matrix can be opened long after the model is gone from memory.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { SidecarError, systemErrorCode } from '../errors';
import type { JudgedPart, Judgements } from '../training/evaluate';
import { writeFileAtomically } from './atomicFile';

const evaluationFile = z.object({
  version: z.literal(1),
  epoch: z.number(),
  classes: z.number(),
  /** Little-endian arrays of one length, base64. */
  indices: z.string(),
  labels: z.string(),
  predicted: z.string(),
  probabilities: z.string(),
  losses: z.string(),
});

/** Writes nothing for a regression, which has no confusion. */
export async function writeEvaluation(
  runFolder: string,
  epoch: number,
  { part, indices, losses, classes }: Judgements,
): Promise<void> {
  if (!classes) return;
  const { count, labels, predicted, probabilities } = classes;
  const content: z.infer<typeof evaluationFile> = {
    version: 1,
    epoch,
    classes: count,
    indices: encode(indices),
    labels: encode(labels),
    predicted: encode(predicted),
    probabilities: encode(probabilities),
    losses: encode(losses),
  };
  // The next epoch writes another; training does not wait for the disk.
  await writeFileAtomically(fileOf(runFolder, part), JSON.stringify(content), { durable: false });
}

/** @throws SidecarError when the run has no evaluation of this part. */
export async function readEvaluation(runFolder: string, part: JudgedPart): Promise<Judgements> {
  const file = fileOf(runFolder, part);
  try {
    const content = evaluationFile.parse(JSON.parse(await readFile(file, 'utf8')));
    return {
      part,
      score: { loss: 0 },
      indices: new Uint32Array(decode(content.indices)),
      losses: new Float32Array(decode(content.losses)),
      classes: {
        count: content.classes,
        labels: new Uint16Array(decode(content.labels)),
        predicted: new Uint16Array(decode(content.predicted)),
        probabilities: new Float32Array(decode(content.probabilities)),
      },
    };
  } catch (error) {
    const none = systemErrorCode(error) === 'ENOENT';
    throw new SidecarError(
      none ? `This run has not been judged on ${part} examples.` : 'The run’s evaluation is damaged.',
      { where: file, ...(none ? {} : { next: 'Train another epoch: it writes a new one.' }), cause: error },
    );
  }
}

function fileOf(runFolder: string, part: JudgedPart): string {
  return path.join(runFolder, `evaluation-${part}.json`);
}

function encode(values: Uint32Array | Uint16Array | Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function decode(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
}
