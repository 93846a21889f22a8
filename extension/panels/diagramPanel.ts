import * as vscode from 'vscode';
import { layerUses } from '../../model-graph/layerUses';
import type { ModelCommandArguments } from '../../protocol/languageServer';
import type { WireModelGraph } from '../../protocol/modelGraph';
import {
  type DiagramPicture,
  type ExportOptions,
  type FromDiagram,
  fromDiagram,
  type ToDiagram,
} from '../../protocol/webview';
import { isCancellation, messageOf } from '../errors';
import { takeExport } from '../exportFile';
import { layerOfProblem, layersAt } from '../highlight';
import { isModelFile } from '../modelFiles';
import type { KnownModels, ModelStore } from '../modelStore';
import type { Pictures } from '../pictures';
import { revealSource } from '../revealSource';
import {
  activationOf,
  diagramPictureOf,
  matchOf,
  type RememberedPicture,
  remembered,
  type SeenPicture,
} from '../seenPicture';
import { baseName } from '../text';
import { Panel, type PanelHost } from './panel';

/** What a diagram shows. */
export interface DiagramSubject {
  uri: vscode.Uri;
  modelId?: string;
}

/** A layer that people turned to, in a diagram. `key` as in the drawing. */
export interface DiagramSelection {
  graph: WireModelGraph;
  key: string | null;
}

/** How long the cursor must rest before the diagram follows it, in milliseconds. */
const highlightDelay = 60;

/**
 * Draws the models of one document at a time: that of the active editor, as it is while it is typed, or a saved model. As
 * an editor of its own (`isEditor`) it stays with its file.
 */
export class DiagramPanel extends Panel<ToDiagram, Exclude<FromDiagram, { type: 'ready' }>> {
  private known: KnownModels | undefined;
  private picture: SeenPicture | Exclude<DiagramPicture, { state: 'seen' }> | undefined;
  /** As it was last chosen here or elsewhere, perhaps while the panel was hidden. */
  private selection: { modelId: string; key: string | null } | undefined;
  /** The picture under way; an older one is not shown. */
  private latestPicture = 0;
  private highlightTimer: ReturnType<typeof setTimeout> | undefined;
  private readonly subjectChanged = this.register(new vscode.EventEmitter<DiagramSubject>());
  /** Another document or another of its models is shown. */
  readonly onDidChangeSubject = this.subjectChanged.event;
  private readonly layerSelected = this.register(new vscode.EventEmitter<DiagramSelection>());
  readonly onDidSelectLayer = this.layerSelected.event;
  private readonly pictureChanged = this.register(new vscode.EventEmitter<RememberedPicture | undefined>());
  /** Another picture fills the drawing, or none any more. */
  readonly onDidChangePicture = this.pictureChanged.event;
  private fileWatch: vscode.Disposable | undefined;

  constructor(
    host: PanelHost,
    panel: vscode.WebviewPanel,
    private readonly models: ModelStore,
    private subject: DiagramSubject,
    /** Absent where nothing can be computed. */
    private readonly pictures: Pictures | undefined,
    private readonly isEditor = false,
    /** Filled the drawing when the window was reloaded. */
    before?: RememberedPicture,
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
    if (!isEditor) this.register(vscode.window.onDidChangeActiveTextEditor(follow));
    this.register(vscode.window.onDidChangeTextEditorSelection(() => this.highlightSoon()));
    if (pictures) this.register(pictures.onDidSee((seen) => this.take(seen)));
    this.watchFile();
    this.load();
    refresh();
    // It stays remembered whatever comes of it: its file may be back next time.
    if (before && pictures) {
      const fill = () => this.classify((working) => pictures.again(before, working));
      host.reporter.background('Filling the diagram again', fill)();
    }
  }

  /** Shows these models from now on. */
  async show(subject: DiagramSubject): Promise<void> {
    const graphs = await this.models.get(subject.uri);
    this.change(subject, graphs);
  }

  get document(): vscode.Uri {
    return this.subject.uri;
  }

  /** The model that is shown; undefined while there is none. */
  get graph(): WireModelGraph | undefined {
    const { graphs = [] } = this.known ?? {};
    return graphs.find(({ id }) => id === this.subject.modelId) ?? graphs[0];
  }

