/** Examples of the data that models are trained on, as pictures to classify. */
import type { DataSource, ExampleDescription } from '../../protocol/sidecar';
import { formatCount } from '../text';
import type { NewPicture } from './pictures';

const partWords = { train: 'training', validation: 'validation', test: 'test' };

/** @param of What it is one of, e.g. `10,000 digits, MNIST, bundled subset`. */
export function exampleAsPicture(
  { part, index, label, path }: ExampleDescription,
  data: DataSource,
  validationSplit: number,
  of: string,
): NewPicture {
  const name = `${partWords[part]} example ${formatCount(index)}`;
  return {
    name: path === undefined ? name : path.slice(path.search(/[^/\\]*$/)),
    origin: 'example',
    detail: `${name} of ${of}`,
    source: { kind: 'example', name, data, validationSplit, part, index },
    truth: label,
  };
}
