import * as vscode from 'vscode';
import { UserFacingError } from '../errors';
import { runsFolderOf } from '../runFolder';
import type { RunCatalogue } from '../runs';
import { baseName } from '../text';

/**
 * Where a run of this document's model is kept: in its workspace folder. For a document outside of any, people choose a
 * folder. Undefined when they do not.
 */
export async function chooseRunsFolder(
  document: vscode.Uri,
  runs: RunCatalogue,
): Promise<vscode.Uri | undefined> {
  const own = vscode.workspace.getWorkspaceFolder(document);
  if (own) {
    if (own.uri.scheme === 'file') return runsFolderOf(own.uri);
    throw new UserFacingError(
      `Training keeps its result under .layerwise/runs, which needs a folder on disk. "${own.name}" is on "${own.uri.scheme}:".`,
    );
  }
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const choose = { label: '$(folder-opened) Choose another folder…', folder: undefined };
  const items = folders.map(({ name, uri }) => ({ label: name, description: uri.fsPath, folder: uri }));
  const picked = await vscode.window.showQuickPick<{
    label: string;
    description?: string;
    folder?: vscode.Uri;
  }>([...items, choose], {
    title: `${baseName(document)} is in no folder of this workspace`,
    placeHolder: 'Where should the trained model be kept? It goes to .layerwise/runs in that folder.',
  });
  if (!picked) return undefined;
  if (picked.folder) return runsFolderOf(picked.folder);
  const [chosen] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: 'Keep Trained Models Here',
      title: 'Where should the trained model be kept?',
    })) ?? [];
  if (!chosen) return undefined;
  await runs.remember(chosen);
  return runsFolderOf(chosen);
}