  /** Shows this layer as selected. */
  selectLayer(modelId: string, key: string | null): void {
    this.selection = { modelId, key };
    this.post({ type: 'selectLayer', modelId, key });
  }

  /** A saved model is drawn anew when its file changes. */
  private watchFile(): void {
    this.fileWatch?.dispose();
    const { uri } = this.subject;
    if (!isModelFile(uri)) return;
    const folder = vscode.Uri.joinPath(uri, '..');
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(folder, baseName(uri)),
    );
    const refresh = this.host.reporter.background('Refreshing the diagram', () => this.refresh());
    watcher.onDidChange(refresh);
    watcher.onDidCreate(refresh);
    watcher.onDidDelete(refresh);
    this.fileWatch = watcher;
  }

  /** The editor moved on: its models are shown if it has any, else the present ones stay. */
  private async follow(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (!document || this.isEditor || isModelFile(document.uri)) return;
    if (
      document.uri.toString() !== this.subject.uri.toString() &&
      this.models.isServerUp &&
      !this.shows(document)
    ) {
      const graphs = await this.models.get(document.uri);
      const stillActive = vscode.window.activeTextEditor?.document === document;
      if (stillActive && graphs.graphs.length > 0) this.change({ uri: document.uri }, graphs);
    }
    this.highlightSoon();
  }

  /** The shown models have layers that are created in this document: it is a part of what is shown. */
  private shows({ uri }: vscode.TextDocument): boolean {
    const document = uri.toString();
    const paths = new Set(
      this.known?.graphs.flatMap(({ layers }) => layers.flatMap(({ location }) => location?.path ?? [])),
    );
    return [...paths].some((path) => vscode.Uri.parse(path).toString() === document);
  }

  private async refresh(): Promise<void> {
    const { subject } = this;
    // Opened here so that the server keeps it up to date, also after a window reload with no editor on it.
    if (!isModelFile(subject.uri)) await vscode.workspace.openTextDocument(subject.uri);
    const graphs = await this.models.get(subject.uri);
    if (subject.uri.toString() === this.subject.uri.toString()) this.change(this.subject, graphs);
  }

  private change(subject: DiagramSubject, known: KnownModels): void {
    if (this.isDisposed) return;
    const isOther = subject.uri.toString() !== this.subject.uri.toString();
    this.subject = subject;
    this.known = known;
    if (isOther) {
      this.latestPicture++;
      this.picture = undefined;
      this.pictureChanged.fire(undefined);
      this.selection = undefined;
      this.watchFile();
    }
    // An editor bears its file's name.
    if (!this.isEditor) this.title = `Architecture: ${baseName(subject.uri)}`;
    this.subjectChanged.fire(subject);
    for (const message of this.snapshot()) this.post(message);
  }

  protected snapshot(): ToDiagram[] {
    if (!this.known) return [];
    const { graphs, problems, failure } = this.known;
    const shown = this.subject.modelId;
    return [
      {
        type: 'graphs',
        title: baseName(this.subject.uri),
        origin: isModelFile(this.subject.uri) ? 'file' : 'program',
        failure,
        canClassify: this.pictures !== undefined,
        graphs,
        modelId: graphs.some(({ id }) => id === shown) ? shown : undefined,
        problems: problems.map(({ severity, message, location }) => ({
          severity,
          message,
          layerId: layerOfProblem(graphs, location),
        })),
      },
      ...this.pictureMessage(),
      ...(this.selection && this.selection.modelId === this.graph?.id
        ? [{ type: 'selectLayer' as const, ...this.selection }]
        : []),
      this.highlight(),
    ];
  }

  // ------------------------------------------------------------------------------------------------------- pictures

  private pictureMessage(): ToDiagram[] {
    const { graph, picture } = this;
    if (!graph) return [];
    const shown = !picture ? null : 'state' in picture ? picture : diagramPictureOf(picture, graph);
    return [{ type: 'picture', modelId: graph.id, picture: shown }];
  }

  private showPicture(picture: DiagramPanel['picture']): void {
    if (this.isDisposed) return;
    this.picture = picture;
    for (const message of this.pictureMessage()) this.post(message);
  }

  /** What another panel classified fills the drawing if it is the very model. */
  private take(seen: SeenPicture): void {
    const { graph } = this;
    if (graph && matchOf(seen, graph).difference === undefined) {
      this.latestPicture++;
      this.fillWith(seen);
    }
  }

  /** Shows it from now on, and after a reload of the window. */
  private fillWith(seen: SeenPicture | undefined): void {
    this.showPicture(seen);
    this.pictureChanged.fire(seen && remembered(seen));
  }

  private async choosePicture(): Promise<void> {
    const { graph, pictures, subject } = this;
    if (!graph || !pictures) return;
    await this.classify((working) => pictures.choose(subject.uri, graph, working));
  }

  /** Shows how far it is and what came of it, unless another picture was chosen meanwhile. */
  private async classify(
    work: (working: (message: string) => void) => Promise<SeenPicture | undefined>,
  ): Promise<void> {
    let before: DiagramPanel['picture'];
    /** From when there is something to do: whoever leaves the question for a picture disturbs nothing. */
    let number: number | undefined;
    const isLatest = () => number === this.latestPicture;
    const working = (message: string) => {
      if (number === undefined) {
        number = ++this.latestPicture;
        before = isWorking(this.picture) ? undefined : this.picture;
      }
      if (isLatest()) this.showPicture({ state: 'working', message });
    };
    try {
      const seen = await work(working);
      if (seen && isLatest()) this.fillWith(seen);
    } catch (error) {
      if (number !== undefined && !isLatest()) return;
      if (!isCancellation(error)) this.showPicture({ state: 'failed', message: messageOf(error) });
      else if (number !== undefined) this.showPicture(before);
    }
  }

  private async fetchActivation(session: string, layer: string): Promise<void> {
    const { picture } = this;
    const isShown = () =>
      this.picture !== undefined && !('state' in this.picture) && this.picture.result.session === session;
    if (!picture || 'state' in picture || !isShown()) return;
    try {
      const message = await activationOf(picture, layer);
      if (isShown()) this.post(message);
    } catch (error) {
      if (isShown()) this.post({ type: 'activationFailed', session, layer, message: messageOf(error) });
    }
  }

  // ------------------------------------------------------------------------------------------------------ selection

  private highlight(): Extract<ToDiagram, { type: 'highlight' }> {
    // With the drawing in front, the source beside it still has its cursor.
    const editor =
      vscode.window.activeTextEditor ??
      vscode.window.visibleTextEditors.find(({ viewColumn }) => viewColumn !== this.viewColumn);
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
  export(options: ExportOptions): void {
    this.post({ type: 'export', ...options });
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
        // The picture may fit this one, or not.
        for (const picture of this.pictureMessage()) this.post(picture);
        return undefined;
      case 'choosePicture':
        return this.choosePicture();
      case 'forgetPicture':
        this.latestPicture++;
        return this.fillWith(undefined);
      case 'fetchActivation':
        return this.fetchActivation(message.session, message.layer);
      case 'layerSelected': {
        this.selection = { modelId: message.modelId, key: message.key };
        const graph = this.known?.graphs.find(({ id }) => id === message.modelId);
        return graph && this.layerSelected.fire({ graph, key: message.key });
      }
      case 'compare':
        return vscode.commands.executeCommand('layerwise.compareModels', {
          uri: this.subject.uri.toString(),
          modelId: message.modelId,
        } satisfies ModelCommandArguments);
      case 'train':
        return vscode.commands.executeCommand('layerwise.trainModel', {
          uri: this.subject.uri.toString(),
          modelId: message.modelId,
        } satisfies ModelCommandArguments);
      case 'exported':
      case 'exportFailed':
      case 'copy':
        return takeExport(message, 'diagram', this.subject.uri);
      case 'revealLayer': {
        const graph = this.known?.graphs.find(({ id }) => id === message.modelId);
        const use = graph && layerUses(graph).find(({ key }) => key === message.key);
        const location = use?.layer.location ?? graph?.layers.find(({ id }) => id === message.key)?.location;
        return location && revealSource(location, this.viewColumn);
      }
    }
  }

  override dispose(): void {
    clearTimeout(this.highlightTimer);
    this.fileWatch?.dispose();
    super.dispose();
  }
}

function isWorking(picture: DiagramPanel['picture']): boolean {
  return picture !== undefined && 'state' in picture && picture.state === 'working';
}
