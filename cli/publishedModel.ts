/** `--model mobilenet`: a published model, fetched on first use when the caller agrees. */
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { type PublishedModel, publishedModel } from '../protocol/sidecar';
import { type SidecarConnection, SidecarRequestError } from '../sidecar/connect';
import { ProgressLines } from './train/progress';
import { UsageError } from './usageError';

/**
 * What to open: a path as given, or the published model's model.json. A file of that name is meant before the model is.
 * @returns undefined when the download was cancelled
 * @throws UsageError
 */
export async function modelFile(
  compute: SidecarConnection,
  { model: reference, download }: { model: string; download?: boolean },
): Promise<string | undefined> {
  const model = publishedModel(reference);
  if (!model || existsSync(reference)) return reference;
  const kept = await compute.request('locateModel', { id: model.id });
  if (kept.modelPath !== undefined) return kept.modelPath;
  if (!download && !(await isWanted(model, kept.folder))) {
    throw new UsageError(
      `${model.name} is not on this machine. ${process.stdin.isTTY ? 'It was not downloaded.' : 'Add --download to fetch it'} (${megabytes(model.bytes)}, ${model.license}, from ${model.url}).`,
      1,
    );
  }
  return fetchModel(compute, model);
}

async function fetchModel(compute: SidecarConnection, model: PublishedModel): Promise<string | undefined> {
  const lines = new ProgressLines(process.stderr);
  const source = new CancellationTokenSource();
  const cancel = () => source.cancel();
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  const listening = compute.onDownloadProgress(({ bytes, total }) =>
    lines.rewrite(`Downloading ${model.name}: ${megabytes(bytes)} of ${megabytes(total)}`),
  );
  try {
    const { modelPath } = await compute.request('downloadModel', { id: model.id }, source.token);
    lines.clear();
    if (modelPath === undefined) lines.say('Cancelled; nothing was kept.');
    return modelPath;
  } catch (error) {
    lines.clear();
    if (error instanceof SidecarRequestError) throw new UsageError(error.message, 1);
    throw error;
  } finally {
    listening.dispose();
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
  }
}

/** Asks where someone can answer. */
async function isWanted(model: PublishedModel, folder: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const question = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await question.question(
      `${model.name} ${model.description}. Download ${megabytes(model.bytes)} (${model.license})\n` +
        `  from ${model.url}\n  into ${folder}? [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    question.close();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
