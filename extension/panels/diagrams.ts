import * as vscode from 'vscode';
import type { ExportOptions } from '../../protocol/webview';
import { Disposable } from '../disposable';
import { isModelFile } from '../modelFiles';
import type { ModelStore } from '../modelStore';
import type { Pictures } from '../pictures';
import { DiagramPanel, type DiagramSelection, type DiagramSubject } from './diagramPanel';
import type { PanelHost } from './panel';
import { PanelSlot } from './panelSlot';

const subjectKey = 'layerwise.diagram';
/** Of the editor that opens saved models, as in package.json. */
export const modelEditorType = 'layerwise.modelEditor';

/** The diagram panel beside the code and the editors of saved models, and the memory of what the panel showed. */
export class Diagrams extends Disposable {
  /** Set where pictures can be classified; diagrams that are opened later know of it. */
  pictures: Pictures | undefined;
  private readonly slot: PanelSlot<DiagramPanel>;
  private readonly editors = new Set<DiagramPanel>();
  private readonly layerSelected = this.register(new vscode.EventEmitter<DiagramSelection>());
  /** People turned to a layer in any diagram. */
  readonly onDidSelectLayer = this.layerSelected.event;

  constructor(
    private readonly host: PanelHost,
    private readonly models: ModelStore,
    private readonly memory: vscode.Memento,
  ) {
    super();
    this.slot = this.register(
      new PanelSlot(host, 'diagram', (panel) => {
        const last = memory.get<{ uri: string; modelId?: string }>(subjectKey);
        return last && this.create(panel, { uri: vscode.Uri.parse(last.uri), modelId: last.modelId });
      }),
    );
    this.register(
      vscode.window.registerCustomEditorProvider(
        modelEditorType,
        {
          openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
          resolveCustomEditor: ({ uri }, panel) => this.edit(uri, panel),
        },
        { supportsMultipleEditorsPerDocument: true },
      ),
    );
  }

  /** The program that the open diagram shows. */
  get document(): vscode.Uri | undefined {
    const document = this.slot.current?.document;
    return document && !isModelFile(document) ? document : undefined;
  }

  /** Every diagram there is, the one beside the code first. */
  get all(): DiagramPanel[] {
    return [...(this.slot.current ? [this.slot.current] : []), ...this.editors];
  }

  /** Draws the models of a document, beside the code. */
  async show(subject: DiagramSubject): Promise<void> {
    const panel = this.slot.open('Architecture', (panel) => this.create(panel, subject));
    await panel.show(subject);
  }

  /** The diagram as a file: that of the active editor, else the one beside the code. False when there is none. */
  async export(options: ExportOptions): Promise<boolean> {
    const panel = [...this.editors].find(({ isActive }) => isActive) ?? this.slot.current;
    if (!panel) return false;
    panel.reveal();
    await panel.whenReady();
    panel.export(options);
    return true;
  }

  private create(panel: vscode.WebviewPanel, subject: DiagramSubject): DiagramPanel {
    const diagram = new DiagramPanel(this.host, panel, this.models, subject, this.pictures);
    const remember = this.host.reporter.background(
      'Remembering the diagram',
      ({ uri, modelId }: DiagramSubject) => this.memory.update(subjectKey, { uri: uri.toString(), modelId }),
    );
    diagram.onDidChangeSubject(remember);
    diagram.onDidSelectLayer((selection) => this.layerSelected.fire(selection));
    return diagram;
  }

  private edit(uri: vscode.Uri, panel: vscode.WebviewPanel): void {
    const diagram = new DiagramPanel(this.host, panel, this.models, { uri }, this.pictures, true);
    this.editors.add(diagram);
    diagram.onDidSelectLayer((selection) => this.layerSelected.fire(selection));
    diagram.onDidDispose(() => this.editors.delete(diagram));
  }

  override dispose(): void {
    for (const editor of [...this.editors]) editor.dispose();
    super.dispose();
  }
}
