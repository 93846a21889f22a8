/** Pictures → the pixels a network sees. Decoding is sharp's; it is native code, loaded on first use. */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type sharp from 'sharp';
import type { Metadata, Sharp } from 'sharp';
import type { FramingName, InputEncoding, PictureSource } from '../../protocol/sidecar';
import { messageOf, SidecarError, systemErrorCode } from '../errors';
import { isSrgb, mayHaveProfile } from './colourProfile';
import { describeEncoding } from './encode';
import { fitExample, type Pixels } from './framing';
import { frameDigit } from './mnistFraming';
import { plainPng } from './pngHeader';

/** Largest picture that is decoded, in pixels; larger ones would need gigabytes. */
const maximumPixels = 100_000_000;
const maximumFileBytes = 200 * 1024 * 1024;
/** All that stands before the pixels, in nearly every picture. */
const headBytes = 4096;
/** A digit is looked for in at most this many pixels a side. */
const digitSide = 512;

/** A picture that is not one of a data set's examples. */
export type OutsidePicture = Exclude<PictureSource, { kind: 'example' }>;

/** How the framings make a picture of another shape fit, as sharp names it and in plain words. */
const fits: Record<Exclude<FramingName, 'mnist'>, { fit: 'cover' | 'contain' | 'fill'; words: string }> = {
  fit: { fit: 'cover', words: 'resized and cropped to' },
  contain: { fit: 'contain', words: 'resized whole, with black around, to' },
  stretch: { fit: 'fill', words: 'stretched to' },
};

/**
 * Reads a picture as the network described by `encoding` sees it.
 * @returns Pixels 0 … 255 in the order red, green, blue.
 * @throws SidecarError when it is missing, no picture, damaged or too large.
 */
export async function readPicture(source: OutsidePicture, encoding: InputEncoding): Promise<Pixels> {
  if (source.kind === 'pixels') return readPixels(source, encoding);
  const opened = openPicture(source);
  return orPictureError(opened, () => readFramed(opened, encoding, []));
}

/**
 * As `readPicture`, for people who look at it.
 * @returns Also, in plain words, what the picture was and what was done to its pixels.
 * @throws SidecarError as `readPicture`.
 */
export async function readDescribedPicture(
  source: OutsidePicture,
  encoding: InputEncoding,
): Promise<{ pixels: Pixels; preprocessing: string }> {
  if (source.kind === 'pixels') {
    const pixels = readPixels(source, encoding);
    return { pixels, preprocessing: `painted over, ${describeEncoding(encoding)}` };
  }
  const opened = openPicture(source);
  return orPictureError(opened, async () => {
    const steps: string[] = [];
    // The pixels take longest: they are begun first.
    const [pixels, origin] = await Promise.all([
      readFramed(opened, encoding, steps),
      opened.plain ?? opened.header(),
    ]);
    return {
      pixels,
      preprocessing: [...describeOrigin(origin), ...steps, describeEncoding(encoding)].join(', '),
    };
  });
}

/**
 * A picture's size as it is seen (turned as its EXIF says), from its header alone.
 * @throws SidecarError as `readPicture`.
 */
export async function readPictureSize(
  source: Exclude<OutsidePicture, { kind: 'pixels' }>,
): Promise<{ height: number; width: number; channels: 1 | 3 }> {
  const opened = openPicture(source);
  return orPictureError(opened, async () => {
    const { autoOrient, space } = await opened.header();
    return { ...autoOrient, channels: space === 'b-w' || space === 'grey16' ? 1 : 3 };
  });
}

type Header = Pick<Metadata, 'width' | 'height' | 'format' | 'compression' | 'orientation' | 'hasAlpha'>;

interface OpenedPicture {
  /** For people. */
  where: string;
  mayHaveProfile: boolean;
  /** The header, where it is known without the library. */
  plain: Header | undefined;
  header: () => Promise<Metadata>;
  open: (options: { ignoreIcc: boolean }) => Sharp;
}

function openPicture(source: Exclude<OutsidePicture, { kind: 'pixels' }>): OpenedPicture {
  const load = loadSharp();
  const where = source.kind === 'file' ? source.path : source.name;
  const content = source.kind === 'file' ? source.path : Buffer.from(source.data, 'base64');
  if (typeof content !== 'string') checkSize(content.length, where);
  const head = typeof content === 'string' ? headOf(content) : content.subarray(0, headBytes);
  const plain = plainPng(head);
  const open = ({ ignoreIcc }: { ignoreIcc: boolean }) =>
    load(content, { limitInputPixels: maximumPixels, failOn: 'truncated', pages: 1, ignoreIcc });
  let header: Promise<Metadata> | undefined;
  return {
    where,
    mayHaveProfile: !plain && mayHaveProfile(head),
    plain,
    header: () => {
      header ??= open({ ignoreIcc: false }).metadata();
      return header;
    },
    open,
  };
}

/** Pixels that are framed already. */
function readPixels(source: PictureSource & { kind: 'pixels' }, encoding: InputEncoding): Pixels {
  const { width, height, channels } = source;
  const data = new Uint8Array(Buffer.from(source.data, 'base64'));
  const sizes = `${height}×${width}×${channels}`;
  if (width !== encoding.width || height !== encoding.height || channels !== encoding.channels) {
    throw new SidecarError(
      `The pixels are ${sizes}; the model takes ${encoding.height}×${encoding.width}×${encoding.channels}.`,
      { where: source.name },
    );
  }
  if (data.length !== width * height * channels) {
    throw new SidecarError(`There are ${data.length} values; ${sizes} needs ${width * height * channels}.`, {
      where: source.name,
    });
  }
  return { width, height, channels, data };
}

