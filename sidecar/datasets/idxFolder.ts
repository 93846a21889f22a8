/** A folder with the four idx files of MNIST, or of a set in its form: Fashion-MNIST, KMNIST, … */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { trainImagesName } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import type { DatasetOptions } from './dataset';
import { readIdxFile } from './idx';
import { formatCount } from './reading';
import { stratifiedSplit } from './split';
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

/** The validation examples are the last ones of the training files, unless these lie class by class. */
export async function openIdxFolder(
  folder: string,
  { title, classNames, validationSplit }: IdxFolderOptions,
): Promise<StoredPictures> {
  const { trainImages, trainLabels, testImages, testLabels } = await filesIn(folder);
  if (!trainImages || !trainLabels) {
    const missing = trainImages ? 'train-labels-idx1-ubyte' : 'train-images-idx3-ubyte';
    throw new SidecarError(`There is no \`${missing}\` (or \`${missing}.gz\`) in this folder.`, {
      where: folder,
      next: 'Name a folder with MNIST’s four idx files, or train on the bundled digits.',
    });
  }
  const files = await readPart(trainImages, trainLabels);
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
  const first = countFromZero([files, test]);
  const names = namesFor([files, test], first, classNames ?? (isFashion ? fashionClassNames : []), folder);
  return new StoredPictures({
    title: title ?? `${isFashion ? 'Fashion-MNIST' : 'idx files'} in ${folder}`,
    noun: names.every((name) => /^\d$/.test(name)) ? 'digits' : 'pictures',
    // Only digits are drawn as strokes on paper, to be cut out and centred.
    framing: names.every((name) => /^\d$/.test(name)) ? 'mnist' : 'fit',
    height,
    width,
    classNames: names,
    parts: { ...split(files, names.length, validationSplit), ...(test ? { test } : {}) },
  });
}

function split(
  files: IdxPart,
  classes: number,
  validationSplit: number,
): { train: StoredPart; validation: StoredPart } {
  const { pixels, labels } = files;
  const trainCount = labels.length - Math.round(labels.length * validationSplit);
  const [head, tail] = [new Set(labels.subarray(0, trainCount)), new Set(labels.subarray(trainCount))];
  const isSorted = tail.size > 0 && (2 * tail.size <= classes || [...tail].some((label) => !head.has(label)));
  if (isSorted) {
    const { train, validation } = stratifiedSplit(labels, validationSplit);
    return { train: { ...files, members: train }, validation: { ...files, members: validation } };
  }
  const bytes = files.height * files.width;
  return {
    train: { pixels: pixels.subarray(0, trainCount * bytes), labels: labels.subarray(0, trainCount) },
    validation: { pixels: pixels.subarray(trainCount * bytes), labels: labels.subarray(trainCount) },
  };
}

/** EMNIST's letters are counted from 1: nothing would ever be class 0. @returns what the first class was counted as */
function countFromZero(parts: (IdxPart | undefined)[]): number {
  const labels = parts.flatMap((part) => (part ? [part.labels] : []));
  if (labels.some((each) => each.includes(0)) || !labels.some((each) => each.includes(1))) return 0;
  for (const each of labels) for (let i = 0; i < each.length; i++) each[i] = (each[i] ?? 1) - 1;
  return 1;
}

/** The names given, where there are enough; numbers from `first` on where none are given. */
function namesFor(parts: (IdxPart | undefined)[], first: number, given: string[], folder: string): string[] {
  let highest = 0;
  for (const part of parts) for (const label of part?.labels ?? []) if (label > highest) highest = label;
  if (given.length === 0) return Array.from({ length: highest + 1 }, (_, i) => String(i + first));
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

interface IdxFiles {
  trainImages?: string | undefined;
  trainLabels?: string | undefined;
  testImages?: string | undefined;
  testLabels?: string | undefined;
}

/**
 * MNIST's file names occur with a hyphen and with a dot before `idx`; EMNIST's begin with the name of the set.
 * @throws SidecarError when there is more than one set.
 */
async function filesIn(folder: string): Promise<IdxFiles> {
  const present = await readdir(folder).catch((): string[] => []);
  const sets = [
    ...new Set(
      present.map((name) => trainImagesName.exec(name)).flatMap((match) => (match ? [match[1] ?? ''] : [])),
    ),
  ];
  if (sets.length > 1 && !sets.includes('')) {
    throw new SidecarError(
      `The folder has several sets: ${sets.map((set) => `${set}train-images`).join(', ')}.`,
      { where: folder, next: 'Put the four files of one of them into a folder of their own.' },
    );
  }
  const set = sets.includes('') ? '' : (sets[0] ?? '');
  const find = (parts: string[], what: string) => {
    const names = parts.flatMap((part) =>
      ['-', '.'].flatMap((separator) =>
        ['', '.gz'].map((ending) => `${set}${part}-${what.replace(' ', separator)}-ubyte${ending}`),
      ),
    );
    const name = names.find((each) => present.includes(each));
    return name === undefined ? undefined : path.join(folder, name);
  };
  return {
    trainImages: find(['train'], 'images idx3'),
    trainLabels: find(['train'], 'labels idx1'),
    testImages: find(['t10k', 'test'], 'images idx3'),
    testLabels: find(['t10k', 'test'], 'labels idx1'),
  };
}
