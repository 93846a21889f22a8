/** The extension in the browser's extension host: language features and the diagram. Nothing here may need Node.js. */
import type * as vscode from 'vscode';
import { activateLanguageFeatures, registerCommand } from './activate';
import type { LayerwiseApi } from './api';
import { needsProcess } from './commands/needsProcess';
import { browserLanguageClient } from './languageClient/browser';

let ending: (() => Promise<unknown>) | undefined;

export function activate(extension: vscode.ExtensionContext): LayerwiseApi {
  const context = activateLanguageFeatures(extension, browserLanguageClient(extension.extensionUri));
  for (const [id, name] of [
    ['layerwise.trainModel', 'Train Model'],
    ['layerwise.cancelTraining', 'Cancel Training'],
    ['layerwise.showTraining', 'Show Training'],
    ['layerwise.classifyImage', 'Classify Image'],
    ['layerwise.classifyWithModel', 'Classify Image With Model'],
    ['layerwise.restartSidecar', 'Restart Compute Process'],
    ['layerwise.showBackend', 'Show Compute Backends'],
    ['layerwise.installNativeBackend', 'Install Native Backend'],
  ] as const) {
    registerCommand(context, id, name, needsProcess);
  }
  const { server } = context;
  ending = () => server.stop();
  return {
    serverState: () => server.state(),
    sidecarState: () => 'stopped',
    sidecarPid: () => undefined,
    isTraining: () => false,
  };
}

export async function deactivate(): Promise<void> {
  await ending?.();
}
