/** What the classify panel keeps on disk, so that it comes back after the window is reloaded. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import { z } from 'zod';
import { classification, classifyParams, type PictureSource } from '../../protocol/sidecar';
import { classifyModel } from '../../protocol/webview';
import { scoredPicture } from './pictures';

/** A picture that was looked into, and what came out. */
export const answer = z.object({
  picture: z.string(),
  imageName: z.string(),
  /** What was asked. */
  params: classifyParams,
  result: classification,
});
export type Answer = z.infer<typeof answer>;

/** What the answer was compared with. */
export const comparedRecord = z.object({
  imageName: z.string(),
  params: classifyParams,
  /** What sets its model apart from one of the same name; empty: nothing has to. */
  note: z.string(),
});
export type ComparedRecord = z.infer<typeof comparedRecord>;

export const classifyRecord = z.object({
  version: z.literal(1),
  model: classifyModel.optional(),
  pictures: z.array(scoredPicture),
  selected: z.string().optional(),
  /** The last picture that could be classified; the selected one may have failed since. */
  answer: answer.optional(),
  failure: z.string().optional(),
  compared: comparedRecord.optional(),
});
export type ClassifyRecord = z.infer<typeof classifyRecord>;

/**
 * A folder in the workspace's storage with the record and with the pictures that have no file of their own: pasted, drawn,
 * dropped from elsewhere. Written by this process itself: the editor's file system would ask the window, which may just
 * be closing.
 */
export class ClassifyStore {
  private readonly recordFile: string;
  private readonly pictureFolder: string;
  private writing: Promise<void> = Promise.resolve();
  private waiting: ClassifyRecord | undefined;
  private cleaning: Promise<void> = Promise.resolve();

  constructor(storage: vscode.Uri) {
    const folder = path.join(storage.fsPath, 'classify');
    this.recordFile = path.join(folder, 'record.json');
    this.pictureFolder = path.join(folder, 'pictures');
  }

  /** What was shown last; undefined when nothing was, or another version wrote it. */
  async load(): Promise<ClassifyRecord | undefined> {
    try {
      return classifyRecord.parse(JSON.parse(await readFile(this.recordFile, 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** Writes the newest record as soon as the one before is written. Rejects when that fails. */
  save(record: ClassifyRecord): Promise<void> {
    const isIdle = this.waiting === undefined;
    this.waiting = record;
    if (isIdle) {
      this.writing = this.writing
        .catch(() => {})
        .then(async () => {
          const newest = this.waiting;
          this.waiting = undefined;
          if (newest) await this.write(newest);
        });
    }
    return this.writing;
  }

  private async write(record: ClassifyRecord): Promise<void> {
    await mkdir(path.dirname(this.recordFile), { recursive: true });
    // Beside and then in its place, so that a window that ends meanwhile leaves the one before.
    const beside = `${this.recordFile}.new`;
    await writeFile(beside, JSON.stringify(record));
    await rename(beside, this.recordFile);
  }

  /** Keeps a picture file's content, where nothing else is said under a name made from it. */
  async keepPicture(data: string, id?: string): Promise<PictureSource> {
    const content = Buffer.from(data, 'base64');
    const name = createHash('sha256')
      .update(id ?? content)
      .digest('hex')
      .slice(0, 32);
    const file = path.join(this.pictureFolder, name);
    // The same picture may be one of those that are just deleted.
    await this.cleaning.catch(() => {});
    await mkdir(this.pictureFolder, { recursive: true });
    await writeFile(file, content);
    return { kind: 'file', path: file };
  }

  /** Deletes the kept pictures that nothing shows any more. */
  forgetAllBut(sources: readonly PictureSource[]): Promise<void> {
    this.cleaning = this.deleteAllBut(sources);
    return this.cleaning;
  }

  private async deleteAllBut(sources: readonly PictureSource[]): Promise<void> {
    const used = new Set(sources.map((source) => (source.kind === 'file' ? source.path : '')));
    const names = await readdir(this.pictureFolder).catch(() => []);
    for (const name of names) {
      const file = path.join(this.pictureFolder, name);
      if (!used.has(file)) await rm(file, { force: true });
    }
  }
}
