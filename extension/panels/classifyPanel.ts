import * as vscode from 'vscode';
import type { Classification } from '../../protocol/sidecar';
import { type FromClassify, fromClassify, type ToClassify } from '../../protocol/webview';
import type { ClassifyArguments } from '../commands/classifyImage';
import { isCancellation, messageOf } from '../errors';
import type { Compute } from '../sidecar/compute';
import { baseName } from '../text';
import { type ClassifyRecord, rememberClassification } from './classifyRecord';
import { Panel, type PanelHost } from './panel';

type Message = Exclude<FromClassify, { type: 'ready' }>;

/** How many classes are shown. */
const top = 10;

/** One image, classified: what came out, and what each layer saw. */
export class ClassifyPanel extends Panel<ToClassify, Message> {
  /** The request under way; an older one's answer is not shown. */
  private latest = 0;
  /** The session that the compute process knows for the result shown, and which process that was. */
  private live: { session: string; generation: number } | undefined;
  private revival: Promise<Classification> | undefined;

  constructor(
    host: PanelHost,
    panel: vscode.WebviewPanel,
    private readonly compute: Compute,
    private readonly memory: vscode.Memento,
    private record: ClassifyRecord,
  ) {
    super(host, panel, 'classify', fromClassify);
    this.load();
    this.showTitle();
  }

  /** Classifies an image and shows what comes out. An error is shown in the panel, and thrown. */
  async classify(imagePath: string, modelPath: string): Promise<void> {
    const request = ++this.latest;
    this.live = undefined;
    this.update({ imagePath, modelPath });
    try {
      const result = await this.ask();
      if (request === this.latest) this.update({ imagePath, modelPath, result });
    } catch (error) {
      if (request !== this.latest || isCancellation(error)) return;
      this.update({ imagePath, modelPath, failure: messageOf(error) });
      throw error;
    }
  }

  private async ask(): Promise<Classification> {
    const { imagePath, modelPath } = this.record;
    const result = await this.compute.request('classify', {
      picture: { kind: 'file', path: imagePath },
      modelPath,
      top,
    });
    this.live = { session: result.session, generation: this.compute.generation };
    return result;
  }

  private update(record: ClassifyRecord): void {
    if (this.isDisposed) return;
    this.record = record;
    void rememberClassification(this.memory, record).catch((error) =>
      this.host.reporter.note('Remembering the classification', error),
    );
    this.showTitle();
    for (const message of this.snapshot()) this.post(message);
  }

  private showTitle(): void {
    this.title = `Classify: ${baseName(vscode.Uri.file(this.record.imagePath))}`;
  }

  protected snapshot(): ToClassify[] {
    const { imagePath, result, failure } = this.record;
    const imageName = baseName(vscode.Uri.file(imagePath));
    if (result) return [{ type: 'result', imageName, modelName: result.model, result }];
    if (failure !== undefined) return [{ type: 'failed', message: failure }];
    const starting = this.compute.state === 'running' ? '' : 'Starting the compute process. ';
    return [{ type: 'working', message: `${starting}Classifying ${imageName}…` }];
  }

  protected handle(message: Message): unknown {
    const { imagePath, modelPath } = this.record;
    switch (message.type) {
      case 'fetchActivation':
        return this.fetchActivation(message.session, message.layer);
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

  /**
   * The session as the compute process knows it. The process that classified the image may be gone (a crash, a reload).
   * Classifying is deterministic, so a new one gives the same maps, and the webview need not know.
   */
  private async knownSession(): Promise<string> {
    const { live, compute } = this;
    if (live && live.generation === compute.generation && compute.state === 'running') return live.session;
    this.revival ??= this.ask().finally(() => {
      this.revival = undefined;
    });
    return (await this.revival).session;
  }

  private async fetchActivation(session: string, layer: string): Promise<void> {
    if (session !== this.record.result?.session) return;
    const known = await this.knownSession();
    const activation = await this.compute.request('activation', { session: known, layer });
    const bytes = Buffer.from(activation.data, 'base64');
    // A buffer of its own: Node's comes from a pool and may lie at any offset.
    const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    if (session !== this.record.result?.session) return;
    this.post({ type: 'activation', session, layer, shape: activation.shape, data });
  }
}
