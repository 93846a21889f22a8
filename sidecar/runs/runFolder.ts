/**
 * A training run on disk: `<runsFolder>/<time>-<model>/` with `run.json` (what it is and how it went), `metrics.jsonl`
 * (one line per shown batch and epoch) and `checkpoint/` (the model, in the tfjs layers format).
 */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { type RunFile, runFile } from '../../protocol/sidecar';
import { messageOf, SidecarError, systemErrorCode } from '../errors';
import { writeFileAtomically } from './atomicFile';
import { saveCheckpoint } from './checkpoint';

export class RunFolder {
  private constructor(
    readonly folder: string,
    private file: RunFile,
  ) {}

  /** Makes the folder; its name is free even when two runs start in one second. */
  static async create(runsFolder: string, file: RunFile): Promise<RunFolder> {
    const time = file.createdAt.slice(0, 19).replaceAll(':', '-');
    const model =
      file.model
        .replace(/[^\w.-]+/g, '_')
        .replace(/^\.+/, '')
        .slice(0, 60) || 'model';
    try {
      await mkdir(runsFolder, { recursive: true });
      for (let attempt = 1; ; attempt++) {
        const folder = path.join(runsFolder, `${time}-${model}${attempt > 1 ? `-${attempt}` : ''}`);
        try {
          await mkdir(folder);
        } catch (error) {
          if (systemErrorCode(error) === 'EEXIST' && attempt < 1000) continue;
          throw error;
        }
        const run = new RunFolder(folder, file);
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

  get current(): RunFile {
    return this.file;
  }

  async update(changes: Partial<RunFile>): Promise<void> {
    this.file = { ...this.file, ...changes };
    await writeFileAtomically(path.join(this.folder, 'run.json'), `${JSON.stringify(this.file, null, 2)}\n`);
  }

  async appendMetrics(line: object): Promise<void> {
    await appendFile(path.join(this.folder, 'metrics.jsonl'), `${JSON.stringify(line)}\n`);
  }

  async saveCheckpoint(model: tf.LayersModel): Promise<void> {
    await saveCheckpoint(model, path.join(this.folder, 'checkpoint'));
  }
}

/** @throws SidecarError when it is not a run.json of this version. */
export async function readRunFile(file: string): Promise<RunFile> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new SidecarError(`The file is not readable as JSON (${messageOf(error)}).`, { where: file });
  }
  const parsed = runFile.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SidecarError(
    `This is not a run that Layerwise wrote: ${issue?.path.join('.')} ${issue?.message}.`,
    { where: file },
  );
}
