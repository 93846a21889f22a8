import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import type { CreateLanguageClient } from './languageServer';

/** The same language server in a worker of the web extension host. */
export function browserLanguageClient(extensionUri: vscode.Uri): CreateLanguageClient {
  return (options) =>
    new LanguageClient(
      'layerwise',
      'Layerwise',
      async () => new Worker(vscode.Uri.joinPath(extensionUri, 'dist', 'server.browser.js').toString(true)),
      options,
    );
}
