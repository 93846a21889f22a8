import * as vscode from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import type { CreateLanguageClient } from './languageServer';

/** The same language server in a worker of the web extension host. */
export function browserLanguageClient(extensionUri: vscode.Uri): CreateLanguageClient {
  const script = vscode.Uri.joinPath(extensionUri, 'dist', 'server.browser.js');
  // Reader and writer are made here: given a worker, the client asks `instanceof Worker`, which is false for the workers
  // that VS Code's web extension host makes.
  const connect = async () => {
    const worker = await startWorker(script);
    return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
  };
  return (options) => new LanguageClient('layerwise', 'Layerwise', connect, options);
}

async function startWorker(script: vscode.Uri): Promise<Worker> {
  try {
    return new Worker(script.toString(true));
  } catch {
    // An extension that is installed on a remote server but runs in the browser has files, yet no address that a
    // worker may be started from: the script is handed over as text.
    const text = await vscode.workspace.fs.readFile(script);
    return new Worker(URL.createObjectURL(new Blob([text.slice()], { type: 'text/javascript' })));
  }
}
