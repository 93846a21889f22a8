/** Files that are asked for with a dialog: pictures, and lists of classes. */
import * as vscode from 'vscode';
import { imageExtensions } from './pictures';

const lastFolderKey = 'layerwise.classify.lastFolder';

/** Pictures, or a folder of them; none when the dialog is left. */
export async function choosePictures(
  memory: vscode.Memento,
  what: 'files' | 'folder',
): Promise<vscode.Uri[]> {
  const files = { canSelectMany: true, filters: { Pictures: imageExtensions } };
  return choose(memory, {
    title: what === 'files' ? 'Classify which pictures?' : 'Classify the pictures of which folder?',
    ...(what === 'files' ? files : { canSelectFiles: false, canSelectFolders: true }),
  });
}

/** Undefined when the dialog is left. */
export async function choosePicture(memory: vscode.Memento): Promise<vscode.Uri | undefined> {
  const [chosen] = await choose(memory, {
    title: 'Classify which picture?',
    filters: { Pictures: imageExtensions },
  });
  return chosen;
}

/** Begins in the folder that something was chosen from last. */
async function choose(memory: vscode.Memento, options: vscode.OpenDialogOptions): Promise<vscode.Uri[]> {
  const last = memory.get<string>(lastFolderKey);
  const folder = last ? vscode.Uri.parse(last) : vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen =
    (await vscode.window.showOpenDialog({
      openLabel: 'Classify',
      ...(folder ? { defaultUri: folder } : {}),
      ...options,
    })) ?? [];
  const [first] = chosen;
  if (first) await memory.update(lastFolderKey, vscode.Uri.joinPath(first, '..').toString());
  return chosen;
}

export async function chooseLabels(): Promise<string | undefined> {
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Which file names the classes?',
      openLabel: 'Use as Labels',
      filters: { 'One name a line, or JSON': ['txt', 'json', 'names', 'labels', 'csv'], 'All files': ['*'] },
    })) ?? [];
  return chosen?.fsPath;
}
