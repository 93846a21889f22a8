/** Pictures with labels, as training needs them: bytes in memory, opened from where the caller says. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { DataSource, DescribeDataResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { readIdxFile } from './idx';

export interface Examples {
  count: number;
  /** One byte a pixel, example by example, row by row. */
  pixels: Uint8Array;
  labels: Uint8Array;
}

export interface Dataset {
  /** What it is, e.g. `MNIST, bundled subset`; completed by counts in `describeDataset`. */
  title: string;
  height: number;
  width: number;
  classNames: string[];
  train: Examples;
  test?: Examples;
}

/** @throws SidecarError for missing, damaged or mismatched files. */
export async function openDataset(source: DataSource): Promise<Dataset> {
  return source.kind === 'bundled-mnist'
    ? openFolder(bundledFolder(), 'MNIST, bundled subset')
    : openFolder(source.folder, `idx files in ${source.folder}`);
}

/** How many examples stay for training and validation. The validation examples are the last ones. */
export function splitSizes(dataset: Dataset, validationSplit: number): { train: number; validation: number } {
  const validation = Math.round(dataset.train.count * validationSplit);
  return { train: dataset.train.count - validation, validation };
}

export function describeDataset(dataset: Dataset, validationSplit: number): DescribeDataResult {
  const { train, validation } = splitSizes(dataset, validationSplit);
  const test = dataset.test?.count ?? 0;
  const parts = [
    `${count(train)} training`,
    ...(validation > 0 ? [`${count(validation)} validation`] : []),
    ...(test > 0 ? [`${count(test)} test`] : []),
  ];
  const listed = parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}` : parts[0];
  return {
    description: `${dataset.title}: ${listed} digits, ${dataset.height}×${dataset.width}×1`,
    trainExamples: train,
    validationExamples: validation,
    testExamples: test,
    imageShape: [dataset.height, dataset.width, 1],
    classNames: dataset.classNames,
  };
}

async function openFolder(folder: string, title: string): Promise<Dataset> {
  const trainImages = await findFile(folder, 'train', 'images', 3);
  const trainLabels = await findFile(folder, 'train', 'labels', 1);
  if (!trainImages || !trainLabels) {
    const missing = trainImages ? 'train-labels-idx1-ubyte' : 'train-images-idx3-ubyte';
    throw new SidecarError(`There is no \`${missing}\` (or \`${missing}.gz\`) in this folder.`, {
      where: folder,
      next: 'Name a folder with MNIST’s four idx files, or train on the bundled digits.',
    });
  }
  const train = await readExamples(trainImages, trainLabels);
  const testImages = await findFile(folder, 't10k', 'images', 3);
  const testLabels = await findFile(folder, 't10k', 'labels', 1);
  const test = testImages && testLabels ? await readExamples(testImages, testLabels) : undefined;
  if (test && (test.height !== train.height || test.width !== train.width)) {
    throw new SidecarError(
      `The test images are ${test.height}×${test.width}, the training images ${train.height}×${train.width}.`,
      { where: testImages },
    );
  }
  let highest = 0;
  for (const label of train.labels) if (label > highest) highest = label;
  for (const label of test?.labels ?? []) if (label > highest) highest = label;
  return {
    title,
    height: train.height,
    width: train.width,
    classNames: Array.from({ length: highest + 1 }, (_, i) => String(i)),
    train,
    test,
  };
}

async function readExamples(
  imagesPath: string,
  labelsPath: string,
): Promise<Examples & { height: number; width: number }> {
  const [images, labels] = await Promise.all([readIdxFile(imagesPath, 3), readIdxFile(labelsPath, 1)]);
  const [imageCount = 0, height = 0, width = 0] = images.shape;
  const [labelCount = 0] = labels.shape;
  if (imageCount !== labelCount) {
    throw new SidecarError(`There are ${count(imageCount)} images but ${count(labelCount)} labels.`, {
      where: `${imagesPath} and ${path.basename(labelsPath)}`,
      next: 'Both files must come from the same set.',
    });
  }
  if (imageCount === 0 || height === 0 || width === 0)
    throw new SidecarError('The file has no images.', { where: imagesPath });
  return { count: imageCount, height, width, pixels: images.data, labels: labels.data };
}

/** MNIST's file names occur with a hyphen and with a dot before `idx`. */
async function findFile(
  folder: string,
  part: string,
  what: string,
  dimensions: number,
): Promise<string | undefined> {
  for (const separator of ['-', '.']) {
    for (const ending of ['', '.gz']) {
      const file = path.join(folder, `${part}-${what}${separator}idx${dimensions}-ubyte${ending}`);
      try {
        await access(file);
        return file;
      } catch {
        // Perhaps under its other name.
      }
    }
  }
  return undefined;
}

/** `media/mnist` beside `dist`. */
function bundledFolder(): string {
  return path.resolve(path.dirname(process.argv[1] ?? ''), '..', 'media', 'mnist');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
