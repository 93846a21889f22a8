/** tfjs-node where Layerwise itself would find it, for scripts that use it without Layerwise. */

import { findTensorflow } from '../sidecar/backends/tensorflow';
import { userBackendFolder } from '../sidecar/userFolder';

/** The package's entry file; undefined, having said why, where it is not installed. */
export function tensorflowEntry(part: string): string | undefined {
  const [found] = findTensorflow('tensorflow', [process.cwd(), userBackendFolder()]);
  if (!found) console.error(`(${part}) not measured: tfjs-node is missing; node dist/cli.js install-backend`);
  return found?.entry;
}
