import * as vscode from 'vscode';
import type { LayerwiseContext } from '../context';
import { type Example, examples } from '../examples';

/** Opens a network of `examples/` as a new file, to look at, change, train, and keep where one likes. */
export async function newFromExample({ extensionUri }: LayerwiseContext): Promise<void> {
  const example = await pickExample();
  if (!example) return;
  const bytes = await vscode.workspace.fs.readFile(
    vscode.Uri.joinPath(extensionUri, 'examples', example.file),
  );
  const content = new TextDecoder().decode(bytes);
  const document = await vscode.workspace.openTextDocument({ language: 'typescript', content });
  await vscode.window.showTextDocument(document);
}

async function pickExample(): Promise<Example | undefined> {
  const picked = await vscode.window.showQuickPick(
    examples.map((example) => ({
      label: example.name,
      description: `${example.parameters.toLocaleString('en')} parameters`,
      detail: example.teaches,
      example,
    })),
    {
      title: 'New model from which example?',
      placeHolder: 'Opens as a new, unsaved file',
      matchOnDetail: true,
    },
  );
  return picked?.example;
}
