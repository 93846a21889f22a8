import * as vscode from 'vscode';
import { type FromClassify, fromClassify, type ToClassify } from '../../protocol/webview';
import type { ClassifyArguments } from '../commands/classifyImage';
import { isCancellation, messageOf } from '../errors';
import type { ClassifiedPicture } from '../seenPicture';
import type { Compute } from '../sidecar/compute';
import { baseName } from '../text';
import { type ClassifyRecord, rememberClassification } from './classifyRecord';
import { LookingInside } from './lookingInside';
import { Panel, type PanelHost } from './panel';
import { PictureSession } from './pictureSession';

type Message = Exclude<FromClassify, { type: 'ready' }>;

/** How many classes are shown. */
const top = 10;

/** One image, classified: what came out, and what each layer saw. */
export class ClassifyPanel extends Panel<ToClassify, Message> {
  /** The request under way; an older one's answer is not shown. */
  private latest = 0;
  /** The picture shown. */
  private session: PictureSession;
  private readonly looking: LookingInside;
  private selectedLayer: string | null = null;
  private readonly layerSelection = this.register(new vscode.EventEmitter<string | null>());
  /** People turned to a layer here, named as in `Classification.layers`. */
  readonly onDidSelectLayer = this.layerSelection.event;
  private readonly classified = this.register(new vscode.EventEmitter<void>());
  /** Another picture was classified. */
  readonly onDidClassify = this.classified.event;

  constructor(
    host: PanelHost,
    panel: vscode.WebviewPanel,
    private readonly compute: Compute,
    private readonly memory: vscode.Memento,
    private record: ClassifyRecord,
  ) {
    super(host, panel, 'classify', fromClassify);
    this.session = this.sessionFor(record);
    this.looking = this.register(
      new LookingInside(
        compute,
        (name) => (name === this.record.result?.session ? this.session : undefined),
        (message) => this.post(message),
        host.reporter,
      ),
    );
    this.load();
    this.showTitle();
  }

  /** Classifies an image and shows what comes out. An error is shown in the panel, and thrown. */
  async classify(imagePath: string, modelPath: string): Promise<void> {
    const request = ++this.latest;
    this.update({ imagePath, modelPath });
    this.session = this.sessionFor(this.record);
    try {
      const result = await this.session.classify();
      if (request === this.latest) this.update({ imagePath, modelPath, result });
    } catch (error) {
      if (request !== this.latest || isCancellation(error)) return;
      this.update({ imagePath, modelPath, failure: messageOf(error) });
      throw error;
    }
  }

  /** The picture that is shown with what its layers saw; undefined while there is none. */
  get picture(): ClassifiedPicture | undefined {
    const { imagePath, result } = this.record;
    return result && { imageName: baseName(vscode.Uri.file(imagePath)), session: this.session, result };
  }

  /** Shows a layer that was selected elsewhere. */
  selectLayer(layer: string | null): void {
    this.selectedLayer = layer;
    this.post({ type: 'selectLayer', layer });
  }

  private sessionFor({ imagePath, modelPath }: ClassifyRecord): PictureSession {
    return new PictureSession(this.compute, { picture: { kind: 'file', path: imagePath }, modelPath, top });
  }

  private update(record: ClassifyRecord): void {
    if (this.isDisposed) return;
    this.record = record;
    void rememberClassification(this.memory, record).catch((error) =>
      this.host.reporter.note('Remembering the classification', error),
    );
    this.showTitle();
    for (const message of this.snapshot()) this.post(message);
    if (record.result) this.classified.fire();
  }

  private showTitle(): void {
    this.title = `Classify: ${baseName(vscode.Uri.file(this.record.imagePath))}`;
  }

  protected snapshot(): ToClassify[] {
    const { imagePath, result, failure } = this.record;
    const imageName = baseName(vscode.Uri.file(imagePath));
    if (result) {
      return [
        { type: 'result', imageName, modelName: result.model, result },
        { type: 'selectLayer', layer: this.selectedLayer },
      ];
    }
    if (failure !== undefined) return [{ type: 'failed', message: failure }];
    const starting = this.compute.state === 'running' ? '' : 'Starting the compute process. ';
    return [{ type: 'working', message: `${starting}Classifying ${imageName}…` }];
  }

  protected handle(message: Message): unknown {
    const { imagePath, modelPath } = this.record;
    switch (message.type) {
      case 'ask':
        return this.looking.answer(message.question, message.session, message.about);
      case 'cancel':
        return this.looking.cancel(message.question);
      case 'layerSelected':
        this.selectedLayer = message.layer;
        return this.layerSelection.fire(message.layer);
      case 'chooseModel':
        return vscode.commands.executeCommand('layerwise.classifyImage', {
          imagePath,
        } satisfies ClassifyArguments);
      case 'chooseImage':
        return vscode.commands.executeCommand('layerwise.classifyImage', {
          modelPath,
        } satisfies ClassifyArguments);
    }
  }
}
