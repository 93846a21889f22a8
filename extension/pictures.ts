import * as vscode from 'vscode';
import { asSeen, matchLayers } from '../model-graph/matchLayers';
import type { WireModelGraph } from '../protocol/modelGraph';
import { choosePicture } from './classify/chooseFiles';
import { chooseModel } from './classify/chooseModel';
import { Disposable } from './disposable';
import { isCancellation, messageOf, UserFacingError } from './errors';
import { isModelFile } from './modelFiles';
import { PictureSession } from './panels/pictureSession';
import type { ClassifiedPicture, RememberedPicture, SeenPicture } from './seenPicture';
import type { ComputeServices } from './services';
import { baseName } from './text';
import { requireTrust } from './trust';

/** How many classes are told. */
const top = 5;
/** A workspace may hold hundreds of runs; the newest ones are the likely ones. */
const mostRunsLookedAt = 20;

/** Pictures for diagrams: chosen there, or classified elsewhere by the model that is drawn. */
export class Pictures extends Disposable {
  private readonly seen = this.register(new vscode.EventEmitter<SeenPicture>());
  /** A picture was classified elsewhere. */
  readonly onDidSee = this.seen.event;

  constructor(private readonly context: ComputeServices) {
    super();
  }

  /** Tells diagrams of a picture that another panel has classified. */
  async offer(picture: ClassifiedPicture): Promise<SeenPicture> {
    const seen = { ...picture, ran: await this.graphOf(picture.session.params.modelPath) };
    this.seen.fire(seen);
    return seen;
  }

  /**
   * Asks for a picture and classifies it with the drawn model: the file itself, the newest run with the same layers, or
   * whatever people choose where there is none. Undefined when they choose nothing.
   */
  async choose(
    document: vscode.Uri,
    graph: WireModelGraph,
    working: (message: string) => void,
  ): Promise<SeenPicture | undefined> {
    requireTrust('Classifying');
    const image = await choosePicture(this.context.extension.globalState);
    if (!image) return undefined;
    const imageName = baseName(image);
    const modelPath = isModelFile(document)
      ? document.fsPath
      : ((await this.trained(graph)) ?? (await chooseModel(this.context, imageName)));
    if (!modelPath) return undefined;
    const params = { picture: { kind: 'file' as const, path: image.fsPath }, modelPath, top };
    return this.classify({ imageName, params }, working);
  }

  /** A picture that was shown before the window was reloaded, as its file and its model are now. */
  async again(
    picture: RememberedPicture,
    working: (message: string) => void,
  ): Promise<SeenPicture | undefined> {
    // Without trust nothing is computed; nobody has asked for it either.
    if (!vscode.workspace.isTrusted) return undefined;
    const { imageName } = picture;
    try {
      return await this.classify(picture, working);
    } catch (error) {
      if (isCancellation(error)) throw error;
      throw new UserFacingError(
        `${imageName} filled this drawing before the window was reloaded, and cannot be classified again. ${messageOf(error)} “Picture…” fills the drawing anew.`,
      );
    }
  }

  private async classify(
    { imageName, params }: RememberedPicture,
    working: (message: string) => void,
  ): Promise<SeenPicture> {
    const { compute } = this.context;
    working(
      `${compute.state === 'running' ? '' : 'Starting the compute process. '}Classifying ${imageName}…`,
    );
    const session = new PictureSession(compute, params);
    const [result, ran] = await Promise.all([session.classify(), this.graphOf(params.modelPath)]);
    return { imageName, session, result, ran };
  }

  /** The newest trained model with the very layers of this one. */
  private async trained(graph: WireModelGraph): Promise<string | undefined> {
    const models = await this.context.runs.list();
    // The bundled one comes last, whatever number of runs there is.
    const likely = [...models.slice(0, mostRunsLookedAt), ...models.slice(mostRunsLookedAt).slice(-1)];
    for (const { folder } of likely) {
      const ran = await this.graphOf(folder.fsPath);
      if (ran && matchLayers(graph, ran, asSeen(ran)).difference === undefined) return folder.fsPath;
    }
    return undefined;
  }

  /** What a run's folder or a model's file holds; undefined where it cannot be read. */
  private async graphOf(modelPath: string): Promise<WireModelGraph | undefined> {
    const path = vscode.Uri.file(modelPath);
    const file = isModelFile(path) ? path : vscode.Uri.joinPath(path, 'checkpoint', 'model.json');
    try {
      return (await this.context.models.get(file)).graphs[0];
    } catch {
      return undefined;
    }
  }
}
