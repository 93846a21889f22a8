/**
 * Puts TensorFlow's own library, as @tensorflow/tfjs-node or -gpu, into a folder of Layerwise's: with the package's own
 * download, and where that fails or does not work here, by compiling its addon against the library of TensorFlow's wheel.
 * Made in a folder beside, proven by training, and only then moved into place.
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type {
  InstallNativeBackendParams,
  InstallNativeBackendResult,
  InstallProgress,
} from '../../../protocol/sidecar';
import { messageOf, SidecarError } from '../../errors';
import { isAlive } from '../../lifetime';
import { userBackendFolder } from '../../userFolder';
import type { Candidate } from '../candidate';
import { nvidiaGpu } from '../devices';
import { type Proven, probe } from '../probe';
import { installEnvironment, requireBuildTools } from './prerequisites';
import { Log, ProgramFailed, type RunOptions, run } from './programs';
import { compileAddon, downloadWheel, unpackWheels, wheelCanServe } from './wheel';

const version = '4.22.0';
/** Of free disk: the library, its wheel and the packages are there at once. */
const gigabytesNeeded = { cpu: 2, gpu: 12 };
/** The package's own download is given up when nothing arrives for so long. */
const downloadIdleSeconds = 90;
/** The first computation loads all of TensorFlow from disk. */
const proofSeconds = 240;

const temporaryFolder = 'tmp';

interface Context {
  params: InstallNativeBackendParams;
  device: 'cpu' | 'gpu';
  name: string;
  /** Where it is made. */
  project: string;
  /** The package in it. */
  addon: string;
  options: RunOptions;
  announce(title: string, detail?: string): void;
}

/**
 * @throws SidecarError with what is missing and how to get it. Nothing but the log is left behind then.
 */
export async function installNativeBackend(
  params: InstallNativeBackendParams,
  signal: AbortSignal,
  report: (progress: InstallProgress) => void,
): Promise<InstallNativeBackendResult> {
  const folder = path.resolve(params.folder ?? userBackendFolder());
  await mkdir(path.dirname(folder), { recursive: true });
  await removeLeftOvers(folder);
  const log = new Log(`${folder}.log`);
  const project = `${folder}.partial-${process.pid}`;
  const removeAtExit = () => rmSync(project, { recursive: true, force: true });
  process.on('exit', removeAtExit);
  try {
    const context = await prepare(params, project, log, signal, report);
    const { proven, history } = await makeAndProve(context);
    context.announce('Measuring WebAssembly, for comparison');
    const wasm = await probe({ backend: 'wasm' }, { seconds: proofSeconds, measure: true, signal });
    signal.throwIfAborted();
    context.announce('Putting it in place');
    await moveIntoPlace(project, folder);
    const stepMilliseconds = {
      native: proven.stepMilliseconds ?? Number.NaN,
      wasm: wasm.stepMilliseconds ?? Number.NaN,
    };
    const verdict = judge(proven, stepMilliseconds, history);
    log.write(`\n${verdict}\n`);
    return { cancelled: false, verdict, stepMilliseconds, logFile: log.file };
  } catch (error) {
    if (signal.aborted) {
      log.write('\nCancelled.\n');
      return { cancelled: true, verdict: 'Cancelled; nothing was changed.', logFile: log.file };
    }
    log.write(`\n${messageOf(error)}\n`);
    if (error instanceof SidecarError) throw error;
    throw new SidecarError(`The native backend could not be installed: ${messageOf(error)}.`, {
      next: `The log is in ${log.file}.`,
      cause: error,
    });
  } finally {
    await rm(project, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
    process.off('exit', removeAtExit);
    await log.close();
  }
}

async function prepare(
  params: InstallNativeBackendParams,
  project: string,
  log: Log,
  signal: AbortSignal,
  report: (progress: InstallProgress) => void,
): Promise<Context> {
  let step = 0;
  let current = '';
  const steps = params.source === 'wheel' ? 9 : 10;
  const announce = (title: string, detail?: string) => {
    if (title !== current) {
      step++;
      log.write(`\n--- ${title}\n`);
    }
    current = title;
    report({ step, steps: Math.max(steps, step), title, ...(detail ? { detail } : {}) });
  };
  announce('Looking at this machine');
  requireGlibc();
  const temporary = path.join(project, temporaryFolder);
  await mkdir(temporary, { recursive: true });
  const options: RunOptions = { cwd: project, env: installEnvironment(temporary), signal, log };
  await run('npm', ['--version'], options).catch((error: unknown) => {
    if (!(error instanceof ProgramFailed)) throw error;
    throw new SidecarError('npm cannot be run, and it is what fetches the packages.', {
      next: 'Install Node.js 20 or newer, with npm, from https://nodejs.org or your package manager, and restart VS Code.',
    });
  });
  const gpu = params.device === 'cpu' ? null : await nvidiaGpu();
  if (params.device === 'gpu' && !gpu)
    throw new SidecarError('No NVIDIA graphics card was found: nvidia-smi names none.', {
      next: "Install the card's driver, or install for the processor.",
    });
  const device = gpu ? 'gpu' : 'cpu';
  log.write(
    `Node.js ${process.version}, ${process.platform} ${process.arch}, graphics card: ${gpu ?? 'none'}\n`,
  );
  await requireDiskSpace(project, gigabytesNeeded[device]);
  const name = device === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  const addon = path.join(project, 'node_modules', name);
  return { params, device, name, project, addon, options, announce };
}

/** @returns what was proven, and how it came about, for the verdict */
async function makeAndProve(context: Context): Promise<{ proven: Proven; history: string }> {
  const { params, name, announce } = context;
  announce(`Fetching ${name}`);
  await fetchPackage(context);
  let why = '';
  if (params.source !== 'wheel') {
    try {
      announce('Downloading the TensorFlow that it names');
      await runOwnInstall(context);
      announce('Proving it with a training step');
      return { proven: await prove(context), history: '' };
    } catch (error) {
      context.options.signal.throwIfAborted();
      why = messageOf(error);
      context.options.log.write(`\nThe package's own download does not work here: ${why}\n`);
    }
  }
  if (!wheelCanServe()) {
    throw new SidecarError(`The package's own download does not work here: ${why}.`, {
      next: `Building against TensorFlow's wheel is possible on Linux (x64, arm64) only, and this is ${process.platform} ${process.arch}.`,
    });
  }
  announce('Looking for what building needs');
  const python = await requireBuildTools(context.options);
  await buildAgainstWheel(context, python);
  announce('Proving the build with a training step');
  const history = ` It was compiled here against TensorFlow's wheel${why ? `, as the package's own download does not work here (${why})` : ''}.`;
  return { proven: await prove(context), history };
}

async function fetchPackage({ project, name, options }: Context): Promise<void> {
  const manifest = {
    private: true,
    dependencies: { [name]: version },
    allowScripts: { [name]: true, 'core-js': false },
  };
  await writeFile(path.join(project, 'package.json'), JSON.stringify(manifest, null, 2));
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], options).catch(
    (error: unknown) => {
      if (!(error instanceof ProgramFailed)) throw error;
      throw new SidecarError(`npm could not fetch ${name}: ${error.message}.`, {
        next: "Check the connection to npm's registry (npm's settings hold here, proxies and mirrors too).",
      });
    },
  );
}

