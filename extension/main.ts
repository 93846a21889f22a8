/** The extension where processes can be started: on the desktop, and on remote machines. */
import * as vscode from 'vscode';
import type { ModelCommandArguments } from '../protocol/languageServer';
import { activateLanguageFeatures, registerCommand } from './activate';
import type { LayerwiseApi } from './api';
import { cancelTraining } from './commands/cancelTraining';
import { type ClassifyArguments, classifyImage } from './commands/classifyImage';
import { installNativeBackend } from './commands/installNativeBackend';
import { restartSidecar } from './commands/restartSidecar';
import { registerBackendReport, showBackend } from './commands/showBackend';
import { showTraining } from './commands/showTraining';
import { trainModel } from './commands/trainModel';
import type { ComputeContext } from './context';
import { nodeLanguageClient } from './languageClient/node';
import { ClassifyPanel } from './panels/classifyPanel';
import { lastClassification } from './panels/classifyRecord';
import { PanelSlot } from './panels/panelSlot';
import { TrainingPanel } from './panels/trainingPanel';
import { RunCatalogue } from './runs';
import { Sidecar } from './sidecar/sidecar';
import { ComputeStatusItem } from './sidecar/statusBar';
import { Training } from './training';
import { TrainingStatusItem } from './trainingStatusItem';

let ending: (() => Promise<unknown>) | undefined;

export function activate(extension: vscode.ExtensionContext): LayerwiseApi {
  const base = activateLanguageFeatures(extension, nodeLanguageClient(extension.extensionUri));
  const { log, reporter, server } = base;
  const { workspaceState, globalState } = extension;
  const sidecar = new Sidecar(extension, log, reporter);
  const training = new Training(sidecar, workspaceState, reporter);
  const context: ComputeContext = {
    ...base,
    compute: sidecar,
    training,
    runs: new RunCatalogue(extension.extensionUri, globalState),
    trainingPanel: new PanelSlot(base, 'training', (panel) =>
      training.latest ? new TrainingPanel(base, panel, training) : undefined,
    ),
    classifyPanel: new PanelSlot(base, 'classify', (panel) => {
      const last = lastClassification(workspaceState);
      return last && new ClassifyPanel(base, panel, sidecar, workspaceState, last);
    }),
  };
  extension.subscriptions.push(
    sidecar,
    training,
    new ComputeStatusItem(sidecar),
    new TrainingStatusItem(training),
    context.trainingPanel,
    context.classifyPanel,
  );

  registerCommand(context, 'layerwise.trainModel', 'Train Model', (args?: ModelCommandArguments) =>
    trainModel(context, args),
  );
  registerCommand(context, 'layerwise.cancelTraining', 'Cancel Training', () => cancelTraining(context));
  registerCommand(context, 'layerwise.showTraining', 'Show Training', () => showTraining(context));
  registerCommand(
    context,
    'layerwise.classifyImage',
    'Classify Image',
    (argument?: vscode.Uri | ClassifyArguments, selected?: readonly unknown[]) =>
      classifyImage(context, argument, selected),
  );
  registerCommand(context, 'layerwise.restartSidecar', 'Restart Compute Process', () =>
    restartSidecar(context),
  );
  registerCommand(context, 'layerwise.showBackend', 'Show Compute Backends', () => showBackend(context));
  registerCommand(context, 'layerwise.installNativeBackend', 'Install Native Backend', () =>
    installNativeBackend(context),
  );
  extension.subscriptions.push(registerBackendReport(sidecar));
  void vscode.commands.executeCommand('setContext', 'layerwise.canCompute', true);

  ending = () => Promise.all([server.stop(), sidecar.end('The compute process ends with VS Code.')]);
  return {
    serverState: () => server.state(),
    sidecarState: () => sidecar.state,
    sidecarPid: () => sidecar.pid,
  };
}

export async function deactivate(): Promise<void> {
  await ending?.();
}
