/** The compute process, for commands of the terminal: `dist/sidecar.js` beside `dist/cli.js`, under the same Node.js. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { connectSidecar, type SidecarConnection } from '../sidecar/connect';
import { UsageError } from './usageError';

/** Lines that say how it is doing, kept for when it fails. */
export function startCompute(): SidecarConnection {
  const script = path.join(__dirname, 'sidecar.js');
  if (!existsSync(script)) {
    throw new UsageError(`${script} is missing: this installation of Layerwise is not complete.`, 1);
  }
  return connectSidecar({ command: process.execPath, args: [script] });
}
