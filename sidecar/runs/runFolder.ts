/** A training run on disk, as protocol/sidecar/runs.ts lists its files. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { WireModelGraph } from '../../protocol/modelGraph';
import { wireModelGraph } from '../../protocol/modelGraph';
import { type RunFile, runFile } from '../../protocol/sidecar';
import { describeIssue, messageOf, SidecarError, systemErrorCode } from '../errors';
import { removeUnfinishedFiles, writeFileAtomically } from './atomicFile';
import { currentStatus, thisProcess } from './runStatus';

const runFileName = 'run.json';
const graphFileName = 'graph.json';

export class RunFolder {
  private constructor(
    readonly folder: string,
    private file: RunFile,
  ) {}

  /** Makes the folder; its name is free even when two runs start in one second. */
  static async create(runsFolder: string, file: RunFile, graph: WireModelGraph): Promise<RunFolder> {
    const time = file.createdAt.slice(0, 19).replaceAll(':', '-');
    const model =
      file.model
        .replace(/[^\w.-]+/g, '_')
        .replace(/^\.+/, '')
        .slice(0, 60) || 'model';
    try {
      await makeFolders(runsFolder);
      for (let attempt = 1; ; attempt++) {
        const folder = path.join(runsFolder, `${time}-${model}${attempt > 1 ? `-${attempt}` : ''}`);
        try {
          await mkdir(folder);
        } catch (error) {
          if (systemErrorCode(error) === 'EEXIST' && attempt < 1000) continue;
          throw error;
        }
        await writeFileAtomically(path.join(folder, graphFileName), JSON.stringify(graph));
        const run = new RunFolder(folder, { ...file, process: await thisProcess() });
        await run.update({});
        return run;
      }
    } catch (error) {
      throw new SidecarError(`The run's folder cannot be made (${messageOf(error)}).`, {
        where: runsFolder,
        next: 'Training needs a folder it may write to.',
      });
    }
  }

  /** @throws SidecarError when it is none, or a process is training it. */
  static async open(folder: string): Promise<RunFolder> {
    const file = await readRunFile(path.join(folder, runFileName));
    // Whatever this process says it trains, it does not: it trains one run at a time, and this is asked before.
    const isOwn = file.process?.pid === process.pid;
    if (!isOwn && (await currentStatus(file)) === 'running') {
      throw new SidecarError(`This run is being trained at the moment, by process ${file.process?.pid}.`, {
        where: folder,
        next: 'Wait until it is finished, or cancel it there.',
      });
    }
    return new RunFolder(folder, file);
  }

  get current(): RunFile {
    return this.file;
  }

  /** The model as the source had it when the run was begun. */
  async readGraph(): Promise<WireModelGraph> {
    return readRunGraph(this.folder);
  }

  /** Says that this process trains it, from now on. */
  async resume(changes: Partial<RunFile>): Promise<void> {
    const { error: _error, test: _test, restoredEpoch: _restored, ...kept } = this.file;
    const resumedAt = [...(kept.resumedAt ?? []), new Date().toISOString()];
    this.file = { ...kept, status: 'running', resumedAt, process: await thisProcess() };
    await this.update(changes);
    await removeUnfinishedFiles(this.folder);
  }

  /** With any status but `running` nobody trains it any more. */
  async update(changes: Partial<RunFile>): Promise<void> {
    this.file = { ...this.file, ...changes };
    if (this.file.status !== 'running') delete this.file.process;
    await writeFileAtomically(path.join(this.folder, runFileName), `${JSON.stringify(this.file, null, 2)}\n`);
  }
}

/** The model of a run as the source had it when the run was begun. @throws SidecarError */
export async function readRunGraph(folder: string): Promise<WireModelGraph> {
  const file = path.join(folder, graphFileName);
  try {
    return wireModelGraph.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new SidecarError('What this run began with is not known: its model is not recorded.', {
      where: file,
      next: 'Train the model anew.',
      cause: error,
    });
  }
}

/** @throws SidecarError when it is not a run.json of this version. */
export async function readRunFile(file: string): Promise<RunFile> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new SidecarError(`The file is not readable as JSON (${messageOf(error)}).`, {
      where: file,
      next: 'Train the model anew, or bring the file back from a backup.',
    });
  }
  const parsed = runFile.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new SidecarError(`This is not a run that Layerwise wrote: ${describeIssue(parsed.error.issues)}.`, {
    where: file,
    next: 'Train the model anew, or bring the file back from a backup.',
  });
}

/** Node's own `recursive` never ends where a system says ENOENT of a folder that it cannot make, as in /proc. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' && !(await exists(path.dirname(folder)))) {
      await makeFolders(path.dirname(folder));
      await makeFolders(folder);
    } else if (!(await isFolder(folder))) throw error;
  }
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
