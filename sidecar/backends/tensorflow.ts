/**
 * @tensorflow/tfjs-node, where the user has it. It is native code built for one Node and one TensorFlow, so it is first
 * tried in a child process: whatever it does there, the sidecar lives on.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { messageOf } from '../errors';
import { protocolOutput } from '../stdio';
import { differenceFromCpu, maximumDifference } from './proof';

const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const probeFlag = '--probe-tensorflow';
const probeTimeoutMilliseconds = 60_000;

/** The package's entry file, from the first folder that has it, or undefined. */
export function findTensorflow(searchFolders: string[]): string | undefined {
  for (const folder of searchFolders) {
    for (const name of packages) {
      try {
        return createRequire(path.join(path.resolve(folder), 'package.json')).resolve(name);
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/** Registers the backend `tensorflow` with the tfjs of this process: tfjs keeps one engine per process, in a global. */
export function loadTensorflow(entry: string): { version: string } {
  definedByOlderNode();
  const loaded = createRequire(entry)(entry) as { version?: { 'tfjs-node'?: string } };
  return { version: loaded.version?.['tfjs-node'] ?? 'unknown' };
}

/** tfjs-node 4.22 calls two functions that Node 23 removed. */
function definedByOlderNode(): void {
  const legacy = util as unknown as Record<string, unknown>;
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  legacy['isArray'] ??= Array.isArray;
}

/** Tries the package in a child process. Resolves with null when it works, else with the reason. */
export function probeTensorflow(entry: string, script: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, probeFlag, entry],
      {
        timeout: probeTimeoutMilliseconds,
        killSignal: 'SIGKILL',
        env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
      },
      (error, stdout, stderr) => {
        if (!error && stdout.includes('"works":true')) return resolve(null);
        const lastLine = stderr.trim().split('\n').filter(Boolean).pop() ?? '';
        if (error?.killed) return resolve(`it did not answer within ${probeTimeoutMilliseconds / 1000} s`);
        if (error?.signal) return resolve(`it crashed with ${error.signal}`);
        resolve(lastLine.slice(0, 300) || 'it did not load');
      },
    );
  });
}

/** The child's side of `probeTensorflow`; true when this process was started for it. */
export async function answerProbe(argv: string[]): Promise<boolean> {
  const at = argv.indexOf(probeFlag);
  const entry = argv[at + 1];
  if (at < 0 || !entry) return false;
  try {
    loadTensorflow(entry);
    await tf.setBackend('tensorflow');
    const difference = await differenceFromCpu('tensorflow');
    if (!(difference <= maximumDifference))
      throw new Error(`a training step differs by ${difference} from plain JavaScript`);
    protocolOutput.write('{"works":true}\n', () => process.exit(0));
  } catch (error) {
    process.stderr.write(`${messageOf(error).split('\n')[0]}\n`, () => process.exit(1));
  }
  return true;
}
