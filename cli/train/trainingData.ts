/** `--data`: what a model is trained on. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type DataSource, trainImagesName } from '../../protocol/sidecar';
import { UsageError } from '../usageError';

const kinds =
  'mnist, a folder with a sub-folder of pictures per class, a folder with idx files, or a .csv file';

/** How a .csv is understood. */
interface TableOptions {
  labelColumn?: string | undefined;
  task?: 'classification' | 'regression' | undefined;
}

/** @throws UsageError when there is no such data. */
export function dataSourceOf(data: string, options: TableOptions): DataSource {
  if (data === 'mnist') return ofNoTable({ kind: 'bundled-mnist' }, data, options);
  const where = path.resolve(data);
  const found = statSync(where, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`--data ${data}: there is no such file or folder. Give ${kinds}.`);
  if (found.isDirectory()) {
    const holdsIdx = readdirSync(where).some((name) => trainImagesName.test(name));
    return ofNoTable({ kind: holdsIdx ? 'idx' : 'folder', folder: where }, data, options);
  }
  if (!/\.(csv|tsv)$/i.test(where))
    throw new UsageError(`--data ${data}: this file is no .csv. Give ${kinds}.`);
  const { labelColumn, task } = options;
  return {
    kind: 'csv',
    file: where,
    ...(labelColumn === undefined
      ? {}
      : { labelColumn: /^\d+$/.test(labelColumn) ? Number(labelColumn) : labelColumn }),
    ...(task === undefined ? {} : { task }),
  };
}

function ofNoTable(source: DataSource, data: string, { labelColumn, task }: TableOptions): DataSource {
  if (labelColumn !== undefined)
    throw new UsageError(`--label-column ${labelColumn}: only a .csv file has columns; --data is ${data}.`);
  if (task !== undefined)
    throw new UsageError(`--task ${task}: only a .csv file may be either; --data is ${data}.`);
  return source;
}
