/** From where the caller says to a `Dataset`. */
import path from 'node:path';
import type { DataSource } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import type { Dataset, DatasetOptions } from './dataset';
import { openIdxFolder } from './idxFolder';

/** @throws SidecarError for missing, damaged or mismatched files. */
export async function openDataset(source: DataSource, options: DatasetOptions): Promise<Dataset> {
  switch (source.kind) {
    case 'bundled-mnist':
      return openIdxFolder(bundledFolder(), { ...options, title: 'MNIST, bundled subset' });
    case 'idx':
      return openIdxFolder(source.folder, { ...options, classNames: source.classNames });
    default:
      throw new SidecarError(`Data of the kind \`${source.kind}\` cannot be read yet.`);
  }
}

/** `media/mnist` beside `dist`. */
function bundledFolder(): string {
  return path.resolve(path.dirname(process.argv[1] ?? ''), '..', 'media', 'mnist');
}
