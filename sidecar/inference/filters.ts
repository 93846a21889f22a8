/** The kernels of a convolution. */
import type { FiltersParams, FiltersResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { sessionOf, toBase64 } from './sessions';

export async function filters({ session: name, layer }: FiltersParams): Promise<FiltersResult> {
  const { network } = sessionOf(name);
  if (!network.filters) {
    throw new SidecarError(
      `${network.runtime ?? 'This runtime'} does not tell the weights of single layers.`,
    );
  }
  network.hold();
  try {
    const { shape, values, bias } = await network.filters(layer);
    return { shape, data: toBase64(values), ...(bias ? { bias: Array.from(bias) } : {}) };
  } finally {
    network.release();
  }
}
