/** A file that only grows while a run is under way, and is cut back to a checkpoint when the run is resumed. */
import { type FileHandle, open, truncate } from 'node:fs/promises';
import { systemErrorCode } from '../errors';

/** Small pieces are gathered, so that a fast model does not wait for the disk at every batch. */
const largestWait = 64 * 1024;

export class AppendOnlyFile {
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private flushing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private written: number,
  ) {}

  /** Made where it does not exist. Whatever it holds behind the first `keep` bytes is cut off. */
  static async open(path: string, keep = 0): Promise<AppendOnlyFile> {
    const handle = await open(path, 'a');
    try {
      const { size } = await handle.stat();
      if (size > keep) await handle.truncate(keep);
      return new AppendOnlyFile(path, handle, Math.min(size, keep));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  append(content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.waiting.push(bytes);
    this.waitingBytes += bytes.byteLength;
  }

  get needsFlush(): boolean {
    return this.waitingBytes >= largestWait;
  }

  /** Hands everything to the system; a reader sees it from then on. */
  flush(): Promise<void> {
    const before = this.flushing;
    this.flushing = before.then(() => this.writeWaiting());
    // Whoever does not wait for it finds the failure with the next flush.
    this.flushing.catch(() => {});
    return this.flushing;
  }

  /** How many bytes it holds once everything is flushed. */
  get length(): number {
    return this.written + this.waitingBytes;
  }

  /** What was flushed is on the disk from then on. */
  async save(): Promise<void> {
    await this.handle.datasync();
  }

  private async writeWaiting(): Promise<void> {
    if (this.waitingBytes === 0) return;
    const bytes = Buffer.concat(this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
    this.written += bytes.byteLength;
    for (let done = 0; done < bytes.byteLength; ) done += (await this.handle.write(bytes, done)).bytesWritten;
  }

  async close(): Promise<void> {
    await this.flush().finally(() => this.handle.close());
  }
}

/** Cuts a file back to its first `keep` bytes; one that does not exist or is shorter stays as it is. */
export async function cutBack(path: string, keep: number): Promise<void> {
  try {
    const handle = await open(path, 'r+');
    try {
      if ((await handle.stat()).size > keep) await truncate(path, keep);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}
