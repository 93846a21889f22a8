/** What a picture is taken for, and nothing else: for lists of pictures, and while people draw. */
import type { z } from 'zod';
import type { InitializeResult, ScorePictureResult, scorePictureParams } from '../../protocol/sidecar';
import { exampleThumbnail } from '../datasets/dataExample';
import { withChoice } from '../images/encode';
import { readThumbnail } from '../images/thumbnail';
import { checkMemory, memoryNeed } from './memory';
import { openNetwork } from './openNetwork';
import { outputOf } from './outputOf';
import { rankClasses } from './rankClasses';
import { readSource } from './readSource';
import { toBase64 } from './sessions';

/** @throws SidecarError as `classify`. */
export async function scorePicture(
  params: z.infer<typeof scorePictureParams>,
  backend: InitializeResult,
): Promise<ScorePictureResult> {
  // Held, since a newer request may push it out of the cache meanwhile.
  const network = (await openNetwork(params.modelPath)).hold();
  try {
    checkMemory(memoryNeed(network), network, backend);
    const encoding = withChoice(network.encoding, params.encoding);
    const { pixels } = await readSource(params.picture, encoding);
    const output = await outputOf(network, pixels, encoding);
    const { classes, probabilities } = await rankClasses(network, output, params);
    const thumbnail =
      params.thumbnail === undefined
        ? undefined
        : params.picture.kind === 'example'
          ? await exampleThumbnail(params.picture)
          : await readThumbnail(params.picture, params.thumbnail);
    return {
      classes,
      probabilities: toBase64(Float32Array.from(probabilities)),
      ...(thumbnail ? { thumbnail } : {}),
    };
  } finally {
    network.release();
  }
}
