import * as vscode from 'vscode';
import type { WireLocation } from '../protocol/modelGraph';

/** Selects a place in its source: in the editor that shows it, else in one that does not cover `keepVisible`. */
export async function revealSource(
  { path, range }: WireLocation,
  keepVisible: vscode.ViewColumn | undefined,
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
  await vscode.window.showTextDocument(uri, {
    viewColumn: (openTab ?? editors[0])?.viewColumn ?? otherColumn,
    selection: new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character),
  });
}
