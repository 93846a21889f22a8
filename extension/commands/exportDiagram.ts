import * as vscode from 'vscode';
import type { ExportFormat, ExportOptions, ExportTheme } from '../../protocol/webview';
import type { LayerwiseContext } from '../context';
import { showArchitecture } from './showArchitecture';

/** Saves the open diagram, or that of the active editor, as a file. What `args` leave out is asked for. */
export async function exportDiagram(
  context: LayerwiseContext,
  args: Partial<ExportOptions> = {},
): Promise<void> {
  const format = args.format ?? (await pickFormat());
  if (!format) return;
  const theme = args.theme ?? (format === 'mermaid' ? 'screen' : await pickTheme());
  if (!theme) return;
  const options: ExportOptions = { format, theme, scale: args.scale ?? 2 };
  if (await context.diagrams.export(options)) return;
  await showArchitecture(context);
  await context.diagrams.export(options);
}

async function pickFormat(): Promise<ExportFormat | undefined> {
  const items: (vscode.QuickPickItem & { format: ExportFormat })[] = [
    { label: 'SVG', description: 'for papers and web pages; text stays text', format: 'svg' },
    { label: 'PNG', description: 'for slides and chats', format: 'png' },
    { label: 'TikZ', description: 'for LaTeX', format: 'tikz' },
    { label: 'Mermaid', description: 'for Markdown', format: 'mermaid' },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: 'Export the diagram as' });
  return picked?.format;
}

async function pickTheme(): Promise<ExportTheme | undefined> {
  const items: (vscode.QuickPickItem & { theme: ExportTheme })[] = [
    { label: 'As on screen', theme: 'screen' },
    { label: 'Light', theme: 'light' },
    { label: 'Dark', theme: 'dark' },
    { label: 'Print', description: 'black text on white', theme: 'print' },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: 'Colours of the exported diagram' });
  return picked?.theme;
}
