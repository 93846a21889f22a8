import * as vscode from 'vscode';
import {
  type ClassifyModel,
  type FromClassify,
  fromClassify,
  type PictureTile,
  type ToClassify,
} from '../../protocol/webview';
import type { Classifying, ClassifyingChange } from '../classify/classifying';
import type { ComparedRecord } from '../classify/classifyStore';
import { findPictures } from '../classify/pictures';
import { messageOf } from '../errors';
import type { ClassifiedPicture } from '../seenPicture';
import type { Compute } from '../sidecar/compute';
import { baseName } from '../text';
import { requireTrust } from '../trust';
import { Comparison } from './comparison';
import { LookingInside } from './lookingInside';
import { Panel, type PanelHost } from './panel';

type Message = Exclude<FromClassify, { type: 'ready' }>;

/** What the panel's buttons ask for. */
export interface ClassifyActions {
  chooseModel(model: ClassifyModel | undefined): Promise<string | undefined>;
  choosePictures(what: 'files' | 'folder'): Promise<vscode.Uri[]>;
  chooseLabels(): Promise<string | undefined>;
}

/** Pictures, classified: what came out, and what each layer saw. */
export class ClassifyPanel extends Panel<ToClassify, Message> {
  private readonly looking: LookingInside;
  private readonly comparison: Comparison;
  private selectedLayer: string | null = null;
  private readonly layerSelection = this.register(new vscode.EventEmitter<string | null>());
  /** People turned to a layer here, named as in `Classification.layers`. */
  readonly onDidSelectLayer = this.layerSelection.event;
  private readonly classified = this.register(new vscode.EventEmitter<void>());
  /** Another picture was classified. */
  readonly onDidClassify = this.classified.event;
  private tellingInputs: ReturnType<typeof setTimeout> | undefined;

  constructor(
    host: PanelHost,
    panel: vscode.WebviewPanel,
    compute: Compute,
    readonly classifying: Classifying,
    private readonly actions: ClassifyActions,
    /** With what the answer was compared when the window was reloaded. */
    compared?: ComparedRecord,
  ) {
    super(host, panel, 'classify', fromClassify);
    this.register(classifying);
    this.register(classifying.onDidChange((change) => this.tell(change)));
    this.comparison = new Comparison(
      compute,
      (message) => this.post(message),
      (record) => classifying.rememberComparison(record),
    );
    this.looking = this.register(
      new LookingInside(
        compute,
        (name) =>
          name === classifying.answer?.result.session ? classifying.session : this.comparison.sessionOf(name),
        (message) => this.post(message),
        host.reporter,
      ),
    );
    this.load();
    this.showTitle();
    if (compared) {
      host.reporter.background('Comparing again', () => this.comparison.startAgain(compared))();
    }
  }

  /** The picture that is shown with what its layers saw; undefined while there is none. */
  get picture(): ClassifiedPicture | undefined {
    const { answer, session } = this.classifying;
    return answer && session && { imageName: answer.imageName, session, result: answer.result };
  }

  /** Shows a layer that was selected elsewhere. */
  selectLayer(layer: string | null): void {
    this.selectedLayer = layer;
    this.post({ type: 'selectLayer', layer });
  }

  private tell(change: ClassifyingChange): void {
    if (this.isDisposed) return;
    if (typeof change === 'object') this.post(this.thumbnailOf(change.thumbnail));
    else if (change === 'answer') {
      this.post(this.answer());
      if (this.classifying.answer) this.classified.fire();
    } else if (change === 'status') this.post(this.status());
    else {
      this.showTitle();
      // Many pictures are scored within a short time; each change tells of all of them.
      this.tellingInputs ??= setTimeout(() => {
        this.tellingInputs = undefined;
        this.post(this.inputs());
      }, 30);
    }
  }

  private showTitle(): void {
    const { classifying } = this;
    const name = classifying.picture(classifying.selected)?.name;
    this.title = name === undefined ? 'Classify' : `Classify: ${name}`;
  }

  protected snapshot(): ToClassify[] {
    const thumbnails = this.classifying.pictures
      .filter(({ thumbnail }) => thumbnail)
      .map(({ id }) => this.thumbnailOf(id));
    return [
      this.inputs(),
      ...thumbnails,
      this.answer(),
      this.comparison.message,
      { type: 'selectLayer', layer: this.selectedLayer },
      this.status(),
    ];
  }

