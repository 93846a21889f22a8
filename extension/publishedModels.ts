/** Models that Layerwise fetches on first use: which there are, whether they are here, and fetching them when allowed. */
import * as vscode from 'vscode';
import { type PublishedModel, publishedModelPath, publishedModels } from '../protocol/sidecar';
import type { ComputeServices } from './services';

export interface AvailableModel {
  model: PublishedModel;
  /** Its model.json, where it is fetched already. */
  path?: string;
}

/** Every published model; starts and fetches nothing. */
export async function availableModels({
  compute,
}: Pick<ComputeServices, 'compute'>): Promise<AvailableModel[]> {
  return Promise.all(
    publishedModels.map(async (model) => {
      const file = fileOf(compute.modelsFolder, model.id);
      const isHere = await vscode.workspace.fs.stat(file).then(
        () => true,
        () => false,
      );
      return isHere ? { model, path: file.fsPath } : { model };
    }),
  );
}

/**
 * The model.json of a published model. Where it is not here yet, people are asked first, then it is fetched.
 * @returns undefined when they say no, or cancel
 */
export async function obtainModel(
  context: Pick<ComputeServices, 'compute' | 'log'>,
  model: PublishedModel,
): Promise<string | undefined> {
  const { compute, log } = context;
  const here = (await availableModels(context)).find((each) => each.model.id === model.id)?.path;
  if (here) return here;
  if (!(await isWanted(model, compute.modelsFolder))) return undefined;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Downloading ${model.name}`,
    cancellable: true,
  };
  const { modelPath } = await vscode.window.withProgress(options, (progress, token) => {
    let last = 0;
    return compute.downloadModel(
      model.id,
      ({ bytes, total }) => {
        progress.report({
          message: `${megabytes(bytes)} of ${megabytes(total)}`,
          increment: ((bytes - last) / total) * 100,
        });
        last = bytes;
      },
      token,
    );
  });
  log.info(modelPath ? `${model.name} is in ${modelPath}.` : `Downloading ${model.name} was cancelled.`);
  return modelPath;
}

async function isWanted(
  { name, description, url, license, bytes }: PublishedModel,
  folder: vscode.Uri,
): Promise<boolean> {
  const download = 'Download';
  const answer = await vscode.window.showInformationMessage(
    `Download ${name}?`,
    {
      modal: true,
      detail: [
        `It ${description}. ${megabytes(bytes)}, once; afterwards it works without a network.`,
        `From: ${url}`,
        `License: ${license}. Kept in ${folder.fsPath}. Your pictures stay on this machine.`,
      ].join('\n\n'),
    },
    download,
  );
  return answer === download;
}

function fileOf(folder: vscode.Uri, id: string): vscode.Uri {
  return vscode.Uri.joinPath(folder, ...publishedModelPath(id));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
