/** Which model classifies: asked for, with everything this machine has to offer. */
import * as vscode from 'vscode';
import type { PublishedModel } from '../../protocol/sidecar';
import { isModelFile } from '../modelFiles';
import { type AvailableModel, availableModels, obtainModel } from '../publishedModels';
import { accuracyOf, type TrainedModel } from '../runs';
import type { ComputeServices } from '../services';
import { baseName } from '../text';

const lastModelKey = 'layerwise.classify.lastModel';

interface ModelItem extends vscode.QuickPickItem {
  modelPath?: string;
  /** One that is fetched first, when people agree. */
  published?: PublishedModel;
}

/**
 * Asks: the one used last first, then the newest runs, the bundled one, published ones, any file.
 * @param what The rest of the question: `Classify {what} with which model?`
 */
export async function chooseModel(context: ComputeServices, what: string): Promise<string | undefined> {
  const last = context.extension.workspaceState.get<string>(lastModelKey);
  const published = (await availableModels(context)).map(itemOfPublished);
  const items = [...(await context.runs.list()).map(itemOf), ...published];
  const isListed = items.some(({ modelPath }) => modelPath === last);
  if (last !== undefined && !isListed && isModelFile(vscode.Uri.file(last)) && (await isFile(last))) {
    items.unshift({
      label: `$(file-code) ${modelFileName(last)}`,
      description: vscode.workspace.asRelativePath(last),
      modelPath: last,
    });
  }
  items.sort((a, b) => Number(b.modelPath === last) - Number(a.modelPath === last));
  const browse: ModelItem = {
    label: '$(folder-opened) Browse for a model file…',
    detail: 'model.json in the TensorFlow.js layers format, or .onnx',
    alwaysShow: true,
  };
  const separator: ModelItem = { label: '', kind: vscode.QuickPickItemKind.Separator };
  const picked = await vscode.window.showQuickPick<ModelItem>([...items, separator, browse], {
    title: `Classify ${what} with which model?`,
    placeHolder: 'A run of this workspace, a model that comes with Layerwise or is downloaded, or a file',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked) return undefined;
  if (picked.published) return obtainModel(context, picked.published);
  return picked.modelPath ?? (await browseForModel());
}

/** Stands first the next time that people are asked. */
export async function rememberModel(context: ComputeServices, modelPath: string): Promise<void> {
  await context.extension.workspaceState.update(lastModelKey, modelPath);
}

export async function browseForModel(): Promise<string | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Which model?',
      openLabel: 'Classify With It',
      filters: {
        'Models (model.json, .onnx)': ['json', 'onnx'],
        'TensorFlow.js layers model': ['json'],
        'ONNX model': ['onnx'],
      },
    })) ?? [];
  return chosen?.fsPath;
}

function itemOf({ folder, bundled, run }: TrainedModel): ModelItem {
  const details = [accuracyOf(run), `${run.epochs.length} epochs on ${run.data.description}`];
  const when = new Date(run.createdAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const unfinished =
    run.status === 'finished' ? '' : ` · ${run.status === 'running' ? 'interrupted' : run.status}`;
  return {
    label: `$(${bundled ? 'package' : 'beaker'}) ${run.model}`,
    description: bundled ? 'comes with Layerwise' : `${when}${unfinished}`,
    detail: details.filter(Boolean).join(' · '),
    modelPath: folder.fsPath,
  };
}

function itemOfPublished({ model, path }: AvailableModel): ModelItem {
  const size = `${(model.bytes / 1e6).toFixed(1)} MB`;
  return {
    label: `$(${path ? 'package' : 'cloud-download'}) ${model.name}`,
    description: path ? 'downloaded' : `is downloaded first (${size}), after asking you`,
    detail: `${model.description} · ${model.license}`,
    published: model,
    ...(path ? { modelPath: path } : {}),
  };
}

/** `model.json` is what most are called; the folder tells them apart. */
function modelFileName(path: string): string {
  const file = vscode.Uri.file(path);
  const name = baseName(file);
  return name === 'model.json' ? `${baseName(vscode.Uri.joinPath(file, '..'))}/${name}` : name;
}

async function isFile(path: string): Promise<boolean> {
  return vscode.workspace.fs.stat(vscode.Uri.file(path)).then(
    ({ type }) => (type & vscode.FileType.File) !== 0,
    () => false,
  );
}