  private inputs(): ToClassify {
    const { model, pictures, selected, note } = this.classifying;
    return {
      type: 'inputs',
      model: model ?? null,
      pictures: pictures.map(({ source: _, thumbnail: __, ...tile }): PictureTile => tile),
      selected: selected ?? null,
      ...(note === undefined ? {} : { note }),
    };
  }

  private thumbnailOf(id: string): ToClassify {
    return { type: 'thumbnail', id, thumbnail: this.classifying.picture(id)!.thumbnail! };
  }

  private answer(): ToClassify {
    const { answer } = this.classifying;
    if (!answer) return { type: 'noResult' };
    const { picture, imageName, result } = answer;
    return { type: 'result', picture, imageName, modelName: result.model, result };
  }

  private status(): ToClassify {
    const { status } = this.classifying;
    return status.kind === 'idle' ? { type: 'idle' } : { ...status, type: status.kind };
  }

  protected handle(message: Message): unknown {
    const { classifying } = this;
    requireTrust('Classifying');
    switch (message.type) {
      case 'ask':
        return this.looking.answer(message.question, message.session, message.about);
      case 'cancel':
        return this.looking.cancel(message.question);
      case 'layerSelected':
        this.selectedLayer = message.layer;
        return this.layerSelection.fire(message.layer);
      case 'compareWith':
        return this.compareWith(message.what);
      case 'stopComparing':
        return this.comparison.stop();
      case 'chooseModel':
        return this.chooseModel();
      case 'choosePictures':
        return this.addUris(this.actions.choosePictures(message.what), 'file');
      case 'addFiles':
        return classifying.addFiles(message.files, message.origin);
      case 'addUris':
        return this.addUris(Promise.resolve(message.uris.map((uri) => vscode.Uri.parse(uri))), 'dropped');
      case 'select':
        return classifying.select(message.id);
      case 'remove':
        return classifying.remove(message.id);
      case 'removeAll':
        return classifying.removeAll();
      case 'chooseEncoding':
        return classifying.chooseEncoding(message.choice);
      case 'chooseLabels':
        return this.chooseLabels();
      case 'forgetLabels':
        return classifying.chooseLabels(undefined);
      case 'score':
        return this.score(message.request, message.picture);
      case 'drawn':
        return classifying.draw(message.id, message.file);
      case 'keepPainted':
        return classifying.keepPainted(message.of, message.picture);
      case 'example':
        return classifying.addExample(message.how);
      case 'dismissNote':
        return classifying.dismissNote();
    }
  }

  private async chooseModel(): Promise<void> {
    const path = await this.actions.chooseModel(this.classifying.model);
    if (path !== undefined) await this.classifying.useModel(path);
  }

  /** The rest of what is compared stays as it is in the answer shown. */
  private async compareWith(what: 'picture' | 'model' | 'untrained'): Promise<void> {
    const { answer, model } = this.classifying;
    if (!answer) return;
    const { params, imageName } = answer;
    if (what === 'untrained') {
      await this.comparison.start({ ...params, untrained: true }, imageName, 'before its training');
    } else if (what === 'model') {
      const modelPath = await this.actions.chooseModel(model);
      if (modelPath === undefined) return;
      // How pixels become numbers and what classes are called is each model's own.
      const { encoding: _, labelsPath: __, ...rest } = params;
      await this.comparison.start({ ...rest, modelPath }, imageName, '');
    } else {
      const [uri] = await this.actions.choosePictures('files');
      if (!uri) return;
      const picture = { kind: 'file', path: uri.fsPath } as const;
      await this.comparison.start({ ...params, picture }, baseName(uri), '');
    }
  }

  private async chooseLabels(): Promise<void> {
    const path = await this.actions.chooseLabels();
    if (path !== undefined) await this.classifying.chooseLabels(path);
  }

  private async addUris(chosen: Promise<vscode.Uri[]>, origin: 'file' | 'dropped'): Promise<void> {
    const uris = await chosen;
    if (uris.length === 0) return;
    const { pictures, notes } = await findPictures(uris, origin);
    await this.classifying.add(pictures, notes);
  }

  private async score(
    request: number,
    picture: Extract<Message, { type: 'score' }>['picture'],
  ): Promise<void> {
    try {
      this.post({ type: 'scores', request, probabilities: await this.classifying.score(picture) });
    } catch (error) {
      this.post({ type: 'noScores', request, message: messageOf(error) });
    }
  }

  override dispose(): void {
    clearTimeout(this.tellingInputs);
    super.dispose();
  }
}
