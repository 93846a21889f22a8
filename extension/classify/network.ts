/** What the classify panel knows of the model that classifies. */
import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import type { DataSource, RunFile } from '../../protocol/sidecar';
import type { ClassifyModel } from '../../protocol/webview';
import { accuracyOf, readStored } from '../runs';
import type { Compute } from '../sidecar/compute';
import type { ModelChoice } from './modelChoices';

/** Data whose examples can be looked at with a model. */
export interface ExampleData {
  data: DataSource;
  validationSplit: number;
  /** In a few words. */
  title: string;
}

/** @throws when there is no such model, it is broken, or it takes no pictures. */
export async function describeModel(
  compute: Compute,
  modelPath: string,
  { encoding, labelsPath }: ModelChoice,
): Promise<{ model: ClassifyModel; examples: ExampleData | undefined }> {
  const network = await compute.request('describeNetwork', { modelPath });
  const stored = await readStored(vscode.Uri.file(modelPath));
  const details = stored
    ? [accuracyOf(stored.run), stored.run.data.description]
    : [vscode.workspace.asRelativePath(modelPath)];
  const examples = (stored && examplesOf(stored.run)) ?? digitsFor(network.encoding);
  return {
    model: {
      name: network.name,
      path: modelPath,
      format: network.format,
      backend: network.backend,
      detail: details.filter(Boolean).join(' · '),
      ownEncoding: network.encoding,
      guessed: network.guessed,
      assumptions: network.assumptions,
      ...(encoding ? { choice: encoding } : {}),
      ...(labelsPath === undefined ? {} : { labelsPath }),
      ...(examples ? { examplesOf: examples.title } : {}),
      memory: { weights: network.memory.weights, activations: network.memory.activations },
    },
    examples,
  };
}

/** Undefined for a run that was made elsewhere, as the one that comes with Layerwise was. */
function examplesOf({ data, options }: RunFile): ExampleData | undefined {
  const { source } = data;
  const place =
    source.kind === 'bundled-mnist' ? undefined : source.kind === 'csv' ? source.file : source.folder;
  if (place !== undefined && !isAbsolute(place)) return undefined;
  return {
    data: source,
    validationSplit: options.validationSplit,
    title: data.description.split(':')[0] ?? data.description,
  };
}

/** What a model was trained on is not known without a run; one that takes small grey pictures may well know digits. */
function digitsFor({ height, width, channels }: ClassifyModel['ownEncoding']): ExampleData | undefined {
  const takesDigits = channels === 1 && height === width && (height === 28 || height === 32);
  return takesDigits
    ? { data: { kind: 'bundled-mnist' }, validationSplit: 0, title: 'digits of MNIST’s training set' }
    : undefined;
}
