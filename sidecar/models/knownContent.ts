/** What a published model must hold: its weights to the last bit, and the shape that they are for. */
import { createHash } from 'node:crypto';
import { readModelJson } from '../../model-graph/readers/modelJson';
import { SidecarError } from '../errors';
import { byteLengthOf, readCheckpoint } from '../runs/checkpoint';

interface KnownContent {
  /** Of all weights, as `weightsDigest` has it. */
  sha256: string;
  inputShapes: string;
  outputShapes: string;
  params: number;
  multiplyAccumulates: number;
}

/**
 * By the model's id. Servers cut and order the files of one model in different ways (`group1-shard1of1` … `group55-…`,
 * or one file for all), so the weights themselves are known, not the files.
 */
const knownContents: Record<string, KnownContent> = {
  mobilenet: {
    sha256: '92ab13d03c3b17d723775c13ff3ed80f19f05f0f580283e8d40cae2087b406c1',
    inputShapes: '[[null,224,224,3]]',
    outputShapes: '[[null,1000]]',
    params: 475_544,
    multiplyAccumulates: 41_030_272,
  },
};

/** @throws SidecarError when the files in place are not whole, or not the published model. */
export async function checkContent(id: string, modelJson: string, text: string, from: string): Promise<void> {
  const known = knownContents[id];
  if (!known) throw new SidecarError(`Nothing is known of the content of the model \`${id}\`.`);
  const refuse = (why: string) =>
    new SidecarError(`What was downloaded is not the model that was published: ${why}.`, {
      where: from,
      next: 'Nothing was kept. Try again; if it happens again, something between here and the server changes it.',
    });
  const { weightSpecs, weightData } = await readCheckpoint(modelJson).catch((error: unknown) => {
    throw error instanceof SidecarError ? refuse(error.what.replace(/\.$/, '')) : error;
  });
  const digest = weightsDigest(weightSpecs, new Uint8Array(weightData));
  if (digest !== known.sha256)
    throw refuse(
      `its weights have the SHA-256 ${digest.slice(0, 12)}… instead of ${known.sha256.slice(0, 12)}…`,
    );
  const read = readModelJson(text);
  if (!read.ok) throw refuse(read.message.replace(/\.$/, ''));
  const { inputShapes, outputShapes, totals } = read.graph;
  const found = {
    inputShapes: JSON.stringify(inputShapes),
    outputShapes: JSON.stringify(outputShapes),
    params: totals.params,
    multiplyAccumulates: totals.multiplyAccumulates,
  };
  for (const key of Object.keys(found) as (keyof typeof found)[]) {
    if (found[key] !== known[key]) throw refuse(`its ${key} are ${found[key]} instead of ${known[key]}`);
  }
}

/** SHA-256 over each weight's name, type, shape and bytes, in the order of the names. */
export function weightsDigest(
  specs: readonly { name: string; shape: number[]; dtype: string }[],
  data: Uint8Array,
): string {
  let position = 0;
  const weights = specs.map(({ name, shape, dtype }) => {
    const length = byteLengthOf({ shape, dtype });
    position += length;
    return { name, shape, dtype, bytes: data.subarray(position - length, position) };
  });
  weights.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const hash = createHash('sha256');
  for (const { name, dtype, shape, bytes } of weights)
    hash.update(`${name} ${dtype} ${shape}\n`).update(bytes);
  return hash.digest('hex');
}
