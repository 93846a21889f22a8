/** Answers `dataExample`, and reads examples as pictures to classify. */
import type { z } from 'zod';
import type {
  DataExampleResult,
  DataPart,
  DataSource,
  dataExampleParams,
  InputEncoding,
  PictureSource,
} from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { describeEncoding } from '../images/encode';
import type { Pixels } from '../images/framing';
import type { Dataset } from './dataset';
import { openDataset } from './openDataset';
import { formatCount } from './reading';

/** People go from one example to the next: the data stays open that long after the last one. */
const keptMilliseconds = 60_000;
/** Those that training has not seen come first. */
const partsByPreference: DataPart[] = ['test', 'validation', 'train'];
const partWords: Record<DataPart, string> = {
  train: 'training',
  validation: 'validation',
  test: 'test',
};

/** @throws SidecarError for data that cannot be read, that are no pictures, or a part without examples. */
export async function dataExample(params: z.infer<typeof dataExampleParams>): Promise<DataExampleResult> {
  const dataset = await openPictures(params.data, params.validationSplit);
  const part = params.part ?? partsByPreference.find((each) => dataset.count(each) > 0) ?? 'train';
  const count = dataset.count(part);
  if (count === 0) throw new SidecarError(`${dataset.title} has no ${partWords[part]} examples.`);
  const index = (params.index ?? Math.floor(Math.random() * count)) % count;
  return {
    example: await dataset.describeExample(part, index),
    count,
    title: dataset.title,
    noun: dataset.noun,
  };
}

/**
 * An example as training sees it.
 * @throws SidecarError when it is not there any more or is broken.
 */
export async function readExample(
  source: PictureSource & { kind: 'example' },
  encoding: InputEncoding,
): Promise<{ pixels: Pixels; preprocessing: string }> {
  const { part, index } = source;
  const dataset = await openPictures(source.data, source.validationSplit);
  const count = dataset.count(part);
  if (index >= count) {
    throw new SidecarError(
      `${dataset.title} has ${formatCount(count)} ${partWords[part]} examples; number ${formatCount(index)} is not among them.`,
      { next: 'The data has changed. Choose another example.' },
    );
  }
  const { indices, values } = await dataset.read(part, [index], encoding);
  if (indices.length === 0 || !(values instanceof Uint8Array)) {
    throw new SidecarError('This example cannot be read.', { where: source.name });
  }
  const { width, height, channels } = encoding;
  const own =
    dataset.example.kind === 'image' && dataset.example.height !== null ? dataset.example : undefined;
  const steps = [
    `${partWords[part]} example ${formatCount(index)} of ${dataset.title}`,
    ...(own ? [`${own.height}×${own.width}`] : []),
    `brought to ${height}×${width} as in training`,
    describeEncoding(encoding),
  ];
  return { pixels: { width, height, channels, data: values }, preprocessing: steps.join(', ') };
}

/** The example's own small picture, as people see it in lists of examples. */
export async function exampleThumbnail({
  data,
  validationSplit,
  part,
  index,
}: PictureSource & { kind: 'example' }) {
  const dataset = await openPictures(data, validationSplit);
  return index < dataset.count(part) ? (await dataset.describeExample(part, index)).thumbnail : undefined;
}

interface Open {
  key: string;
  dataset: Promise<Dataset>;
  timer?: ReturnType<typeof setTimeout>;
}
let open: Open | undefined;

async function openPictures(data: DataSource, validationSplit: number): Promise<Dataset> {
  const key = JSON.stringify([data, validationSplit]);
  if (open?.key !== key) {
    letGo(open);
    open = { key, dataset: openDataset(data, { validationSplit, warn: () => {} }) };
  }
  const current = open;
  clearTimeout(current.timer);
  current.timer = setTimeout(() => letGo(current), keptMilliseconds);
  current.timer.unref();
  try {
    const dataset = await current.dataset;
    if (dataset.example.kind === 'image') return dataset;
  } catch (error) {
    // What could not be opened is tried anew.
    letGo(current);
    throw error;
  }
  letGo(current);
  throw new SidecarError(
    `The examples of ${'file' in data ? data.file : 'this data'} are lines of a table, no pictures.`,
  );
}

function letGo(which: Open | undefined): void {
  if (!which) return;
  clearTimeout(which.timer);
  if (open === which) open = undefined;
  which.dataset.then(
    (dataset) => dataset.close(),
    () => {},
  );
}
