import * as vscode from 'vscode';
import type { WireLocation } from '../protocol/modelGraph';

/** Selects a place in its source: in the editor that shows it, else in one that does not cover `keepVisible`. */
export async function revealSource(
  { path, range }: WireLocation,
  keepVisible: vscode.ViewColumn | undefined,
  { preserveFocus = false } = {},
): Promise<void> {
  const uri = vscode.Uri.parse(path);
  const openTab = vscode.window.tabGroups.all.find(
    (group) =>
      group.viewColumn !== keepVisible &&
      group.tabs.some(
        ({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString(),
      ),
  );
  const editors = vscode.window.visibleTextEditors.filter(({ viewColumn }) => viewColumn !== keepVisible);
  const otherColumn = keepVisible === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One;
  const editor = await vscode.window.showTextDocument(uri, {
    viewColumn: (openTab ?? editors[0])?.viewColumn ?? otherColumn,
    preserveFocus,
  });
  const { start, end } = range;
  // The cursor goes to the call's start: at its end, a long line would be scrolled out of sight.
  editor.selection = new vscode.Selection(end.line, end.character, start.line, start.character);
  const line = new vscode.Range(start.line, 0, start.line, 0);
  editor.revealRange(line, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
