/** What is in the data, for people: counts, classes and a few samples. */
import type { DataPart, DescribeDataResult, ExampleDescription } from '../../protocol/sidecar';
import { Cancelled } from '../errors';
import type { Dataset } from './dataset';
import { formatCount } from './reading';

const parts: DataPart[] = ['train', 'validation', 'test'];
/** More classes than this are too many to show samples of each. */
const maximumSampledClasses = 30;
const firstRows = 8;

/** E.g. `MNIST, bundled subset: 9,000 training and 1,000 validation digits, 28×28×1`. */
export function describeInOneLine(dataset: Dataset): string {
  const words = { train: 'training', validation: 'validation', test: 'test' };
  const counts = parts
    .filter((part) => part === 'train' || dataset.count(part) > 0)
    .map((part) => `${formatCount(dataset.count(part))} ${words[part]}`);
  const listed = counts.length > 1 ? `${counts.slice(0, -1).join(', ')} and ${counts.at(-1)}` : counts[0];
  return `${dataset.title}: ${listed} ${dataset.noun}, ${describeExampleKind(dataset)}`;
}

export async function describeDataset(
  dataset: Dataset,
  samplesPerClass: number,
  signal?: AbortSignal,
): Promise<Omit<DescribeDataResult, 'warnings' | 'model'>> {
  const { target } = dataset;
  const perClass =
    target.kind === 'classes' ? target.classNames.map(() => ({ train: 0, validation: 0, test: 0 })) : [];
  for (const part of parts) {
    for (let index = 0; target.kind === 'classes' && index < dataset.count(part); index++) {
      const counts = perClass[dataset.label(part, index)];
      if (counts) counts[part]++;
    }
  }
  return {
    description: describeInOneLine(dataset),
    counts: {
      train: dataset.count('train'),
      validation: dataset.count('validation'),
      test: dataset.count('test'),
    },
    example: dataset.example,
    target,
    perClass,
    samples: await readSamples(dataset, samplesPerClass, signal),
  };
}

function describeExampleKind({ example, predicted }: Dataset): string {
  if (example.kind === 'row')
    return `${formatCount(example.columns.length)} ${example.columns.length === 1 ? 'column that predicts' : 'columns that predict'} \`${predicted}\``;
  const size = example.height && example.width ? `${example.height}×${example.width}` : 'various sizes';
  return example.height
    ? `${size}×${example.channels}`
    : `${size}, ${example.channels === 1 ? 'grey' : 'colour'}`;
}

/** The first training examples of each class, in the order of the classes; of rows with a value, the first ones. */
async function readSamples(
  dataset: Dataset,
  perClass: number,
  signal: AbortSignal | undefined,
): Promise<ExampleDescription[]> {
  if (perClass === 0) return [];
  const { target } = dataset;
  const indices: number[] = [];
  if (target.kind === 'value') {
    for (let index = 0; index < Math.min(firstRows, dataset.count('train')); index++) indices.push(index);
  } else {
    const found = target.classNames.slice(0, maximumSampledClasses).map((): number[] => []);
    let missing = found.length * perClass;
    for (let index = 0; index < dataset.count('train') && missing > 0; index++) {
      const ofClass = found[dataset.label('train', index)];
      if (!ofClass || ofClass.length === perClass) continue;
      ofClass.push(index);
      missing--;
    }
    indices.push(...found.flat());
  }
  const samples: ExampleDescription[] = [];
  for (const index of indices) {
    if (signal?.aborted) throw new Cancelled('Reading the data was cancelled.');
    samples.push(await dataset.describeExample('train', index));
  }
  return samples;
}
