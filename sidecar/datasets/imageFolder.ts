/** A folder with a sub-folder of pictures per class. Only the paths are held; pictures are decoded as they are asked for. */
import path from 'node:path';
import type {
  DataPart,
  ExampleDescription,
  ExampleKind,
  InputEncoding,
  RowEncoding,
} from '../../protocol/sidecar';
import { messageOf, SidecarError } from '../errors';
import { readPicture, readPictureSize } from '../images/decode';
import { readThumbnail } from '../images/thumbnail';
import { type Dataset, type DatasetOptions, type Examples, labelText } from './dataset';
import { type ClassFiles, findPictures } from './pictureFiles';
import { formatCount, pixelsOnly } from './reading';
import { stratifiedSplit } from './split';

/** Pictures that are decoded at a time: as many as libuv has threads. */
const decodedAtOnce = 4;
/** Decoded pictures are kept for the next epoch as long as they fit into this many bytes. */
const keptBytes = 256 * 1024 * 1024;
/** How many pictures' sizes are looked at to say whether they are all alike. */
const sampledSizes = 24;
const thumbnailSide = 64;
const namedBrokenPictures = 5;

interface FolderPart {
  files: string[];
  labels: Uint32Array;
}

export async function openImageFolder(
  folder: string,
  { validationSplit, warn, signal }: DatasetOptions,
): Promise<ImageFolder> {
  const found = await findPictures(folder, warn, signal);
  const classNames = (found.train ?? []).map(({ className }) => className);
  if (classNames.length < 2) {
    throw new SidecarError(
      classNames.length === 0
        ? 'The folder has no sub-folders with pictures.'
        : `The folder has only one class with pictures, \`${classNames[0]}\`; there must be two at least.`,
      {
        where: folder,
        next: 'Put the pictures of each class into a sub-folder that is named after the class.',
      },
    );
  }
  const parts: Partial<Record<DataPart, FolderPart>> = {};
  for (const [part, classes] of Object.entries(found) as [DataPart, ClassFiles[]][]) {
    parts[part] = flatten(part, classes, classNames, folder);
  }
  if (!parts.validation && parts.train) {
    const { files, labels } = parts.train;
    const split = stratifiedSplit(labels, validationSplit);
    const pick = (members: Uint32Array): FolderPart => ({
      files: Array.from(members, (member) => files[member] ?? ''),
      labels: members.map((member) => labels[member] ?? 0),
    });
    parts.train = pick(split.train);
    parts.validation = pick(split.validation);
  }
  const example = await sampleSizes(parts.train?.files ?? []);
  return new ImageFolder(folder, classNames, parts, example, warn);
}

function flatten(part: DataPart, classes: ClassFiles[], classNames: string[], folder: string): FolderPart {
  const unknown = classes.find(({ className }) => !classNames.includes(className));
  if (unknown) {
    throw new SidecarError(
      `The ${part} pictures have a class \`${unknown.className}\` that the training pictures have not.`,
      { where: folder, next: `Training has ${classNames.slice(0, 10).join(', ')}.` },
    );
  }
  return {
    files: classes.flatMap(({ files }) => files),
    labels: Uint32Array.from(
      classes.flatMap(({ className, files }) => {
        const label = classNames.indexOf(className);
        return files.map(() => label);
      }),
    ),
  };
}

async function sampleSizes(files: string[]): Promise<ExampleKind & { kind: 'image' }> {
  const step = Math.max(1, Math.floor(files.length / sampledSizes));
  const sizes: Awaited<ReturnType<typeof readPictureSize>>[] = [];
  let failure: unknown;
  for (let i = 0; i < files.length && sizes.length < sampledSizes; i += step) {
    await readPictureSize({ kind: 'file', path: files[i] ?? '' }).then(
      (size) => sizes.push(size),
      (error) => {
        failure ??= error;
      },
    );
  }
  // All of them broken, or no way to decode anything here.
  if (sizes.length === 0 && failure !== undefined) throw failure;
  const [first] = sizes;
  const alike = sizes.every(({ height, width }) => height === first?.height && width === first?.width);
  return {
    kind: 'image',
    height: alike ? (first?.height ?? null) : null,
    width: alike ? (first?.width ?? null) : null,
    channels: sizes.some(({ channels }) => channels === 3) ? 3 : 1,
  };
}

