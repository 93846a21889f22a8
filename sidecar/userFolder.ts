/** Folders of the user's, for what the terminal fetches; the extension names folders in its own storage. */
import { homedir } from 'node:os';
import path from 'node:path';

/** Where `layerwise install-backend` puts tfjs-node, for every sidecar of this user to find. */
export function userBackendFolder(): string {
  return path.join(applicationData(), 'layerwise', 'native-backend');
}

/** Where `layerwise classify --model mobilenet` keeps what it has fetched. */
export function userModelsFolder(): string {
  return path.join(applicationData(), 'layerwise', 'models');
}

/** Where programs keep their data, as each system has it. */
function applicationData(): string {
  if (process.platform === 'win32')
    return process.env['LOCALAPPDATA'] ?? path.join(homedir(), 'AppData/Local');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library/Application Support');
  const configured = process.env['XDG_DATA_HOME'];
  return configured && path.isAbsolute(configured) ? configured : path.join(homedir(), '.local/share');
}
