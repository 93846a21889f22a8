/** The extension where processes can be started: on the desktop, and on remote machines. */
import * as vscode from 'vscode';
import type { ExampleDescription } from '../protocol/sidecar';
import { activateLanguageFeatures, registerCommand } from './activate';
import type { LayerwiseApi } from './api';
import { cancelTraining } from './commands/cancelTraining';
import { type ClassifyArguments, classifyImage, restoreClassifyPanel } from './commands/classifyImage';
import { classifyWithModel } from './commands/classifyWithModel';
import { classifyExample, classifyWithRun } from './commands/classifyWithRun';
import { compareRuns } from './commands/compareRuns';
import { deleteRuns } from './commands/deleteRuns';
import { exportRun } from './commands/exportRun';
import { installNativeBackend } from './commands/installNativeBackend';
import { renameRun } from './commands/renameRun';
import { restartSidecar } from './commands/restartSidecar';
import { resumeRun } from './commands/resumeRun';
import { revealRun } from './commands/revealRun';
import { registerBackendReport, showBackend } from './commands/showBackend';
import { showRun } from './commands/showRun';
import { showTraining } from './commands/showTraining';
import { createTrainingPanel, type TrainArguments, trainModel } from './commands/trainModel';
import type { ComputeContext } from './context';
import { nodeLanguageClient } from './languageClient/node';
import { PanelSlot } from './panels/panelSlot';
import { TrainingSlot } from './panels/trainingSlot';
import { Pictures } from './pictures';
import { RunCatalogue, resultOf, runName } from './runs';
import { Selection } from './selection';
import { Sidecar } from './sidecar/sidecar';
import { ComputeStatusItem } from './sidecar/statusBar';
import { Training } from './training';
import { TrainingStatusItem } from './trainingStatusItem';
import { RunsTree } from './views/runsTree';

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
    trainingPanel: new TrainingSlot(base, (panel) => createTrainingPanel(context, panel)),
    classifyPanel: new PanelSlot(base, 'classify', (panel) => restoreClassifyPanel(context, panel)),
  };
  base.listRuns = async () =>
    (await context.runs.all())
      .filter(({ hasModel }) => hasModel)
      .map(({ folder, run, status }) => ({
        folder,
        model: run.model,
        label: runName(run),
        detail: [resultOf(run), status, run.data.description].filter(Boolean).join(' · '),
      }));
  const pictures = new Pictures(context);
  context.diagrams.pictures = pictures;
  extension.subscriptions.push(
    sidecar,
    pictures,
    new Selection(context, pictures),
    training,
    new ComputeStatusItem(sidecar),
    new TrainingStatusItem(training),
    context.runs,
    new RunsTree(context.runs, training),
    context.trainingPanel,
    context.classifyPanel,
  );

  registerCommand(context, 'layerwise.trainModel', 'Train Model', (args?: TrainArguments) =>
    trainModel(context, args),
  );
  registerCommand(context, 'layerwise.cancelTraining', 'Cancel Training', () => cancelTraining(context));
  registerCommand(context, 'layerwise.showTraining', 'Show Training', () => showTraining(context));
  registerRunCommands(context);
  registerCommand(
    context,
    'layerwise.classifyImage',
    'Classify Image',
    (argument?: vscode.Uri | ClassifyArguments, selected?: readonly unknown[]) =>
      classifyImage(context, argument, selected),
  );
  registerCommand(context, 'layerwise.classifyWithModel', 'Classify Image With Model', (argument?: unknown) =>
    classifyWithModel(context, argument),
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
    isTraining: () => training.isRunning,
  };
}

/** What can be done with a run: from the view (with what is selected there), from the panel, from the palette. */
function registerRunCommands(context: ComputeContext): void {
  const commands: [
    id: string,
    name: string,
    run: (context: ComputeContext, argument?: unknown, selected?: unknown) => unknown,
  ][] = [
    ['showRun', 'Show Run', showRun],
    ['compareRuns', 'Compare Runs', compareRuns],
    ['resumeRun', 'Resume Run', resumeRun],
    ['classifyWithRun', 'Classify Image With Run', classifyWithRun],
    ['renameRun', 'Rename Run', renameRun],
    ['exportRun', 'Export Model of Run', exportRun],
    ['revealRun', 'Reveal Run Folder', revealRun],
    ['deleteRuns', 'Delete Runs', deleteRuns],
    ['refreshRuns', 'Refresh Runs', ({ runs }) => runs.refresh()],
  ];
  for (const [id, name, run] of commands) {
    registerCommand(context, `layerwise.${id}`, name, (argument?: unknown, selected?: unknown) =>
      run(context, argument, selected),
    );
  }
  registerCommand(
    context,
    'layerwise.classifyExample',
    'Classify Image',
    (run: vscode.Uri, example: ExampleDescription) => classifyExample(context, run, example),
  );
}

export async function deactivate(): Promise<void> {
  await ending?.();
}
