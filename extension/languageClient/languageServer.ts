import * as vscode from 'vscode';
import { type BaseLanguageClient, type LanguageClientOptions, State } from 'vscode-languageclient';
import type { z } from 'zod';
import {
  commands,
  listFilesMethod,
  type ModelFileResult,
  type ModelGraphsChangedParams,
  type ModelGraphsResult,
  modelFileMethod,
  modelFileResult,
  modelGraphsChangedMethod,
  modelGraphsChangedParams,
  modelGraphsMethod,
  modelGraphsResult,
  type RevisionGraphsParams,
  readBytesMethod,
  readFileMethod,
  revisionGraphsMethod,
  type SizedModelParams,
  type SizedModelResult,
  sizedModelMethod,
  sizedModelResult,
} from '../../protocol/languageServer';
import type { ProcessState } from '../api';
import { Disposable } from '../disposable';
import { describeInvalid, type ErrorReporter, UserFacingError } from '../errors';
import { isSourceLanguage, mentionsTensorFlow, sourceLanguages } from '../tensorflowEvidence';
import { answerReadBytes, answerReadFile } from './readFile';
import { programsOfWorkspace } from './workspaceFiles';

/** Makes the client for one kind of extension host: a child process under Node, a worker in the browser. */
export type CreateLanguageClient = (options: LanguageClientOptions) => BaseLanguageClient;

/** How long typing must pause before a document is searched for TensorFlow.js, in milliseconds. */
const searchDelay = 300;

/** The language server and its only client. Starts it when the first document that mentions TensorFlow.js is open. */
export class LanguageServer extends Disposable {
  private client: BaseLanguageClient | undefined;
  private started: Promise<BaseLanguageClient> | undefined;
  private watching: vscode.Disposable[] = [];
  private readonly searches = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly graphsChanged = this.register(new vscode.EventEmitter<ModelGraphsChangedParams>());
  /** The models of a document may have changed. */
  readonly onDidChangeModelGraphs = this.graphsChanged.event;
  private readonly didStart = this.register(new vscode.EventEmitter<void>());
  readonly onDidStart = this.didStart.event;

  constructor(
    private readonly createClient: CreateLanguageClient,
    private readonly log: vscode.LogOutputChannel,
    private readonly reporter: ErrorReporter,
  ) {
    super();
  }

  state(): ProcessState {
    switch (this.client?.state) {
      case State.Running:
        return 'running';
      case State.Starting:
        return 'starting';
      default:
        return 'stopped';
    }
  }

  /** Watches documents for a mention of TensorFlow.js; the first one starts the server and ends the watch. */
  startOnEvidence(): void {
    const look = this.reporter.background('Looking for TensorFlow.js', (document: vscode.TextDocument) => {
      if (this.started || !isSourceLanguage(document.languageId)) return;
      if (mentionsTensorFlow(document.getText())) return this.start();
    });
    const lookLater = (document: vscode.TextDocument) => {
      const key = document.uri.toString();
      clearTimeout(this.searches.get(key));
      this.searches.set(
        key,
        setTimeout(() => {
          this.searches.delete(key);
          if (!document.isClosed) look(document);
        }, searchDelay),
      );
    };
    this.watching = [
      vscode.workspace.onDidOpenTextDocument(look),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && isSourceLanguage(document.languageId)) lookLater(document);
      }),
    ];
    for (const document of vscode.workspace.textDocuments) look(document);
  }

  /** Starts the server if it does not run yet. A start that failed is tried again by the next call. */
  start(): Promise<BaseLanguageClient> {
    this.started ??= this.launch().catch((error) => {
      this.started = undefined;
      this.client = undefined;
      throw new UserFacingError(
        `Layerwise's language server could not be started: ${error instanceof Error ? error.message : error}`,
        [this.reporter.showLog],
      );
    });
    return this.started;
  }

  private async launch(): Promise<BaseLanguageClient> {
    this.stopWatching();
    const client = this.createClient({
      documentSelector: sourceLanguages.map((language) => ({ language })),
      outputChannel: this.log,
      diagnosticCollectionName: 'layerwise',
      // Hovers offer the commands of their layer; nothing else may be run from them.
      markdown: { isTrusted: { enabledCommands: Object.values(commands) }, supportThemeIcons: true },
    });
    this.client = client;
    client.onRequest(readFileMethod, answerReadFile);
    client.onRequest(readBytesMethod, answerReadBytes);
    client.onRequest(listFilesMethod, async () => ({
      uris: (await programsOfWorkspace()).map((uri) => client.code2ProtocolConverter.asUri(uri)),
    }));
    client.onNotification(modelGraphsChangedMethod, (params: unknown) => {
      const parsed = modelGraphsChangedParams.safeParse(params);
      if (parsed.success) this.graphsChanged.fire(parsed.data);
      else this.reporter.note('Changed models', describeInvalid('The notification', parsed.error));
    });
    this.log.info('Starting the language server.');
    await client.start();
    this.didStart.fire();
    return client;
  }

  /** All models that a document creates, in source order, as the server sees them now. */
  modelGraphs(uri: vscode.Uri): Promise<ModelGraphsResult> {
    return this.ask(modelGraphsMethod, modelGraphsResult, uri, {});
  }

  /** All models that a file created as it was at a revision. */
  revisionGraphs(uri: vscode.Uri, params: Omit<RevisionGraphsParams, 'uri'>): Promise<ModelGraphsResult> {
    return this.ask(revisionGraphsMethod, modelGraphsResult, uri, params);
  }

  /** A document's model as it is made with these sizes, and what makes it. */
  sizedModel(uri: vscode.Uri, params: Omit<SizedModelParams, 'uri'>): Promise<SizedModelResult> {
    return this.ask(sizedModelMethod, sizedModelResult, uri, params);
  }

  /** The model in a saved file, or what is wrong with it. */
  modelFile(uri: vscode.Uri): Promise<ModelFileResult> {
    return this.ask(modelFileMethod, modelFileResult, uri, {});
  }

  /** What the server says of a document. */
  private async ask<T>(method: string, result: z.ZodType<T>, uri: vscode.Uri, params: object): Promise<T> {
    const client = await this.start();
    const document = client.code2ProtocolConverter.asUri(uri);
    const answer = await client.sendRequest<unknown>(method, { ...params, uri: document });
    const parsed = result.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw describeInvalid("The language server's answer", parsed.error);
  }

  /** Ends the server. It does not start again. */
  async stop(): Promise<void> {
    this.stopWatching();
    const client = this.client;
    if (!client) return;
    await this.started?.catch(() => undefined);
    if (client.needsStop()) await client.stop();
  }

  private stopWatching(): void {
    for (const watch of this.watching.splice(0)) watch.dispose();
    for (const timer of this.searches.values()) clearTimeout(timer);
    this.searches.clear();
  }

  override dispose(): void {
    void this.stop().catch((error) => this.reporter.note('Stopping the language server', error));
    super.dispose();
  }
}
