/** Finds the pictures of a folder that has a sub-folder per class, by their names; none is opened. */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataPart } from '../../protocol/sidecar';
import { Cancelled, messageOf, SidecarError, systemErrorCode } from '../errors';
import { formatCount } from './reading';

export interface ClassFiles {
  className: string;
  /** Absolute, sorted. */
  files: string[];
}

/** What can be decoded, by the end of the name. */
const pictureName = /\.(png|jpe?g|jfif|webp|gif|avif|tiff?|svg)$/i;
/** Pictures that cannot: said, so that nobody wonders. */
const undecodableName = /\.(bmp|heic|heif|jp2|jxl|ico|psd|raw|dng|cr2|nef|pgm|ppm|npy)$/i;
const maximumDepth = 8;
const maximumPictures = 5_000_000;

/** Names that folders of parts go by. */
const partNames: Record<string, DataPart> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
};

/**
 * @returns For each part that the folder names, its classes; `train` alone where the classes lie directly in it.
 * @throws SidecarError when it cannot be read or holds no sub-folders; Cancelled when `signal` is aborted meanwhile
 */
export async function findPictures(
  folder: string,
  warn: (message: string) => void,
  signal?: AbortSignal,
): Promise<Partial<Record<DataPart, ClassFiles[]>>> {
  const search = new Search(await rootOf(folder), warn, signal);
  const names = await search.foldersIn(search.root);
  const isSplit =
    names.some((name) => partNames[name.toLowerCase()] === 'train') &&
    names.every((name) => partNames[name.toLowerCase()] !== undefined);
  const parts: Partial<Record<DataPart, ClassFiles[]>> = {};
  if (isSplit) {
    for (const name of names) {
      const part = partNames[name.toLowerCase()] ?? 'train';
      parts[part] = [...(parts[part] ?? []), ...(await search.classesIn(path.join(search.root, name)))];
    }
  } else parts.train = await search.classesIn(search.root);
  search.tellOmissions();
  return parts;
}

async function rootOf(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    throw new SidecarError(
      systemErrorCode(error) === 'ENOENT'
        ? 'The folder does not exist.'
        : `The folder cannot be read (${messageOf(error)}).`,
      { where: folder },
    );
  }
  throw new SidecarError('This is a file, not a folder with a sub-folder of pictures per class.', {
    where: folder,
  });
}

class Search {
  private found = 0;
  private undecodable = new Map<string, number>();
  private readonly leaving: string[] = [];

  constructor(
    readonly root: string,
    private readonly warn: (message: string) => void,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async foldersIn(folder: string): Promise<string[]> {
    return (await this.list(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  }

  async classesIn(folder: string): Promise<ClassFiles[]> {
    const classes: ClassFiles[] = [];
    for (const className of await this.foldersIn(folder)) {
      const files: string[] = [];
      await this.collect(path.join(folder, className), files, 0);
      if (files.length > 0) classes.push({ className, files });
      else
        this.warn(
          `The folder \`${path.relative(this.root, path.join(folder, className))}\` has no pictures; it is left out.`,
        );
    }
    return classes;
  }

  tellOmissions(): void {
    for (const [ending, count] of this.undecodable) {
      this.warn(
        `${formatCount(count)} ${ending} file${count === 1 ? ' is' : 's are'} left out: that format cannot be read. Convert to PNG or JPEG.`,
      );
    }
    const [first] = this.leaving;
    if (first !== undefined) {
      const more = this.leaving.length > 1 ? ` and ${formatCount(this.leaving.length - 1)} more` : '';
      this.warn(
        `The link \`${path.relative(this.root, first)}\`${more} leads out of the folder or nowhere; it is not followed.`,
      );
    }
  }

  private async collect(folder: string, files: string[], depth: number): Promise<void> {
    for (const entry of await this.list(folder)) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth < maximumDepth) await this.collect(full, files, depth + 1);
      } else if (pictureName.test(entry.name)) {
        if (!entry.isFile() && !(entry.isSymbolicLink() && (await this.staysInside(full)))) continue;
        files.push(full);
        if (++this.found > maximumPictures) {
          throw new SidecarError(`The folder has more than ${formatCount(maximumPictures)} pictures.`, {
            where: this.root,
          });
        }
      } else if (undecodableName.test(entry.name)) {
        const ending = path.extname(entry.name).toLowerCase();
        this.undecodable.set(ending, (this.undecodable.get(ending) ?? 0) + 1);
      }
    }
  }

  /** A link to a file of the same folder is that file; links between folders are not followed at all. */
  private async staysInside(link: string): Promise<boolean> {
    const target = await realpath(link).catch(() => undefined);
    const inside = target?.startsWith(this.root + path.sep) === true && (await stat(target)).isFile();
    if (!inside) this.leaving.push(link);
    return inside;
  }

  /** Sorted by name, the same on every machine; hidden ones and those that systems leave behind are not there. */
  private async list(folder: string): Promise<Dirent[]> {
    // Reading a folder that the system has in memory leaves the turn to nobody: the request to cancel comes between.
    await nextTurn();
    if (this.signal?.aborted) throw new Cancelled('Reading the folder was cancelled.', { where: this.root });
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      throw new SidecarError(`The folder cannot be read (${messageOf(error)}).`, { where: folder });
    }
    const shown = entries.filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX');
    const numbered = shown.every((entry) => !entry.isDirectory() || /^\d+$/.test(entry.name));
    return shown.sort((a, b) =>
      numbered && a.isDirectory() && b.isDirectory()
        ? Number(a.name) - Number(b.name)
        : a.name < b.name
          ? -1
          : 1,
    );
  }
}