async function readFramed(opened: OpenedPicture, encoding: InputEncoding, steps: string[]): Promise<Pixels> {
  // Where there is no profile, the pixels do not wait for the header.
  const ignoreIcc = opened.mayHaveProfile && isSrgb((await opened.header()).icc);
  const upright = opened
    .open({ ignoreIcc })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb');
  return encoding.framing === 'mnist'
    ? readDigit(upright, encoding, steps)
    : readFitted(upright, encoding, fits[encoding.framing], steps);
}

function describeOrigin({ width, height, format, compression, orientation, hasAlpha }: Header): string[] {
  const origin = [`${width}×${height} ${compression === 'av1' ? 'avif' : format}`];
  if (orientation && orientation > 1) origin.push('turned as its EXIF says');
  if (hasAlpha) origin.push('transparency on white');
  return origin;
}

async function readDigit(upright: Sharp, encoding: InputEncoding, steps: string[]): Promise<Pixels> {
  const grey = await raw(
    upright
      .resize({ width: digitSide, height: digitSide, fit: 'inside', withoutEnlargement: true })
      .greyscale(),
    1,
  );
  steps.push('grey');
  const { digit, steps: framing } = frameDigit(grey);
  steps.push(...framing);
  const fitted = fitExample(digit, encoding);
  if (fitted.width !== digit.width || fitted.height !== digit.height) {
    const padded = digit.width + 4 === fitted.width && digit.height + 4 === fitted.height;
    steps.push(`${padded ? 'padded with black' : 'resized'} to ${fitted.width}×${fitted.height}`);
  }
  return fitted;
}

async function readFitted(
  upright: Sharp,
  { width, height, channels }: InputEncoding,
  { fit, words }: (typeof fits)[keyof typeof fits],
  steps: string[],
): Promise<Pixels> {
  steps.push(`${words} ${width}×${height}`);
  const resized = upright.resize({ width, height, fit, background: '#000000' });
  if (channels === 1) steps.push('grey');
  return raw(channels === 1 ? resized.greyscale() : resized, channels);
}

/** The pipeline's pixels with exactly `channels` channels. */
async function raw(pipeline: Sharp, channels: 1 | 3): Promise<Pixels> {
  const { data, info } = await pipeline
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === channels) return { width: info.width, height: info.height, channels, data };
  const picked = new Uint8Array(info.width * info.height * channels);
  for (let i = 0; i < info.width * info.height; i++) {
    for (let c = 0; c < channels; c++)
      picked[i * channels + c] = data[i * info.channels + Math.min(c, info.channels - 1)] ?? 0;
  }
  return { width: info.width, height: info.height, channels, data: picked };
}

/** A file's first bytes. @throws SidecarError when it is not there, cannot be read or is too large. */
function headOf(path: string): Buffer {
  try {
    const status = statSync(path);
    // A pipe may never give a byte.
    if (!status.isFile())
      throw new SidecarError('This is no file.', { where: path, next: 'Choose a picture.' });
    checkSize(status.size, path);
    const head = Buffer.allocUnsafe(headBytes);
    const file = openSync(path, 'r');
    try {
      return head.subarray(0, readSync(file, head));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof SidecarError) throw error;
    throw new SidecarError(
      systemErrorCode(error) === 'ENOENT'
        ? 'The file does not exist.'
        : `The file cannot be read (${messageOf(error)}).`,
      { where: path, next: 'Choose another picture.' },
    );
  }
}

function checkSize(bytes: number, where: string): void {
  if (bytes > maximumFileBytes) {
    throw new SidecarError(
      `The file has ${Math.round(bytes / 1048576)} MB; pictures up to 200 MB are read.`,
      { where, next: 'Make it smaller first.' },
    );
  }
  if (bytes === 0) throw new SidecarError('The file is empty.', { where, next: 'Choose another picture.' });
}

/** What sharp throws becomes an error for people. */
async function orPictureError<T>({ where }: OpenedPicture, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof SidecarError ? error : pictureError(where, error);
  }
}

function pictureError(file: string, cause: unknown): SidecarError {
  const message = messageOf(cause);
  if (/pixel limit/i.test(message)) {
    return new SidecarError(`The picture is larger than ${maximumPixels / 1e6} million pixels.`, {
      where: file,
      next: 'Make it smaller first.',
      cause,
    });
  }
  if (/unsupported image format/i.test(message)) {
    return new SidecarError('This is not a picture that can be read.', {
      where: file,
      next: 'PNG, JPEG, WebP, GIF, AVIF, TIFF and SVG can.',
      cause,
    });
  }
  const reason = message
    .split('\n')[0]!
    .trim()
    .replace(/[:.]+$/, '');
  return new SidecarError(`The picture is damaged or cut off (${reason}).`, {
    where: file,
    next: 'Save or download it again, or choose another one.',
    cause,
  });
}

let sharpModule: typeof sharp | undefined;

function loadSharp(): typeof sharp {
  if (sharpModule) return sharpModule;
  try {
    // Only what was installed with Layerwise: never what happens to lie in the folder that is open.
    sharpModule = createRequire(process.argv[1] ?? '')('sharp') as typeof sharp;
  } catch (error) {
    throw new SidecarError(
      `The image library \`sharp\` does not load here (${messageOf(error).split('\n')[0]}).`,
      {
        next: 'Install the Layerwise build for this platform, or run `npm install sharp` beside it.',
      },
    );
  }
  // One picture at a time: a pool and a cache would only hold memory.
  sharpModule.cache(false);
  sharpModule.concurrency(1);
  return sharpModule;
}
