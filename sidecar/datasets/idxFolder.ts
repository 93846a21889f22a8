/** A folder with the four idx files of MNIST, or of a set in its form: Fashion-MNIST, KMNIST, … */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { SidecarError } from '../errors';
import type { DatasetOptions } from './dataset';
import { readIdxFile } from './idx';
import { formatCount } from './reading';
import { type StoredPart, StoredPictures } from './storedPictures';

interface IdxFolderOptions extends DatasetOptions {
  title?: string;
  classNames?: string[] | undefined;
}

/** https://github.com/zalandoresearch/fashion-mnist, "Labels". */
const fashionClassNames = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
/** Of the first training pictures; MNIST's begin with 5041921314. */
const fashionFirstLabels = '90030272559';

interface IdxPart extends StoredPart {
  height: number;
  width: number;
}

/** The validation examples are the last ones of the training files. */
export async function openIdxFolder(
  folder: string,
  { title, classNames, validationSplit }: IdxFolderOptions,
): Promise<StoredPictures> {
  const trainImages = await findFile(folder, 'train', 'images', 3);
  const trainLabels = await findFile(folder, 'train', 'labels', 1);
  if (!trainImages || !trainLabels) {
    const missing = trainImages ? 'train-labels-idx1-ubyte' : 'train-images-idx3-ubyte';
    throw new SidecarError(`There is no \`${missing}\` (or \`${missing}.gz\`) in this folder.`, {
      where: folder,
      next: 'Name a folder with MNIST’s four idx files, or train on the bundled digits.',
    });
  }
  const files = await readPart(trainImages, trainLabels);
  const testImages = await findFile(folder, 't10k', 'images', 3);
  const testLabels = await findFile(folder, 't10k', 'labels', 1);
  const test = testImages && testLabels ? await readPart(testImages, testLabels) : undefined;
  if (test && (test.height !== files.height || test.width !== files.width)) {
    throw new SidecarError(
      `The test images are ${test.height}×${test.width}, the training images ${files.height}×${files.width}.`,
      { where: testImages, next: 'All files must come from the same set.' },
    );
  }
  const { height, width } = files;
  const isFashion =
    /fashion/i.test(path.basename(folder)) ||
    files.labels.subarray(0, fashionFirstLabels.length).join('') === fashionFirstLabels;
  const names = namesFor([files, test], classNames ?? (isFashion ? fashionClassNames : []), folder);
  const validationCount = Math.round(files.labels.length * validationSplit);
  const trainCount = files.labels.length - validationCount;
  const slice = (from: number, to: number): StoredPart => ({
    pixels: files.pixels.subarray(from * height * width, to * height * width),
    labels: files.labels.subarray(from, to),
  });
  return new StoredPictures({
    title: title ?? `${isFashion ? 'Fashion-MNIST' : 'idx files'} in ${folder}`,
    noun: names.every((name) => /^\d$/.test(name)) ? 'digits' : 'pictures',
    // Only digits are drawn as strokes on paper, to be cut out and centred.
    framing: names.every((name) => /^\d$/.test(name)) ? 'mnist' : 'fit',
    height,
    width,
    classNames: names,
    parts: {
      train: slice(0, trainCount),
      validation: slice(trainCount, trainCount + validationCount),
      ...(test ? { test } : {}),
    },
  });
}

/** The names given, where there are enough; numbers where none are given. */
function namesFor(parts: (IdxPart | undefined)[], given: string[], folder: string): string[] {
  let highest = 0;
  for (const part of parts) for (const label of part?.labels ?? []) if (label > highest) highest = label;
  if (given.length === 0) return Array.from({ length: highest + 1 }, (_, i) => String(i));
  if (given.length > highest) return given;
  throw new SidecarError(
    `There are ${given.length} class names (${given.slice(0, 10).join(', ')}), but labels up to ${highest}.`,
    { where: folder, next: `Give ${highest + 1} names, or none.` },
  );
}

async function readPart(imagesPath: string, labelsPath: string): Promise<IdxPart> {
  const [images, labels] = await Promise.all([readIdxFile(imagesPath, 3), readIdxFile(labelsPath, 1)]);
  const [imageCount = 0, height = 0, width = 0] = images.shape;
  const [labelCount = 0] = labels.shape;
  if (imageCount !== labelCount) {
    throw new SidecarError(
      `There are ${formatCount(imageCount)} images but ${formatCount(labelCount)} labels.`,
      {
        where: `${imagesPath} and ${path.basename(labelsPath)}`,
        next: 'Both files must come from the same set.',
      },
    );
  }
  if (imageCount === 0 || height === 0 || width === 0)
    throw new SidecarError('The file has no images.', {
      where: imagesPath,
      next: 'Download or write the file again.',
    });
  return { height, width, pixels: images.data, labels: labels.data };
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
