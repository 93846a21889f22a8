import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { type DataSource, trainImagesName } from '../protocol/sidecar';
import { UserFacingError } from './errors';
import { openSetting, trainingDataFolder } from './settings';

/** The digits that come with Layerwise. */
export const bundledDigits: DataSource = { kind: 'bundled-mnist' };

/** The setting as people write it: `~/`, `${workspaceFolder}`, or relative to the workspace folder. */
function folderUri(written: string, scope: vscode.Uri): vscode.Uri {
  const workspaceFolder =
    vscode.workspace.getWorkspaceFolder(scope) ?? vscode.workspace.workspaceFolders?.[0];
  const expanded = written
    .replace(/^~(?=[\\/]|$)/, homedir())
    // biome-ignore lint/suspicious/noTemplateCurlyInString: VS Code's own variable, as it stands in settings.
    .replaceAll('${workspaceFolder}', workspaceFolder?.uri.fsPath ?? '');
  const isAbsolute = /^(?:[\\/]|[a-z]:[\\/])/i.test(expanded);
  if (isAbsolute || !workspaceFolder) return vscode.Uri.file(expanded);
  return vscode.Uri.joinPath(workspaceFolder.uri, expanded);
}

async function holdsDigits(folder: vscode.Uri): Promise<boolean> {
  const entries = await vscode.workspace.fs.readDirectory(folder);
  return entries.some(([name]) => trainImagesName.test(name));
}

/**
 * What a document's model is trained on: the folder of the setting, else the digits that come with Layerwise. A folder
 * that cannot be used is an error with a way out: `useBundled` trains on the bundled digits instead.
 */
export async function trainingData(document: vscode.Uri, useBundled: () => unknown): Promise<DataSource> {
  const written = trainingDataFolder(document);
  if (!written) return bundledDigits;
  const folder = folderUri(written, document);
  const holds = await holdsDigits(folder).catch(() => undefined);
  if (holds) return { kind: 'idx', folder: folder.fsPath };
  throw new UserFacingError(
    holds === undefined
      ? `The training data folder ${folder.fsPath} cannot be read. It is named by the setting layerwise.training.dataFolder.`
      : `The training data folder ${folder.fsPath} holds no train-images-idx3-ubyte (or .gz). It is named by the setting layerwise.training.dataFolder.`,
    [
      { title: 'Use Bundled Digits', run: useBundled },
      { title: 'Open Settings', run: () => openSetting('training.dataFolder') },
    ],
  );
}
