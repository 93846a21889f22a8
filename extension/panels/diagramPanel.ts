import * as vscode from 'vscode';
import type { ModelCommandArguments, ModelGraphsResult } from '../../protocol/languageServer';
import {
  type ExportFormat,
  type ExportTheme,
  type FromDiagram,
  fromDiagram,
  type ToDiagram,
} from '../../protocol/webview';
import { UserFacingError } from '../errors';
import { saveExport } from '../exportFile';
import { layerOfProblem, layersAt } from '../highlight';
import type { ModelStore } from '../modelStore';
import { revealSource } from '../revealSource';
import { baseName } from '../text';
import { Panel, type PanelHost } from './panel';

/** What a diagram shows. */
export interface DiagramSubject {
  uri: vscode.Uri;
  modelId?: string;
}

/** How long the cursor must rest before the diagram follows it, in milliseconds. */
const highlightDelay = 60;

/** Draws the models of one document at a time: that of the active editor, as it is while it is typed. */
export class DiagramPanel extends Panel<ToDiagram, Exclude<FromDiagram, { type: 'ready' }>> {
  private known: ModelGraphsResult | undefined;
  private highlightTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly subjectChanged = this.register(new vscode.EventEmitter<DiagramSubject>());
  /** Another document or another of its models is shown. */
  readonly onDidChangeSubject = this.subjectChanged.event;

  constructor(
    host: PanelHost,
    panel: vscode.WebviewPanel,
    private readonly models: ModelStore,
    private subject: DiagramSubject,
  ) {
    super(host, panel, 'diagram', fromDiagram);
    const refresh = host.reporter.background('Refreshing the diagram', () => this.refresh());
    const follow = host.reporter.background('Following the editor', () => this.follow());
    this.register(
      models.onDidChange((uri) => {
        if (uri.toString() === this.subject.uri.toString()) refresh();
        else if (uri.toString() === vscode.window.activeTextEditor?.document.uri.toString()) follow();
      }),
    );
    this.register(vscode.window.onDidChangeActiveTextEditor(follow));
    this.register(vscode.window.onDidChangeTextEditorSelection(() => this.highlightSoon()));
    this.load();
    refresh();
  }

  /** Shows these models from now on. */
  async show(subject: DiagramSubject): Promise<void> {
    const graphs = await this.models.get(subject.uri);
    this.change(subject, graphs);
  }

  get document(): vscode.Uri {
    return this.subject.uri;
  }

  /** The editor moved on: its models are shown if it has any, else the present ones stay. */
  private async follow(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (!document) return;
    if (document.uri.toString() !== this.subject.uri.toString() && this.models.isServerUp) {
      const graphs = await this.models.get(document.uri);
      const stillActive = vscode.window.activeTextEditor?.document === document;
      if (stillActive && graphs.graphs.length > 0) this.change({ uri: document.uri }, graphs);
    }
    this.highlightSoon();
  }

  private async refresh(): Promise<void> {
    const { subject } = this;
    // Opened here so that the server keeps it up to date, also after a window reload with no editor on it.
    await vscode.workspace.openTextDocument(subject.uri);
    const graphs = await this.models.get(subject.uri);
    if (subject.uri.toString() === this.subject.uri.toString()) this.change(this.subject, graphs);
  }

  private change(subject: DiagramSubject, known: ModelGraphsResult): void {
    if (this.isDisposed) return;
    this.subject = subject;
    this.known = known;
    this.title = `Architecture: ${baseName(subject.uri)}`;
    this.subjectChanged.fire(subject);
    for (const message of this.snapshot()) this.post(message);
  }

  protected snapshot(): ToDiagram[] {
    if (!this.known) return [];
    const { graphs, problems } = this.known;
    const shown = this.subject.modelId;
    return [
      {
        type: 'graphs',
        title: baseName(this.subject.uri),
        graphs,
        modelId: graphs.some(({ id }) => id === shown) ? shown : undefined,
        problems: problems.map(({ severity, message, location }) => ({
          severity,
          message,
          layerId: layerOfProblem(graphs, location),
        })),
      },
      this.highlight(),
    ];
  }

  private highlight(): Extract<ToDiagram, { type: 'highlight' }> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !this.known) return { type: 'highlight', layerIds: [] };
    const document = editor.document.uri.toString();
    const isDocument = (path: string) => vscode.Uri.parse(path).toString() === document;
    const { line, character } = editor.selection.active;
    return {
      type: 'highlight',
      ...layersAt(this.known.graphs, isDocument, { line, character }, this.subject.modelId),
    };
  }

  /** Asks the webview for the diagram as a file, once it shows one. */
  export(format: ExportFormat, theme: ExportTheme, scale: number): void {
    this.post({ type: 'export', format, theme, scale });
  }

  private highlightSoon(): void {
    clearTimeout(this.highlightTimer);
    this.highlightTimer = setTimeout(() => this.post(this.highlight()), highlightDelay);
  }

  protected handle(message: Exclude<FromDiagram, { type: 'ready' }>): unknown {
    switch (message.type) {
      case 'showModel':
        this.subject = { ...this.subject, modelId: message.modelId };
        this.subjectChanged.fire(this.subject);
        return undefined;
      case 'train':
        return vscode.commands.executeCommand('layerwise.trainModel', {
          uri: this.subject.uri.toString(),
          modelId: message.modelId,
        } satisfies ModelCommandArguments);
      case 'exported':
        return saveExport(message, this.subject.uri);
      case 'exportFailed':
        throw new UserFacingError(message.message);
      case 'copy':
        return vscode.env.clipboard.writeText(message.text);
      case 'revealLayer': {
        const graph = this.known?.graphs.find(({ id }) => id === message.modelId);
        const location = graph?.layers.find(({ id }) => id === message.layerId)?.location;
        return location && revealSource(location, this.viewColumn);
      }
    }
  }

  override dispose(): void {
    clearTimeout(this.highlightTimer);
    super.dispose();
  }
}
