import * as vscode from 'vscode';
import { commands, type LayerCardArguments, type ModelCommandArguments } from '../protocol/languageServer';
import type { ExportOptions } from '../protocol/webview';
import { addModels, addRevision, compareModels } from './commands/compareModels';
import { exportDiagram } from './commands/exportDiagram';
import { newFromExample } from './commands/newFromExample';
import { showArchitecture } from './commands/showArchitecture';
import { showLayerCard } from './commands/showLayerCard';
import { showLog } from './commands/showLog';
import type { LayerwiseContext } from './context';
import { EditorModels } from './editorModels';
import { ErrorReporter } from './errors';
import { type CreateLanguageClient, LanguageServer } from './languageClient/languageServer';
import { ModelStore } from './modelStore';
import { Comparisons } from './panels/comparisons';
import { Diagrams } from './panels/diagrams';

/** Registers a command whose error becomes a message that starts with the command's name. */
export function registerCommand<A extends unknown[]>(
  { extension, reporter }: LayerwiseContext,
  id: string,
  name: string,
  handler: (...args: A) => unknown,
): void {
  extension.subscriptions.push(
    vscode.commands.registerCommand(id, reporter.command(name, handler as (...args: unknown[]) => unknown)),
  );
}

/** Sets up what works in every extension host: language features and the diagram. Starts nothing by itself. */
export function activateLanguageFeatures(
  extension: vscode.ExtensionContext,
  createLanguageClient: CreateLanguageClient,
): LayerwiseContext {
  const log = vscode.window.createOutputChannel('Layerwise', { log: true });
  const reporter = new ErrorReporter(log);
  const server = new LanguageServer(createLanguageClient, log, reporter);
  const models = new ModelStore(server);
  const editor = new EditorModels(models, reporter);
  const { extensionUri } = extension;
  const diagrams = new Diagrams({ extensionUri, reporter }, models, extension.workspaceState);
  const comparisons = new Comparisons(
    { extensionUri, reporter },
    { models, server },
    extension.workspaceState,
    {
      addModels: () => addModels(context),
      addRevision: (source) => addRevision(context, source),
    },
  );
  const context: LayerwiseContext = {
    extension,
    extensionUri,
    log,
    reporter,
    server,
    models,
    editor,
    diagrams,
    comparisons,
  };
  extension.subscriptions.push(log, server, models, editor, diagrams, comparisons);
  registerCommand(
    context,
    'layerwise.showArchitecture',
    'Show Architecture',
    (argument?: ModelCommandArguments | vscode.Uri) => showArchitecture(context, argument),
  );
  registerCommand(context, 'layerwise.newFromExample', 'New Model from Example', () =>
    newFromExample(context),
  );
  registerCommand(context, 'layerwise.exportDiagram', 'Export Diagram', (argument?: Partial<ExportOptions>) =>
    exportDiagram(context, argument),
  );
  registerCommand(
    context,
    commands.compareModels,
    'Compare Models',
    (argument?: unknown, selected?: unknown) => compareModels(context, argument, selected),
  );
  registerCommand(context, commands.showLayerCard, 'Show Layer', (argument: LayerCardArguments) =>
    showLayerCard(argument),
  );
  registerCommand(context, 'layerwise.showLog', 'Show Log', () => showLog(context));
  server.startOnEvidence();
  return context;
}
