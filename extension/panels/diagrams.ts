import * as vscode from 'vscode';
import type { ExportFormat, ExportTheme } from '../../protocol/webview';
import { Disposable } from '../disposable';
import type { ModelStore } from '../modelStore';
import { DiagramPanel, type DiagramSubject } from './diagramPanel';
import type { PanelHost } from './panel';
import { PanelSlot } from './panelSlot';

const subjectKey = 'layerwise.diagram';

/** The diagram panel, and the memory of what it showed. */
export class Diagrams extends Disposable {
  private readonly slot: PanelSlot<DiagramPanel>;

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
  }

  /** The document that the open diagram shows. */
  get document(): vscode.Uri | undefined {
    return this.slot.current?.document;
  }

  /** Draws the models of a document, beside the code. */
  async show(subject: DiagramSubject): Promise<void> {
    const panel = this.slot.open('Architecture', (panel) => this.create(panel, subject));
    await panel.show(subject);
  }

  /** The diagram as a file; the panel must be open. */
  async export(format: ExportFormat, theme: ExportTheme, scale: number): Promise<void> {
    this.slot.current?.reveal();
    await this.slot.current?.whenReady();
    this.slot.current?.export(format, theme, scale);
  }

  private create(panel: vscode.WebviewPanel, subject: DiagramSubject): DiagramPanel {
    const diagram = new DiagramPanel(this.host, panel, this.models, subject);
    const remember = this.host.reporter.background(
      'Remembering the diagram',
      ({ uri, modelId }: DiagramSubject) => this.memory.update(subjectKey, { uri: uri.toString(), modelId }),
    );
    diagram.onDidChangeSubject(remember);
    return diagram;
  }
}
