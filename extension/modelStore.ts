import * as vscode from 'vscode';
import type { ModelGraphsResult } from '../protocol/languageServer';
import { Disposable } from './disposable';
import type { LanguageServer } from './languageClient/languageServer';
import { isModelFile } from './modelFiles';

/** What a document or a saved model holds. */
export interface KnownModels extends ModelGraphsResult {
  /** Why a saved model cannot be drawn. */
  failure?: string;
}

/** The documents' models as last told by the language server; asked for once per change, whoever shows them. */
export class ModelStore extends Disposable {
  private readonly known = new Map<string, { version: number | undefined; result: Promise<KnownModels> }>();
  private readonly changed = this.register(new vscode.EventEmitter<vscode.Uri>());
  /** The models of this document have to be asked for again. */
  readonly onDidChange = this.changed.event;

  /** The language server is there to be asked. */
  readonly onDidStart: vscode.Event<void>;

  constructor(private readonly server: LanguageServer) {
    super();
    this.onDidStart = server.onDidStart;
    this.register(
      server.onDidChangeModelGraphs(({ uri }) => {
        const document = vscode.Uri.parse(uri);
        this.known.delete(document.toString());
        this.changed.fire(document);
      }),
    );
    this.register(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.known.delete(uri.toString())));
  }

  /** Whether asking makes sense without starting anything. */
  get isServerUp(): boolean {
    return this.server.state() !== 'stopped';
  }

  /** The models of a document, in source order. Starts the language server if it does not run. */
  get(uri: vscode.Uri): Promise<KnownModels> {
    if (isModelFile(uri)) return this.saved(uri);
    const key = uri.toString();
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === key);
    const version = document?.version;
    const present = this.known.get(key);
    // The server tells of changes only once typing pauses; whoever asks earlier gets the text as it is now.
    if (present && present.version === version) return present.result;
    const asked = { version, result: this.server.modelGraphs(uri) };
    this.known.set(key, asked);
    const forget = () => {
      if (this.known.get(key) === asked) this.known.delete(key);
    };
    // An answer for a document that was not open there is not kept up to date by notifications.
    asked.result.then((answer) => answer.version === null && forget(), forget);
    return asked.result;
  }
  /** The model in a file. Read anew each time: whoever shows it knows when the file changes. */
  private async saved(uri: vscode.Uri): Promise<KnownModels> {
    const answer = await this.server.modelFile(uri);
    if (!answer.ok) return { version: null, graphs: [], problems: [], failure: answer.message };
    return { version: null, graphs: [answer.graph], problems: [] };
  }
}
