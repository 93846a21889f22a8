/** Files that are always whole: written beside their place, flushed to the disk, then renamed into it. */
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** How a file's name ends while it is being written. */
export const temporaryEnding = /\.[0-9a-f]{8}\.tmp$/;

/**
 * @param durable False for what can be spared: whole after a crash of this process all the same, but after a power failure
 * it may be empty.
 */
export async function writeFileAtomically(
  target: string,
  content: string | Uint8Array,
  { durable = true } = {},
): Promise<void> {
  const temporary = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (durable) await flushFolder(path.dirname(target));
}

/** What a process left that was killed while it wrote. To be called only where no other process writes. */
export async function removeUnfinishedFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (temporaryEnding.test(name)) await rm(path.join(folder, name), { force: true });
}

/** The rename itself on the disk: what is renamed later must not survive a power failure that this one does not. */
async function flushFolder(folder: string): Promise<void> {
  // Windows opens no folders, and some network file systems flush none.
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
