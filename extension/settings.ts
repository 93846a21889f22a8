import * as vscode from 'vscode';
import type { InitializeParams, TrainingOptions } from '../protocol/sidecar';

/** Opens the settings editor on one setting of Layerwise. */
export function openSetting(name: string): Thenable<unknown> {
  return vscode.commands.executeCommand('workbench.action.openSettings', `layerwise.${name}`);
}

function setting<T>(name: string, fallback: T, scope?: vscode.Uri): T {
  return vscode.workspace.getConfiguration('layerwise', scope).get<T>(name) ?? fallback;
}

export function trainingOptions(scope: vscode.Uri): TrainingOptions {
  const learningRate = setting<number | null>('training.learningRate', null, scope);
  return {
    epochs: setting('training.epochs', 5, scope),
    batchSize: setting('training.batchSize', 64, scope),
    ...(learningRate !== null && learningRate > 0 ? { learningRate } : {}),
    validationSplit: 0.1,
    seed: setting('training.seed', 42, scope),
  };
}

export function trainingDataFolder(scope: vscode.Uri): string {
  return setting('training.dataFolder', '', scope).trim();
}

export function backendSetting(): InitializeParams['backend'] {
  return setting<InitializeParams['backend']>('sidecar.backend', 'auto');
}

/** Where it is set already, or for the user. */
export async function pinBackend(backend: InitializeParams['backend']): Promise<void> {
  const layerwise = vscode.workspace.getConfiguration('layerwise');
  const { Global, Workspace } = vscode.ConfigurationTarget;
  const ofWorkspace = layerwise.inspect('sidecar.backend')?.workspaceValue !== undefined;
  const value = backend === 'auto' ? undefined : backend;
  await layerwise.update('sidecar.backend', value, ofWorkspace ? Workspace : Global);
}

export function nodePathSetting(): string {
  return setting('sidecar.nodePath', '').trim();
}

/** The proxy that VS Code itself goes through, where one is set. */
export function proxySetting(): string {
  return vscode.workspace.getConfiguration('http').get<string>('proxy')?.trim() ?? '';
}
