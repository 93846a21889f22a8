/** `--data`: what a model is trained on. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DataSource } from '../../protocol/sidecar';
import { UsageError } from '../usageError';

/** @throws UsageError when there is no such data. */
export function dataSourceOf(data: string): DataSource {
  if (data === 'mnist') return { kind: 'bundled-mnist' };
  const where = path.resolve(data);
  let entries: string[] | undefined;
  try {
    entries = statSync(where).isDirectory() ? readdirSync(where) : undefined;
  } catch {
    throw new UsageError(
      `--data ${data}: there is no such file or folder. Give mnist, a folder with the idx files of an MNIST-like set.`,
    );
  }
  if (entries?.some((name) => /^train-images[-.]idx3-ubyte(\.gz)?$/.test(name)))
    return { kind: 'idx', folder: where };
  throw new UsageError(`--data ${data}: the folder holds no train-images-idx3-ubyte (or .gz).`);
}
