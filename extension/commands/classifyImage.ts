import * as vscode from 'vscode';
import type { PublishedModel } from '../../protocol/sidecar';
import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { ClassifyPanel } from '../panels/classifyPanel';
import { type AvailableModel, availableModels, obtainModel } from '../publishedModels';
import { accuracyOf, type TrainedModel } from '../runs';
import { baseName } from '../text';
import { requireTrust } from '../trust';

/** What is known of an image to classify; the rest is asked for. */
export interface ClassifyArguments {
  imagePath?: string;
  /** A run's folder, or a model.json. */
  modelPath?: string;
}

const imageExtensions = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'bmp', 'tif', 'tiff', 'avif'];
const lastFolderKey = 'layerwise.classify.lastFolder';
const lastModelKey = 'layerwise.classify.lastModel';

/**
 * Classifies an image and shows what each layer saw. Called with nothing (asks for an image), from the Explorer (with
 * the image and everything that is selected), or with paths.
 */
export async function classifyImage(
  context: ComputeContext,
  argument?: vscode.Uri | ClassifyArguments,
  selected?: readonly unknown[],
): Promise<void> {
  requireTrust('Classifying');
  const known = argument instanceof vscode.Uri ? {} : (argument ?? {});
  const imagePath =
    known.imagePath ??
    (argument instanceof vscode.Uri
      ? await imageOf(argument, selected)
      : await browseForImage(context.extension.globalState));
  if (!imagePath) return;
  const modelPath =
    known.modelPath ?? (await pickTrainedModel(context, baseName(vscode.Uri.file(imagePath))));
  if (!modelPath) return;
  await context.extension.workspaceState.update(lastModelKey, modelPath);
  const { compute, extension } = context;
  const panel = context.classifyPanel.open(
    'Classify',
    (view) => new ClassifyPanel(context, view, compute, extension.workspaceState, { imagePath, modelPath }),
  );
  await panel.classify(imagePath, modelPath);
}

/** The image of a selection in the Explorer; with several, the one that is picked. */
async function imageOf(clicked: vscode.Uri, selected: readonly unknown[] = []): Promise<string | undefined> {
  const uris = selected.filter((uri) => uri instanceof vscode.Uri);
  const images = (uris.length > 1 ? uris : [clicked]).filter(({ path }) =>
    imageExtensions.includes(path.slice(path.lastIndexOf('.') + 1).toLowerCase()),
  );
  const [image] = images;
  if (!image) {
    throw new UserFacingError(
      `${baseName(clicked)} is no image that Layerwise reads (${imageExtensions.join(', ')}).`,
    );
  }
  if (image.scheme !== 'file') {
    throw new UserFacingError(
      `${baseName(image)} is on "${image.scheme}:", where the compute process cannot read it. Save it to disk first.`,
    );
  }
  if (images.length === 1) return image.fsPath;
  const items = images.map((uri) => ({
    label: baseName(uri),
    description: vscode.workspace.asRelativePath(uri),
    uri,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Classify which image?',
    placeHolder: `${images.length} images are selected; one is shown at a time`,
  });
  return picked?.uri.fsPath;
}

/** Asks for an image; undefined when none is chosen. */
export async function browseForImage(memory: vscode.Memento): Promise<string | undefined> {
  const last = memory.get<string>(lastFolderKey);
  const folder = last ? vscode.Uri.parse(last) : vscode.workspace.workspaceFolders?.[0]?.uri;
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Classify which image?',
      openLabel: 'Classify',
      filters: { Images: imageExtensions },
      ...(folder ? { defaultUri: folder } : {}),
    })) ?? [];
  if (!chosen) return undefined;
  await memory.update(lastFolderKey, vscode.Uri.joinPath(chosen, '..').toString());
  return imageOf(chosen);
}

interface ModelItem extends vscode.QuickPickItem {
  modelPath?: string;
  /** One that is fetched first, when people agree. */
  published?: PublishedModel;
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

/** Asks which model classifies: the one used last first, then the newest runs, the bundled one, any model.json. */
export async function pickTrainedModel(
  context: ComputeContext,
  imageName: string,
): Promise<string | undefined> {
  const last = context.extension.workspaceState.get<string>(lastModelKey);
  const published = (await availableModels(context)).map(itemOfPublished);
  const items = [...(await context.runs.list()).map(itemOf), ...published];
  const isListed = items.some(({ modelPath }) => modelPath === last);
  if (last?.endsWith('.json') && !isListed && (await isFile(last))) {
    items.unshift({
      label: `$(file-code) ${baseName(vscode.Uri.file(last))}`,
      description: last,
      modelPath: last,
    });
  }
  items.sort((a, b) => Number(b.modelPath === last) - Number(a.modelPath === last));
  const browse: ModelItem = { label: '$(folder-opened) Browse for model.json…', alwaysShow: true };
  const separator: ModelItem = { label: '', kind: vscode.QuickPickItemKind.Separator };
  const picked = await vscode.window.showQuickPick<ModelItem>([...items, separator, browse], {
    title: `Classify ${imageName} with which model?`,
    placeHolder: 'A run of this workspace, a model that comes with Layerwise or is downloaded, or a file',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked) return undefined;
  if (picked.published) return obtainModel(context, picked.published);
  return picked.modelPath ?? (await browseForModel());
}

async function isFile(path: string): Promise<boolean> {
  return vscode.workspace.fs.stat(vscode.Uri.file(path)).then(
    ({ type }) => (type & vscode.FileType.File) !== 0,
    () => false,
  );
}

async function browseForModel(): Promise<string | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Which model.json?',
      openLabel: 'Classify With It',
      filters: { 'TensorFlow.js layers model': ['json'] },
    })) ?? [];
  return chosen?.fsPath;
}
