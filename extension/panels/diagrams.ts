import * as vscode from 'vscode';
import { z } from 'zod';
import type { PictureSource } from '../../protocol/sidecar';
import type { ExportOptions } from '../../protocol/webview';
import { Disposable } from '../disposable';
import { isModelFile } from '../modelFiles';
import type { ModelStore } from '../modelStore';
import type { Pictures } from '../pictures';
import { type RememberedPicture, rememberedPicture } from '../seenPicture';
import { DiagramPanel, type DiagramSelection, type DiagramSubject } from './diagramPanel';
import type { PanelHost } from './panel';
import { PanelSlot } from './panelSlot';

const subjectKey = 'layerwise.diagram';
const picturesKey = 'layerwise.diagramPictures';
/** Under what the picture of the panel beside the code is remembered; that of an editor has its file's address. */
const panelPicture = 'panel';
/** Of the editor that opens saved models, as in package.json. */
export const modelEditorType = 'layerwise.modelEditor';

const rememberedPictures = z.record(z.string(), rememberedPicture);

/** The diagram panel beside the code and the editors of saved models, and the memory of what the panel showed. */
export class Diagrams extends Disposable {
  /** Set where pictures can be classified; diagrams that are opened later know of it. */
  pictures: Pictures | undefined;
  private readonly slot: PanelSlot<DiagramPanel>;
  private isEnding = false;
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
        if (!last) return undefined;
        const subject = { uri: vscode.Uri.parse(last.uri), modelId: last.modelId };
        return this.create(panel, subject, this.remembered()[panelPicture]);
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

  private create(
    panel: vscode.WebviewPanel,
    subject: DiagramSubject,
    picture?: RememberedPicture,
  ): DiagramPanel {
    const { host, models, pictures } = this;
    const diagram = new DiagramPanel(host, panel, models, subject, pictures, false, picture);
    const remember = this.host.reporter.background(
      'Remembering the diagram',
      ({ uri, modelId }: DiagramSubject) => this.memory.update(subjectKey, { uri: uri.toString(), modelId }),
    );
    diagram.onDidChangeSubject(remember);
    this.keepPicture(diagram, panelPicture);
    diagram.onDidSelectLayer((selection) => this.layerSelected.fire(selection));
    return diagram;
  }

  private edit(uri: vscode.Uri, panel: vscode.WebviewPanel): void {
    const { host, models, pictures } = this;
    const name = uri.toString();
    const picture = this.remembered()[name];
    const diagram = new DiagramPanel(host, panel, models, { uri }, pictures, true, picture);
    this.editors.add(diagram);
    diagram.onDidSelectLayer((selection) => this.layerSelected.fire(selection));
    diagram.onDidDispose(() => this.editors.delete(diagram));
    this.keepPicture(diagram, name);
  }

  // What fills a diagram comes back when the window is reloaded, and is forgotten when the diagram is closed.

  /** Where the remembered pictures lie. */
  get pictureSources(): PictureSource[] {
    return Object.values(this.remembered()).map(({ params }) => params.picture);
  }

  private remembered(): Record<string, RememberedPicture> {
    const known = rememberedPictures.safeParse(this.memory.get(picturesKey));
    return known.success ? known.data : {};
  }

  private keepPicture(diagram: DiagramPanel, name: string): void {
    const remember = this.host.reporter.background(
      'Remembering what fills the diagram',
      async (picture: RememberedPicture | undefined) => {
        const { [name]: _, ...others } = this.remembered();
        await this.memory.update(picturesKey, picture ? { ...others, [name]: picture } : others);
      },
    );
    diagram.onDidChangePicture(remember);
    const isShownElsewhere = () => [...this.editors].some(({ document }) => document.toString() === name);
    diagram.onDidDispose(() => this.isEnding || isShownElsewhere() || remember(undefined));
  }

  override dispose(): void {
    this.isEnding = true;
    for (const editor of [...this.editors]) editor.dispose();
    super.dispose();
  }
}
