import * as vscode from 'vscode';
import type { WireLayerNode, WireModelGraph } from '../../protocol/modelGraph';
import {
  type ComparedModel,
  type FromComparison,
  fromComparison,
  type ToComparison,
} from '../../protocol/webview';
import { revisionUri } from '../comparison/git';
import {
  detailOf,
  hasRevisions,
  keyOf,
  type ModelSource,
  originOf,
  watchedUri,
} from '../comparison/modelSource';
import { type ModelReaders, readModel } from '../comparison/readModel';
import { isCancellation, messageOf, UserFacingError } from '../errors';
import { takeExport } from '../exportFile';
import { isModelFile } from '../modelFiles';
import { revealSource } from '../revealSource';
import { baseName } from '../text';
import { Panel, type PanelHost } from './panel';

type Message = Exclude<FromComparison, { type: 'ready' }>;

/** What the panel asks others to do. */
export interface ComparisonActions {
  /** Asks for more models, and adds them. */
  addModels(): unknown;
  /** Asks for an earlier state of the model's file, and adds it before the model. */
  addRevision(source: ModelSource): unknown;
}

interface Entry {
  source: ModelSource;
  content: ComparedModel['content'];
  /** Of the latest reading; an older one's result is not shown. */
  reading: number;
}

/** More columns than these cannot be read side by side. */
export const mostCompared = 6;
/** Changes of a file come in swarms. */
const settleMilliseconds = 200;

/** Several models side by side, each as it is now. */
export class ComparisonPanel extends Panel<ToComparison, Message> {
  private entries: Entry[] = [];
  private readonly watchers = new Map<string, vscode.Disposable>();
  private readonly settling = new Map<string, ReturnType<typeof setTimeout>>();
  private readings = 0;
  private readonly sourcesChanged = this.register(new vscode.EventEmitter<ModelSource[]>());
  /** Other models are compared, or in another order. */
  readonly onDidChangeSources = this.sourcesChanged.event;

