/**
 * Reads idx files, MNIST's format: big-endian magic (two zero bytes, the element type, the number of dimensions), the
 * dimensions as 32-bit integers, then the elements. Source: http://yann.lecun.com/exdb/mnist/, "File formats".
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf, SidecarError, systemErrorCode } from '../errors';

const unsignedByte = 0x08;
/** More than any MNIST-like set; keeps a damaged or hostile file from filling the memory. */
const maximumBytes = 1 << 30;

const again = 'Download or write the file again.';

export interface IdxArray {
  /** E.g. [60000, 28, 28] for images, [60000] for labels. */
  shape: number[];
  /** Elements in row-major order. */
  data: Uint8Array;
}

/**
 * Reads one idx file of unsigned bytes, plain or gzip (told by its content, not its name).
 * @param dimensions What the file must have: 3 for images, 1 for labels.
 * @throws SidecarError naming the file and what is wrong with it.
 */
export async function readIdxFile(path: string, dimensions: number): Promise<IdxArray> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const missing = systemErrorCode(error) === 'ENOENT';
    throw new SidecarError(
      missing ? 'The file does not exist.' : `The file cannot be read (${messageOf(error)}).`,
      { where: path, next: 'Choose a folder with MNIST’s files, or files in their format.' },
    );
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = await promisify(gunzip)(bytes, { maxOutputLength: maximumBytes });
    } catch (error) {
      throw new SidecarError(`The gzip data is damaged or cut off (${messageOf(error)}).`, {
        where: path,
        next: 'Download the file again.',
      });
    }
  }
  return parseIdx(bytes, dimensions, path);
}

/** @param where The file's path, for errors. */
export function parseIdx(bytes: Uint8Array, dimensions: number, where: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = 4 + 4 * dimensions;
  const what = dimensions === 1 ? 'labels (idx1)' : `images (idx${dimensions})`;
  if (bytes.byteLength < 4)
    throw new SidecarError(`The file has only ${bytes.byteLength} bytes; it is not an idx file.`, {
      where,
      next: again,
    });
  const magic = view.getUint32(0);
  const expectedMagic = (unsignedByte << 8) | dimensions;
  if (magic !== expectedMagic) {
    throw new SidecarError(
      `This is not an idx file of ${what}: it begins with ${hex(magic)} instead of ${hex(expectedMagic)}.`,
      {
        where,
        next: magic >>> 8 === unsignedByte ? 'Are the image and the label file exchanged?' : again,
      },
    );
  }
  if (bytes.byteLength < headerBytes) {
    throw new SidecarError(`The file is cut off within its header, after ${bytes.byteLength} bytes.`, {
      where,
      next: again,
    });
  }
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const expectedBytes = headerBytes + shape.reduce((product, dim) => product * dim, 1);
  if (bytes.byteLength !== expectedBytes) {
    const short = bytes.byteLength < expectedBytes;
    throw new SidecarError(
      `The file is ${short ? 'cut off' : 'too long'}: its header announces ${shape.join('×')} bytes, ${count(expectedBytes)} with the header; it has ${count(bytes.byteLength)}.`,
      { where, next: again },
    );
  }
  return { shape, data: bytes.subarray(headerBytes) };
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
