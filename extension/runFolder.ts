import * as vscode from 'vscode';

/** `.layerwise/runs` in a folder. */
export function runsFolderOf(folder: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(folder, '.layerwise', 'runs');
}