  constructor(
    host: PanelHost,
    panel: vscode.WebviewPanel,
    private readonly readers: ModelReaders,
    private readonly actions: ComparisonActions,
    sources: readonly ModelSource[],
  ) {
    super(host, panel, 'comparison', fromComparison);
    this.register(readers.models.onDidChange((uri) => this.readSoon(uri)));
    // A document that nobody shows is closed after a while; the server forgets it then.
    this.register(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.readSoon(uri)));
    this.load();
    this.compare(sources);
  }

  get sources(): ModelSource[] {
    return this.entries.map(({ source }) => source);
  }

  /** Shows these from now on; what is among them already stays as it is. */
  compare(sources: readonly ModelSource[]): void {
    const known = new Map(this.entries.map((entry) => [keyOf(entry.source), entry]));
    const wanted = [...new Map(sources.map((source) => [keyOf(source), source]))].slice(0, mostCompared);
    const added: Entry[] = [];
    this.entries = wanted.map(([key, source]) => {
      const present = known.get(key);
      if (present) return present;
      const entry: Entry = { source, content: { state: 'reading' }, reading: 0 };
      added.push(entry);
      return entry;
    });
    this.watch();
    this.title = this.entries.length === 0 ? 'Comparison' : `Compare: ${this.nameList()}`;
    this.sourcesChanged.fire(this.sources);
    this.send();
    for (const entry of added) this.read(entry);
  }

  private nameList(): string {
    const names = this.entries.map(({ source }) => source.name);
    return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')}, … (${names.length})`;
  }

  private read(entry: Entry): void {
    const reading = ++this.readings;
    entry.reading = reading;
    const finish = (content: Entry['content']): void => {
      if (this.isDisposed || entry.reading !== reading || !this.entries.includes(entry)) return;
      entry.content = content;
      this.send();
    };
    readModel(this.readers, entry.source).then(
      (graph) => finish({ state: 'known', graph }),
      (error: unknown) => {
        if (isCancellation(error)) return;
        if (!(error instanceof UserFacingError)) this.host.reporter.note('Reading a compared model', error);
        finish({ state: 'failed', message: messageOf(error) });
      },
    );
  }

  // --- following changes ---

  private readSoon(uri: vscode.Uri): void {
    const key = uri.toString();
    const affected = () => this.entries.filter(({ source }) => watchedUri(source)?.toString() === key);
    if (affected().length === 0) return;
    clearTimeout(this.settling.get(key));
    this.settling.set(
      key,
      setTimeout(() => {
        this.settling.delete(key);
        for (const entry of affected()) this.read(entry);
      }, settleMilliseconds),
    );
  }

  /** Files change on disk, too: saved models always, programs while they are not open. */
  private watch(): void {
    const wanted = new Map<string, vscode.Uri>();
    for (const { source } of this.entries) {
      const uri = watchedUri(source);
      if (uri && uri.scheme !== 'untitled') wanted.set(uri.toString(), uri);
    }
    for (const [key, watcher] of this.watchers) {
      if (wanted.has(key)) continue;
      watcher.dispose();
      this.watchers.delete(key);
    }
    for (const [key, uri] of wanted) {
      if (this.watchers.has(key)) continue;
      const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), baseName(uri));
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const changed = () => {
        const isOpen = vscode.workspace.textDocuments.some((document) => document.uri.toString() === key);
        // What is typed comes from the language server.
        if (isModelFile(uri) || !isOpen) this.readSoon(uri);
      };
      watcher.onDidChange(changed);
      watcher.onDidCreate(() => this.readSoon(uri));
      watcher.onDidDelete(() => this.readSoon(uri));
      this.watchers.set(key, watcher);
    }
  }

  // --- the webview ---

  private send(): void {
    for (const message of this.snapshot()) this.post(message);
  }

  protected snapshot(): ToComparison[] {
    const models = this.entries.map(({ source, content }): ComparedModel => {
      return {
        key: keyOf(source),
        name: content.state === 'known' ? content.graph.name : source.name,
        origin: originOf(source),
        detail: detailOf(source),
        hasRevisions: hasRevisions(source),
        content,
      };
    });
    return [{ type: 'models', models }];
  }

  protected handle(message: Message): unknown {
    switch (message.type) {
      case 'addModels':
        return this.actions.addModels();
      case 'addRevision': {
        const entry = this.entryOf(message.key);
        return entry && this.actions.addRevision(entry.source);
      }
      case 'removeModel':
        return this.compare(this.sources.filter((source) => keyOf(source) !== message.key));
      case 'moveModel': {
        const moved = this.sources.find((source) => keyOf(source) === message.key);
        if (!moved) return undefined;
        const others = this.sources.filter((source) => source !== moved);
        others.splice(Math.max(0, message.to), 0, moved);
        return this.compare(others);
      }
      case 'revealLayer':
        return this.revealLayer(message.key, message.path);
      case 'exported':
      case 'exportFailed':
      case 'copy':
        return takeExport(message, 'comparison', this.exportPlace());
    }
  }

  private entryOf(key: string): Entry | undefined {
    return this.entries.find(({ source }) => keyOf(source) === key);
  }

  /** Selects the call that creates a layer; of an earlier revision, in the text as it was. */
  private async revealLayer(key: string, path: readonly string[]): Promise<void> {
    const entry = this.entryOf(key);
    if (entry?.content.state !== 'known') return;
    const location = layerAt(entry.content.graph, path)?.location;
    if (!location) return;
    const { source } = entry;
    const uri =
      source.kind === 'revision'
        ? await revisionUri(vscode.Uri.parse(location.path), source.hash)
        : vscode.Uri.parse(location.path);
    await revealSource({ ...location, path: uri.toString() }, this.viewColumn);
  }

  /** A file that the export belongs beside. */
  private exportPlace(): vscode.Uri {
    const uris = this.sources.flatMap((source) => watchedUri(source) ?? []);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/');
    return uris.find(({ scheme }) => scheme !== 'untitled') ?? vscode.Uri.joinPath(folder, 'comparison');
  }

  override dispose(): void {
    for (const timer of this.settling.values()) clearTimeout(timer);
    for (const watcher of this.watchers.values()) watcher.dispose();
    this.watchers.clear();
    super.dispose();
  }
}

function layerAt(graph: WireModelGraph, [id, ...rest]: readonly string[]): WireLayerNode | undefined {
  const layer = graph.layers.find((one) => one.id === id);
  if (!layer || rest.length === 0) return layer;
  return layer.nested && layerAt(layer.nested, rest);
}
