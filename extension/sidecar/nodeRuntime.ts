import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';

/** Oldest Node.js that the compute process runs on. */
export const minimumNodeMajor = 20;

/** How to start Node.js for the compute process. */
export interface NodeRuntime {
  command: string;
  env: NodeJS.ProcessEnv;
  /** For the log: which one and why. */
  description: string;
}

/** Raised when the Node.js that a setting names cannot be used. */
export class UnusableNode extends Error {
  override readonly name = 'UnusableNode';
}

/** `v20.19.1` → 20; null for anything else. */
export function nodeMajor(versionOutput: string): number | null {
  const match = /^v(\d+)\.\d+\.\d+/.exec(versionOutput.trim());
  return match ? Number(match[1]) : null;
}

/** Our own environment without what a debugger or VS Code itself put there for its own processes. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOurs = ([name]: [string, unknown]) => !/^(?:NODE_OPTIONS|VSCODE_|ELECTRON_)/.test(name);
  return Object.fromEntries(Object.entries(env).filter(isOurs));
}

async function versionOf(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  // Never the workspace as the working folder: on Windows a program there would win over the PATH.
  const { stdout } = await promisify(execFile)(command, ['--version'], {
    env,
    cwd: homedir(),
    timeout: 10_000,
    windowsHide: true,
  });
  return stdout.trim();
}

/**
 * Chooses the Node.js that runs the compute process: the one a setting names, else `node` on the PATH if it is recent
 * enough, else VS Code's own. A real Node.js comes first because native addons need not load under Electron's.
 */
export async function findNodeRuntime(configured: string): Promise<NodeRuntime> {
  const env = childEnvironment(process.env);
  if (configured) {
    const version = await versionOf(configured, env).catch((error: Error) => {
      throw new UnusableNode(
        `The setting layerwise.sidecar.nodePath names "${configured}", which cannot be run: ${error.message.trim()}`,
      );
    });
    const major = nodeMajor(version);
    if (major === null || major < minimumNodeMajor) {
      const answer = version ? `it answers "${version.slice(0, 80)}"` : 'it does not say its version';
      throw new UnusableNode(
        `The setting layerwise.sidecar.nodePath names "${configured}", which is not Node.js ${minimumNodeMajor} or newer: ${answer}.`,
      );
    }
    return { command: configured, env, description: `${configured} ${version}, from the settings` };
  }
  const onPath = await versionOf('node', env).catch(() => null);
  const major = onPath === null ? null : nodeMajor(onPath);
  if (major !== null && major >= minimumNodeMajor) {
    return { command: 'node', env, description: `node ${onPath} on the PATH` };
  }
  const reason = onPath === null ? 'there is no node on the PATH' : `node on the PATH is ${onPath}`;
  return {
    command: process.execPath,
    env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
    description: `VS Code's own Node.js ${process.version}, as ${reason}`,
  };
}
