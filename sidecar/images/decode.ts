/** Picture files → the pixels a network sees. Decoding is sharp's; it is native code, loaded on first use. */

import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { InputEncoding } from '../../protocol/sidecar';
import { messageOf, SidecarError, systemErrorCode } from '../errors';
import { fitExample, type Pixels } from './framing';
import { frameDigit } from './mnistFraming';

/** Largest picture that is decoded, in pixels; larger ones would need gigabytes. */
const maximumPixels = 100_000_000;
const maximumFileBytes = 200 * 1024 * 1024;
/** A digit is looked for in at most this many pixels a side. */
const digitSide = 512;

/**
 * Reads a picture as the network described by `encoding` sees it.
 * @returns Pixels 0 … 255, and in plain words what was done to the file's own.
 * @throws SidecarError when the file is missing, no picture, damaged or too large.
 */
export async function readPicture(
  file: string,
  encoding: InputEncoding,
): Promise<{ pixels: Pixels; preprocessing: string }> {
  const openPicture = loadSharp();
  await checkFile(file);
  // sharp reads some formats by their file name's ending alone when given a path; it is told the content only.
  const open = () => openPicture(file, { limitInputPixels: maximumPixels, failOn: 'truncated', pages: 1 });
  try {
    const metadata = await open().metadata();
    const steps: string[] = [`${metadata.width}×${metadata.height} ${metadata.format}`];
    if (metadata.orientation && metadata.orientation > 1) steps.push('turned as its EXIF says');
    if (metadata.hasAlpha) steps.push('transparency on white');
    const upright = open().autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');
    const framed =
      encoding.framing === 'mnist'
        ? await readDigit(upright, encoding, steps)
        : await readFitted(upright, encoding, steps);
    steps.push(describeScale(encoding));
    return { pixels: framed, preprocessing: steps.join(', ') };
  } catch (error) {
    if (error instanceof SidecarError) throw error;
    throw pictureError(file, error);
  }
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

async function readFitted(upright: Sharp, encoding: InputEncoding, steps: string[]): Promise<Pixels> {
  const { width, height, channels } = encoding;
  steps.push(`resized and cropped to ${width}×${height}`);
  const resized = upright.resize({ width, height, fit: 'cover' });
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

function describeScale({ scale, offset }: InputEncoding): string {
  const factor =
    Math.abs(1 / scale - Math.round((1 / scale) * 10) / 10) < 1e-9
      ? `v/${Math.round(10 / scale) / 10}`
      : `v·${scale}`;
  const shift = offset === 0 ? '' : offset < 0 ? ` − ${-offset}` : ` + ${offset}`;
  return `values v become ${factor}${shift}`;
}

async function checkFile(file: string): Promise<void> {
  try {
    const { size } = await stat(file);
    if (size > maximumFileBytes) {
      throw new SidecarError(
        `The file has ${Math.round(size / 1048576)} MB; pictures up to 200 MB are read.`,
        { where: file },
      );
    }
    if (size === 0) throw new SidecarError('The file is empty.', { where: file });
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
  return new SidecarError(`The picture is damaged or cut off (${message.split('\n')[0]}).`, {
    where: file,
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
