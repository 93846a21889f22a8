import type { LayerwiseContext } from '../context';

/** Shows what Layerwise wrote down. */
export function showLog({ log }: LayerwiseContext): void {
  log.show();
}
