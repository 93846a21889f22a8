import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { CreateLanguageClient } from './languageServer';

/** The language server as a child process of the extension host. */
export function nodeLanguageClient(extensionUri: vscode.Uri): CreateLanguageClient {
  const module = vscode.Uri.joinPath(extensionUri, 'dist', 'server.js').fsPath;
  return (options) =>
    new LanguageClient(
      'layerwise',
      'Layerwise',
      {
        run: { module, transport: TransportKind.ipc },
        debug: {
          module,
          transport: TransportKind.ipc,
          options: { execArgv: ['--nolazy', '--inspect=6019'] },
        },
      },
      options,
    );
}
