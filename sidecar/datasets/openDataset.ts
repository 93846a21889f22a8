/** From where the caller says to a `Dataset`. */
import path from 'node:path';
import type { DataSource } from '../../protocol/sidecar';
import { openCsv } from './csvDataset';
import type { Dataset, DatasetOptions } from './dataset';
import { openIdxFolder } from './idxFolder';
import { openImageFolder } from './imageFolder';

/** @throws SidecarError for missing, damaged or mismatched files. */
export async function openDataset(source: DataSource, options: DatasetOptions): Promise<Dataset> {
  switch (source.kind) {
    case 'bundled-mnist':
      return openIdxFolder(bundledFolder(), { ...options, title: 'MNIST, bundled subset' });
    case 'idx':
      return openIdxFolder(source.folder, { ...options, classNames: source.classNames });
    case 'folder':
      return openImageFolder(source.folder, options);
    case 'csv':
      return openCsv(source, options);
  }
}

/** `media/mnist` beside `dist`. */
function bundledFolder(): string {
  return path.resolve(path.dirname(process.argv[1] ?? ''), '..', 'media', 'mnist');
}
