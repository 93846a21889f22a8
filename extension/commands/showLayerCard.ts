import * as vscode from 'vscode';
import type { LayerCardArguments } from '../../protocol/languageServer';

/** Opens the hover card of the layer whose hint was clicked. */
export async function showLayerCard({ uri, position }: LayerCardArguments): Promise<void> {
  const target = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri);
  if (!target) return;
  const { line, character } = position;
  // The hover opens at the cursor of the active editor.
  const editor = await vscode.window.showTextDocument(target.document, target.viewColumn);
  editor.selection = new vscode.Selection(line, character, line, character);
  await vscode.commands.executeCommand('editor.action.showHover', { focus: 'noAutoFocus' });
}