/** The package's own install script, unmodified. */
async function runOwnInstall({ addon, options, announce }: Context): Promise<void> {
  await run('npm', ['run', 'install'], {
    ...options,
    cwd: addon,
    growing: addon,
    idleSeconds: downloadIdleSeconds,
    onGrowth: (bytes) => announce('Downloading the TensorFlow that it names', megabytes(bytes)),
  });
}

async function buildAgainstWheel(context: Context, python: string): Promise<void> {
  const { device, project, addon, options, announce } = context;
  const title = `Downloading TensorFlow's wheel${device === 'gpu' ? ' and CUDA (about 3 GB)' : ''}`;
  announce(title);
  let total = '';
  // pip fills the folder for temporary files, then moves the wheel.
  const temporary = path.join(project, temporaryFolder);
  const wheels = path.join(temporary, 'wheels');
  await downloadWheel(python, device, wheels, {
    ...options,
    growing: temporary,
    onGrowth: (bytes) => announce(title, `${megabytes(bytes)}${total}`),
    onOutput: (text) => {
      const size = /\(([\d.]+) ([MG]B)\)/.exec(text);
      if (size && device === 'cpu') total = ` of ${Math.round(Number(size[1]))} ${size[2]}`;
    },
  });
  announce('Unpacking the wheel');
  await unpackWheels(python, wheels, addon, options);
  announce('Compiling the addon');
  await compileAddon(addon, options);
}

async function prove({ device, addon, options }: Context): Promise<Proven> {
  const entry = path.join(addon, 'dist/index.js');
  const backend = device === 'gpu' ? 'tensorflow-gpu' : 'tensorflow';
  const measured = { seconds: proofSeconds, measure: true, signal: options.signal };
  const candidate: Candidate = { backend, entry };
  return await probe(candidate, measured);
}

function judge(
  { description }: Proven,
  { native, wasm }: { native: number; wasm: number },
  history: string,
): string {
  const milliseconds = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
  const comparison =
    native < wasm
      ? `a LeNet-5 step takes ${milliseconds(native)} instead of ${milliseconds(wasm)} with WebAssembly`
      : `but a LeNet-5 step takes ${milliseconds(native)}, not faster than the ${milliseconds(wasm)} of WebAssembly; larger models may gain`;
  return `${description} works: ${comparison}.${history}`.replace('works: but', 'works, but');
}

async function moveIntoPlace(project: string, folder: string): Promise<void> {
  await rm(path.join(project, temporaryFolder), { recursive: true, force: true });
  const old = `${folder}.old-${process.pid}`;
  try {
    if (existsSync(folder)) await rename(folder, old);
    await rename(project, folder);
  } catch (error) {
    if (existsSync(old) && !existsSync(folder)) await rename(old, folder);
    throw new SidecarError(`It works, but could not be put in place: ${messageOf(error)}.`, {
      next: 'The compute process may still use the earlier one: end it, and install again.',
    });
  }
  // Where it is in use (Windows), the next installation removes it.
  await rm(old, { recursive: true, force: true }).catch(() => {});
}

/** What installations left that were killed. Those under way in other processes stay. */
async function removeLeftOvers(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  for (const name of await readdir(parent)) {
    const leftOver = new RegExp(`^${escapeRegExp(path.basename(folder))}\\.(?:partial|old)-(\\d+)$`).exec(
      name,
    );
    if (leftOver && !isAlive(Number(leftOver[1])))
      await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function requireGlibc(): void {
  if (process.platform !== 'linux') return;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (!header.glibcVersionRuntime)
    throw new SidecarError(
      'TensorFlow is made for glibc, and this Linux has another C library (musl, as Alpine does).',
      {
        next: 'Use WebAssembly here, or a distribution with glibc.',
      },
    );
}

async function requireDiskSpace(folder: string, gigabytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = (bavail * bsize) / 1e9;
  if (free < gigabytes)
    throw new SidecarError(`Installing takes ${gigabytes} GB of disk, and ${free.toFixed(1)} GB are free.`, {
      where: folder,
      next: 'Free some and try again.',
    });
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
