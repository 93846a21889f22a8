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
      { where: testImages },
    );
  }
  const { height, width } = files;
  const validationCount = Math.round(files.labels.length * validationSplit);
  const trainCount = files.labels.length - validationCount;
  const slice = (from: number, to: number): StoredPart => ({
    pixels: files.pixels.subarray(from * height * width, to * height * width),
    labels: files.labels.subarray(from, to),
  });
  return new StoredPictures({
    title: title ?? `idx files in ${folder}`,
    noun: 'digits',
    framing: 'mnist',
    height,
    width,
    classNames: classNames ?? numberedClasses(files.labels, test?.labels),
    parts: {
      train: slice(0, trainCount),
      validation: slice(trainCount, trainCount + validationCount),
      ...(test ? { test } : {}),
    },
  });
}

function numberedClasses(...labels: (Uint8Array | undefined)[]): string[] {
  let highest = 0;
  for (const some of labels) for (const label of some ?? []) if (label > highest) highest = label;
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
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
    throw new SidecarError('The file has no images.', { where: imagesPath });
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
