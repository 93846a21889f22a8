import * as vscode from 'vscode';
import type { ExportFormat, ExportMessage } from '../protocol/webview';
import { UserFacingError } from './errors';

const files: Record<ExportFormat, { extension: string; name: string }> = {
  svg: { extension: 'svg', name: 'SVG pictures' },
  png: { extension: 'png', name: 'PNG pictures' },
  tikz: { extension: 'tex', name: 'TikZ pictures' },
  mermaid: { extension: 'mmd', name: 'Mermaid diagrams' },
};

/**
 * What a panel's drawing became.
 * @param what Is drawn: `diagram`.
 * @param source The program that the file belongs beside.
 */
export async function takeExport(message: ExportMessage, what: string, source: vscode.Uri): Promise<void> {
  switch (message.type) {
    case 'exported':
      return save(message, what, source);
    case 'exportFailed':
      throw new UserFacingError(message.message);
    case 'copy':
      return vscode.env.clipboard.writeText(message.text);
  }
}

/** Asks where, and writes the drawing there. */
async function save(
  { format, modelName, encoding, content }: Extract<ExportMessage, { type: 'exported' }>,
  what: string,
  source: vscode.Uri,
): Promise<void> {
  const { extension, name } = files[format];
  const fileName = `${modelName.replace(/[^\w.-]+/g, '-') || 'model'}.${extension}`;
  const target = await vscode.window.showSaveDialog({
    title: `Export the ${what}`,
    defaultUri: vscode.Uri.joinPath(source, '..', fileName),
    filters: { [name]: [extension] },
  });
  if (!target) return;
  await vscode.workspace.fs.writeFile(target, decode(content, encoding));
  const open = 'Open';
  const answer = await vscode.window.showInformationMessage(`The ${what} is in ${target.fsPath}.`, open);
  if (answer === open) await vscode.commands.executeCommand('vscode.open', target);
}

/** Without Node, whose Buffer the extension host of a browser lacks. */
function decode(content: string, encoding: 'text' | 'base64'): Uint8Array {
  if (encoding === 'text') return new TextEncoder().encode(content);
  return Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
}
