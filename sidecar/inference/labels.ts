/** What the classes are called: by the run, by a file, or by ImageNet where there are as many classes. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, SidecarError, systemErrorCode } from '../errors';

const maximumFileBytes = 16 * 1024 * 1024;

/**
 * @param labelsPath A file that people chose; wins over everything else.
 * @param ofModel What the model's own files say.
 * @returns The names, and where they come from in plain words; both empty where nothing is known.
 * @throws SidecarError when the file cannot be read or names another number of classes.
 */
export async function classLabels(
  labelsPath: string | undefined,
  ofModel: readonly string[],
  count: number,
): Promise<{ names: readonly string[]; from: string }> {
  if (labelsPath !== undefined) {
    const names = await readLabels(labelsPath);
    if (names.length !== count) {
      throw new SidecarError(`The file names ${names.length} classes; the model puts out ${count}.`, {
        where: labelsPath,
        next: 'Choose the file that belongs to this model.',
      });
    }
    return { names, from: `from ${path.basename(labelsPath)}` };
  }
  if (ofModel.length > 0) return { names: ofModel, from: 'from the model’s files' };
  if (count !== 1000 && count !== 1001) return { names: [], from: '' };
  const imageNet = await imageNetNames();
  // TensorFlow's own ImageNet models put a class of nothing before the thousand.
  return count === 1000
    ? { names: imageNet, from: 'ImageNet’s, assumed since there are 1,000 classes' }
    : { names: ['background', ...imageNet], from: 'ImageNet’s, assumed since there are 1,001 classes' };
}

/**
 * One name for each class. Read are: one name a line; `n02123045 tabby, tabby cat` lines as in synset files; a JSON
 * array of names; a JSON object of index → name or index → [id, name] (Keras' imagenet_class_index.json).
 */
export async function readLabels(file: string): Promise<string[]> {
  const text = (await readText(file)).replace(/^\uFEFF/, '');
  const names = /^\s*[[{]/.test(text) ? fromJson(text, file) : fromLines(text);
  if (names.length === 0) throw new SidecarError('The file names no classes.', { where: file });
  return names;
}

function fromLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  const synsets = lines.length > 0 && lines.every((line) => /^n\d{8}\s+\S/.test(line));
  return synsets ? lines.map((line) => line.replace(/^n\d{8}\s+/, '')) : lines;
}

const entry = z.union([z.string(), z.tuple([z.string(), z.string()]).transform(([, name]) => name)]);
const labelsJson = z.union([z.array(entry), z.record(z.string(), entry)]);

function fromJson(text: string, file: string): string[] {
  const refuse = (why: string) =>
    new SidecarError(`This is no list of classes: ${why}.`, {
      where: file,
      next: 'Write one name a line, or a JSON array of names.',
    });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw refuse(messageOf(error));
  }
  const parsed = labelsJson.safeParse(content);
  if (!parsed.success) throw refuse('its entries are not names');
  if (Array.isArray(parsed.data)) return parsed.data;
  const entries = Object.entries(parsed.data).map(([key, name]) => [Number(key), name] as const);
  entries.sort(([a], [b]) => a - b);
  const gap = entries.findIndex(([index], i) => index !== i);
  if (gap >= 0) throw refuse(`its keys are not the numbers from 0 to ${entries.length - 1}`);
  return entries.map(([, name]) => name);
}

async function readText(file: string): Promise<string> {
  try {
    const status = await stat(file);
    // A pipe may never give a byte.
    if (!status.isFile())
      throw new SidecarError('This is no file.', { where: file, next: 'Choose a list of names.' });
    if (status.size > maximumFileBytes) {
      throw new SidecarError('The file is too large for a list of classes.', { where: file });
    }
    const bytes = await readFile(file);
    // Windows' shell writes files as UTF-16, with a mark at their start.
    return bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8');
  } catch (error) {
    if (error instanceof SidecarError) throw error;
    throw new SidecarError(
      systemErrorCode(error) === 'ENOENT'
        ? 'The file does not exist.'
        : `The file cannot be read (${messageOf(error)}).`,
      { where: file },
    );
  }
}

const imageNetFile = z.object({ classes: z.array(z.string()).length(1000) });
let imageNet: Promise<string[]> | undefined;

/** `media/imagenet-classes.json` beside `dist`. */
function imageNetNames(): Promise<string[]> {
  imageNet ??= readFile(
    path.resolve(path.dirname(process.argv[1] ?? ''), '..', 'media', 'imagenet-classes.json'),
    'utf8',
  ).then((text) => imageNetFile.parse(JSON.parse(text)).classes);
  return imageNet;
}
