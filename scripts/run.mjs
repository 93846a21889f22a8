// What every script here shares: where the project is, how a step is announced, how a program is run and ended.
// Only Node's own modules: `npm start` runs this before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** A failure that was foreseen: its message says what to do, so no stack is shown. */
export class Failure extends Error {}

/** Announces what comes next, so that nobody looks at a silent terminal. */
export function step(text) {
  console.log(`▸ ${text}`);
}

/** Runs a script's main function; foreseen failures become one line and exit code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Failure ? `✗ ${error.message}` : error);
    process.exitCode = 1;
  }
}

/** The value after `--name`, or undefined. */
export function option(name, args = process.argv.slice(2)) {
  const inline = args.find((arg) => arg.startsWith(`--${name}=`));
  if (inline) return inline.slice(name.length + 3);
  const at = args.indexOf(`--${name}`);
  return at === -1 ? undefined : args[at + 1];
}

export function flag(name, args = process.argv.slice(2)) {
  return args.includes(`--${name}`);
}

// --- programs and their ends ---------------------------------------------------------------------------------------

/** Process groups and folders that must not outlive this process, however it ends. */
const liveGroups = new Set();
const temporaryFolders = new Set();
let watchingForTheEnd = false;

function watchForTheEnd() {
  if (watchingForTheEnd) return;
  watchingForTheEnd = true;
  process.on('exit', () => {
    for (const pid of liveGroups) killGroup(pid, 'SIGKILL');
    for (const folder of temporaryFolders) rmSync(folder, { recursive: true, force: true });
  });
  // A signal alone would skip the 'exit' handlers. Scripts that end more gently add a listener of their own.
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 })) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + number);
    });
  }
  // npm passes SIGTERM to the shell it runs the script with, and that shell dies without telling the script.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) {
    setInterval(() => {
      if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
    }, 500).unref();
  }
}

/** Removes the folder when this process ends. */
export function removeAtExit(folder) {
  watchForTheEnd();
  temporaryFolders.add(folder);
}

/** Signals a process and all it started, as long as they stayed in its group. */
export function killGroup(pid, signal = 'SIGTERM') {
  try {
    if (process.platform === 'win32')
      spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    else process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}

/** Starts a program in a process group of its own; the group dies with this process at the latest. */
export function spawnGroup(command, args, options = {}) {
  watchForTheEnd();
  const child = spawn(command, args, { ...options, detached: process.platform !== 'win32' });
  const { pid } = child;
  if (pid !== undefined) {
    liveGroups.add(pid);
    child.once('exit', () => {
      // Whatever the program left behind in its group ends with it.
      killGroup(pid, 'SIGKILL');
      liveGroups.delete(pid);
    });
  }
  return child;
}

/** Ends a program of `spawnGroup`: asks first, insists after `patience` milliseconds. Resolves when it is gone. */
export async function endGroup(child, patience = 5000) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  killGroup(child.pid, 'SIGTERM');
  const insist = setTimeout(() => killGroup(child.pid, 'SIGKILL'), patience);
  await gone;
  clearTimeout(insist);
}

/**
 * Runs a program to its end. Its output is shown, or with `quiet` collected, returned, and shown only if it fails.
 * Rejects with a `Failure` when it cannot be started or exits with anything but 0.
 */
export function run(command, args, { cwd = root, env = process.env, quiet = false, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const name = [path.basename(command), ...args].join(' ');
    const child = spawnGroup(command, args, {
      cwd,
      env,
      shell,
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    let output = '';
    let everything = '';
    child.stdout?.on('data', (data) => {
      output += data;
      everything += data;
    });
    child.stderr?.on('data', (data) => {
      everything += data;
    });
    child.once('error', (error) => reject(new Failure(`${name}: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          new Failure(
            `${name} ended with ${signal ?? `exit code ${code}`}${everything && `\n${everything}`}`,
          ),
        );
    });
  });
}

/** Runs npm: the one that started this script where there is one, else the one on the PATH. */
export function npm(args, options) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js') || script?.endsWith('.cjs'))
    return run(process.execPath, [script, ...args], options);
  return run('npm', args, { ...options, shell: process.platform === 'win32' });
}

// --- dependencies --------------------------------------------------------------------------------------------------

/** Whether node_modules holds what package-lock.json asks for. Compared by content: a checkout changes dates. */
export function dependenciesAreInstalled() {
  const installed = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([folder, entry]) =>
      folder === '' ||
      // Another platform's binary, or one that failed to install and may be missing.
      (entry.optional && !present[folder]) ||
      present[folder]?.version === entry.version,
  );
}

/** `npm ci` where it is needed. */
export async function ensureDependencies() {
  if (dependenciesAreInstalled()) return;
  step('Installing the dependencies (npm ci)');
  await npm(['ci', '--no-audit', '--no-fund']);
}
