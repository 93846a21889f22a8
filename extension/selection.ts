import * as vscode from 'vscode';
import { layerUses } from '../model-graph/layerUses';
import type { WireModelGraph } from '../protocol/modelGraph';
import type { ComputeContext } from './context';
import { Disposable } from './disposable';
import { layersAt } from './highlight';
import type { ClassifyPanel } from './panels/classifyPanel';
import type { DiagramSelection } from './panels/diagramPanel';
import type { Pictures } from './pictures';
import { revealSource } from './revealSource';
import { matchOf, type SeenPicture } from './seenPicture';

/** How long the cursor must rest before the classify panel follows it, in milliseconds. */
const cursorDelay = 120;

/**
 * The layer that people look at is one, whoever shows it: the source, diagrams, the classify panel. Source and diagram
 * follow each other by themselves; this joins the classify panel to them, where the classified model is the one they show.
 */
export class Selection extends Disposable {
  /** What the classify panel shows. */
  private seen: SeenPicture | undefined;
  /** The layer selected there, named as in `Classification.layers`. */
  private selected: string | null = null;
  private cursorTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly context: ComputeContext,
    private readonly pictures: Pictures,
  ) {
    super();
    const { diagrams, classifyPanel, reporter } = context;
    this.register(classifyPanel.onDidOpen((panel) => this.join(panel)));
    this.register(diagrams.onDidSelectLayer((selection) => this.followDiagram(selection)));
    const follow = reporter.background('Following the cursor', () => this.followCursor());
    this.register(
      vscode.window.onDidChangeTextEditorSelection(() => {
        clearTimeout(this.cursorTimer);
        if (classifyPanel.current) this.cursorTimer = setTimeout(follow, cursorDelay);
      }),
    );
  }

  private join(panel: ClassifyPanel): void {
    const { reporter } = this.context;
    const look = reporter.background('Looking at the classified picture', async () => {
      const { picture } = panel;
      const seen = picture && (await this.pictures.offer(picture));
      if (panel === this.context.classifyPanel.current) this.seen = seen;
    });
    const follow = reporter.background('Following the classify panel', (layer: string | null) =>
      this.followPanel(layer),
    );
    panel.onDidClassify(look);
    panel.onDidSelectLayer(follow);
    panel.onDidDispose(() => {
      this.seen = undefined;
    });
    look();
  }

  private followDiagram({ graph, key }: DiagramSelection): void {
    if (key !== null) this.showInPanel(this.nameOf(graph, [key]));
  }

  private async followCursor(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !this.seen) return;
    const document = editor.document.uri.toString();
    const { line, character } = editor.selection.active;
    const isDocument = (path: string) => vscode.Uri.parse(path).toString() === document;
    for (const graphs of await this.graphsAround(editor.document.uri)) {
      const { modelId, layerIds } = layersAt(graphs, isDocument, { line, character });
      const graph = graphs.find(({ id }) => id === modelId);
      const name = graph && this.nameOf(graph, layerIds);
      if (name !== undefined) return this.showInPanel(name);
    }
  }

  /** What diagrams show, then what the document holds. */
  private async graphsAround(document: vscode.Uri): Promise<WireModelGraph[][]> {
    const { diagrams, models } = this.context;
    const shown = diagrams.all.flatMap(({ graph }) => (graph ? [[graph]] : []));
    return models.isServerUp ? [...shown, (await models.get(document)).graphs] : shown;
  }

  /** The name, in the classified model, of one of these layers; of several, the one that is selected already. */
  private nameOf(graph: WireModelGraph, keys: readonly string[]): string | undefined {
    if (!this.seen) return undefined;
    const { names } = matchOf(this.seen, graph);
    const found = keys.flatMap((key) => names.get(key) || []);
    return found.find((name) => name === this.selected) ?? found[0];
  }

  private showInPanel(name: string | undefined): void {
    if (name === undefined || name === this.selected) return;
    this.selected = name;
    this.context.classifyPanel.current?.selectLayer(name);
  }

  private async followPanel(layer: string | null): Promise<void> {
    this.selected = layer;
    const { seen } = this;
    if (!seen || layer === null) return;
    const { diagrams, editor, classifyPanel } = this.context;
    const keyIn = (graph: WireModelGraph) =>
      [...matchOf(seen, graph).names].find(([, name]) => name === layer)?.[0];
    for (const diagram of diagrams.all) {
      const key = diagram.graph && keyIn(diagram.graph);
      if (key !== undefined) diagram.selectLayer(diagram.graph!.id, key);
    }
    // Whoever looks at maps alone wants no editor opened for each of them.
    const column = classifyPanel.current?.viewColumn;
    if (!vscode.window.visibleTextEditors.some(({ viewColumn }) => viewColumn !== column)) return;
    const document = vscode.window.activeTextEditor?.document.uri ?? editor.document;
    if (!document) return;
    for (const graph of (await this.graphsAround(document)).flat()) {
      const key = keyIn(graph);
      const location = layerUses(graph).find((use) => use.key === key)?.layer.location;
      if (location) return revealSource(location, column, { preserveFocus: true });
    }
  }

  override dispose(): void {
    clearTimeout(this.cursorTimer);
    super.dispose();
  }
}
