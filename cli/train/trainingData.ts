/** `--data`: what a model is trained on. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DataSource } from '../../protocol/sidecar';
import { UsageError } from '../usageError';

const kinds =
  'mnist, a folder with a sub-folder of pictures per class, a folder with idx files, or a .csv file';

/** @throws UsageError when there is no such data. */
export function dataSourceOf(data: string, labelColumn: string | undefined): DataSource {
  if (data === 'mnist') return withoutLabels({ kind: 'bundled-mnist' }, data, labelColumn);
  const where = path.resolve(data);
  const found = statSync(where, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`--data ${data}: there is no such file or folder. Give ${kinds}.`);
  if (found.isDirectory()) {
    const holdsIdx = readdirSync(where).some((name) => /^train-images[-.]idx3-ubyte(\.gz)?$/.test(name));
    return withoutLabels({ kind: holdsIdx ? 'idx' : 'folder', folder: where }, data, labelColumn);
  }
  if (!/\.(csv|tsv)$/i.test(where))
    throw new UsageError(`--data ${data}: this file is no .csv. Give ${kinds}.`);
  return {
    kind: 'csv',
    file: where,
    ...(labelColumn === undefined
      ? {}
      : { labelColumn: /^\d+$/.test(labelColumn) ? Number(labelColumn) : labelColumn }),
  };
}

function withoutLabels(source: DataSource, data: string, labelColumn: string | undefined): DataSource {
  if (labelColumn === undefined) return source;
  throw new UsageError(`--label-column ${labelColumn}: only a .csv file has columns; --data is ${data}.`);
}