export class ImageFolder implements Dataset {
  readonly title: string;
  readonly noun = 'pictures';
  readonly framing = 'fit';
  readonly target: { kind: 'classes'; classNames: string[] };
  private readonly kept = new Map<string, Uint8Array>();
  private keptSize = 0;
  private keptForm = '';
  private readonly broken = new Set<string>();

  constructor(
    private readonly folder: string,
    classNames: string[],
    private readonly parts: Partial<Record<DataPart, FolderPart>>,
    readonly example: ExampleKind & { kind: 'image' },
    private readonly warn: (message: string) => void,
  ) {
    this.title = `Pictures in ${folder}`;
    this.target = { kind: 'classes', classNames };
  }

  count(part: DataPart): number {
    return this.parts[part]?.files.length ?? 0;
  }

  label(part: DataPart, index: number): number {
    return this.parts[part]?.labels[index] ?? 0;
  }

  async read(
    part: DataPart,
    indices: ArrayLike<number>,
    encoding: InputEncoding | RowEncoding,
  ): Promise<Examples> {
    const form = pixelsOnly(encoding);
    this.keepOnly(form);
    const pictures: (Uint8Array | undefined)[] = [];
    let next = 0;
    const readSome = async () => {
      for (let row = next++; row < indices.length; row = next++)
        pictures[row] = await this.decode(this.file(part, indices[row] ?? 0), form);
    };
    await Promise.all(Array.from({ length: decodedAtOnce }, readSome));
    const whole = Array.from({ length: indices.length }, (_, row) => row).filter((row) => pictures[row]);
    if (whole.length === 0 && indices.length > 0 && this.broken.size >= this.total) {
      throw new SidecarError('None of the pictures can be read.', { where: this.folder });
    }
    const size = form.height * form.width * form.channels;
    const values = new Uint8Array(whole.length * size);
    for (const [place, row] of whole.entries()) values.set(pictures[row] ?? [], place * size);
    return { indices: Uint32Array.from(whole, (row) => indices[row] ?? 0), values };
  }

  async describeExample(part: DataPart, index: number): Promise<ExampleDescription> {
    const file = this.file(part, index);
    const described = { part, index, label: labelText(this, part, index), path: file };
    try {
      return { ...described, thumbnail: await readThumbnail({ kind: 'file', path: file }, thumbnailSide) };
    } catch (error) {
      this.leaveOut(file, error);
      return described;
    }
  }

  async close(): Promise<void> {
    this.kept.clear();
    this.keptSize = 0;
    if (this.broken.size > namedBrokenPictures)
      this.warn(`${formatCount(this.broken.size)} pictures in all were left out since they cannot be read.`);
  }

  private get total(): number {
    return this.count('train') + this.count('validation') + this.count('test');
  }

  private file(part: DataPart, index: number): string {
    return this.parts[part]?.files[index] ?? '';
  }

  /** Undefined for a broken picture. */
  private async decode(file: string, form: InputEncoding): Promise<Uint8Array | undefined> {
    const known = this.kept.get(file);
    if (known || this.broken.has(file)) return known;
    try {
      const { data } = await readPicture({ kind: 'file', path: file }, form);
      if (this.keptSize + data.length <= keptBytes) {
        this.kept.set(file, data);
        this.keptSize += data.length;
      }
      return data;
    } catch (error) {
      this.leaveOut(file, error);
      return undefined;
    }
  }

  private leaveOut(file: string, error: unknown): void {
    if (this.broken.has(file)) return;
    this.broken.add(file);
    if (this.broken.size > namedBrokenPictures) return;
    const why = error instanceof SidecarError ? error.what : messageOf(error);
    this.warn(`${path.relative(this.folder, file)} is left out: ${why}`);
  }

  /** What is kept is of one size; asked for another, it starts anew. */
  private keepOnly({ height, width, channels, framing }: InputEncoding): void {
    const form = `${height}×${width}×${channels} ${framing}`;
    if (form === this.keptForm) return;
    this.keptForm = form;
    this.kept.clear();
    this.keptSize = 0;
  }
}
