/**
 * Pictures, the model that classifies them, and what came out: what the classify panel shows, without the panel. The
 * selected picture is looked into; of the others only the scores are known.
 */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { describeOpeningMemory } from '../../model-graph/trainingMemory';
import type { EncodingChoice, PictureSource } from '../../protocol/sidecar';
import type { ClassifyModel, PictureOrigin } from '../../protocol/webview';
import { Disposable } from '../disposable';
import { type ErrorReporter, isCancellation, messageOf } from '../errors';
import { PictureSession } from '../panels/pictureSession';
import { encodePng } from '../png';
import { type Compute, ComputeProcessEnded } from '../sidecar/compute';
import { formatCount } from '../text';
import type { Answer, ClassifyRecord, ClassifyStore, ComparedRecord } from './classifyStore';
import { exampleAsPicture } from './examples';
import type { ModelChoice, ModelChoices } from './modelChoices';
import { describeModel, type ExampleData } from './network';
import { maximumPictures, type NewPicture, type ScoredPicture } from './pictures';

/** All classes are shown; no model has more. */
const top = 1_000_000;
const thumbnailSide = 64;
const reloaded = 'The window was reloaded before the picture was classified. Choose it again.';

export type Status =
  | { kind: 'idle' }
  | { kind: 'working'; message: string }
  | { kind: 'failed'; message: string };

/** What changed: the model, the pictures or their scores; the status; the answer; one picture's thumbnail. */
export type ClassifyingChange = 'inputs' | 'status' | 'answer' | { thumbnail: string };

export interface ClassifyingHost {
  compute: Compute;
  store: ClassifyStore;
  choices: ModelChoices;
  reporter: ErrorReporter;
}

export class Classifying extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<ClassifyingChange>());
  readonly onDidChange = this.changed.event;

  model: ClassifyModel | undefined;
  pictures: ScoredPicture[] = [];
  selected: string | undefined;
  /** The last picture that could be classified. */
  answer: Answer | undefined;
  /** For questions about the answer's insides. */
  session: PictureSession | undefined;
  status: Status = { kind: 'idle' };
  /** About what was added last. */
  note: string | undefined;

  /** What the answer is compared with: kept here to be there again after a reload. */
  private compared: ComparedRecord | undefined;
  private examples: ExampleData | undefined;
  /** Where the next example comes from: the one after the last. */
  private lastExample: number | undefined;
  /** The request under way; an older one's answer is not shown. */
  private latest = 0;
  /** Counts what makes all scores different: another model, preprocessing, labels. */
  private settings = 0;
  private isScoring = false;
  /** Pictures that were scored with these settings, whatever came of it. */
  private scored = new Set<string>();

  constructor(
    private readonly host: ClassifyingHost,
    record?: ClassifyRecord,
  ) {
    super();
    if (!record) return;
    this.model = record.model;
    this.pictures = record.pictures;
    this.selected = record.selected;
    this.answer = record.answer;
    this.compared = record.compared;
    this.session = record.answer && new PictureSession(host.compute, record.answer.params);
    const { selected, answer, failure } = record;
    // Nothing is started just because a window opens, so what was under way then is over.
    const interrupted = selected !== undefined && answer?.picture !== selected ? reloaded : undefined;
    const message = failure ?? interrupted;
    if (message !== undefined) this.status = { kind: 'failed', message };
  }

  picture(id: string | undefined): ScoredPicture | undefined {
    return this.pictures.find((each) => each.id === id);
  }

  // --- the model -------------------------------------------------------------------------------------------------

  /**
   * Classifies with another model from now on, first the pictures that come with it. A model that cannot be had is told,
   * and the one before stays.
   */
  async useModel(
    modelPath: string,
    pictures: readonly NewPicture[] = [],
    notes: readonly string[] = [],
  ): Promise<void> {
    const first = this.include(pictures, notes);
    if (first !== undefined) this.selected = first;
    this.changed.fire('inputs');
    const request = ++this.latest;
    this.setStatus({ kind: 'working', message: `${this.starting()}Opening the model…` });
    try {
      const memory = await this.memoryToOpen(modelPath);
      if (request !== this.latest || this.isDisposed) return;
      if (memory)
        this.setStatus({ kind: 'working', message: `Opening the model… It takes of memory ${memory}.` });
      const described = await describeModel(this.host.compute, modelPath, this.host.choices.of(modelPath));
      if (request !== this.latest || this.isDisposed) return;
      if (this.model?.path !== modelPath) this.lastExample = undefined;
      this.model = described.model;
      this.examples = described.examples;
      await this.classifyAnew();
    } catch (error) {
      this.fail(request, error);
    }
  }

  /** Told before anything is loaded. What is wrong with the model is told when it is opened. */
  private async memoryToOpen(modelPath: string): Promise<string | undefined> {
    try {
      return describeOpeningMemory(await this.host.compute.request('modelMemory', { modelPath }));
    } catch (error) {
      if (error instanceof ComputeProcessEnded || isCancellation(error)) throw error;
      return undefined;
    }
  }

  async chooseEncoding(choice: EncodingChoice | null): Promise<void> {
    await this.changeChoice(({ labelsPath }) => ({
      ...(choice ? { encoding: choice } : {}),
      ...(labelsPath === undefined ? {} : { labelsPath }),
    }));
  }

  /** Undefined: the model's own. A file that does not go with the model is told, and nothing is changed. */
  async chooseLabels(labelsPath: string | undefined): Promise<void> {
    const shown = this.picture(this.answer?.picture);
    if (labelsPath !== undefined && shown) {
      const request = ++this.latest;
      try {
        const parameters = this.parameters(shown.source);
        await this.host.compute.request('scorePicture', { ...parameters, labelsPath, top: 1 });
      } catch (error) {
        this.fail(request, error);
        return;
      }
    }
    await this.changeChoice(({ encoding }) => ({
      ...(encoding ? { encoding } : {}),
      ...(labelsPath === undefined ? {} : { labelsPath }),
    }));
  }

  private async changeChoice(change: (before: ModelChoice) => ModelChoice): Promise<void> {
    if (!this.model) return;
    const { choice: _, labelsPath: __, ...model } = this.model;
    const choice = change(this.host.choices.of(model.path));
    await this.host.choices.set(model.path, choice);
    this.model = {
      ...model,
      ...(choice.encoding ? { choice: choice.encoding } : {}),
      ...(choice.labelsPath === undefined ? {} : { labelsPath: choice.labelsPath }),
    };
    await this.classifyAnew();
  }

  private async classifyAnew(): Promise<void> {
    this.settings++;
    this.scored = new Set();
    this.pictures = this.pictures.map(({ best: _, failure: __, ...picture }) => picture);
    this.changed.fire('inputs');
    await this.classifySelected();
  }

  // --- the pictures ----------------------------------------------------------------------------------------------

  /** Adds pictures and looks into the first. */
  async add(found: readonly NewPicture[], notes: readonly string[] = []): Promise<void> {
    const first = this.include(found, notes);
    this.changed.fire('inputs');
    if (first !== undefined) await this.select(first);
    else this.save();
  }

  /** Adds pictures, those that are there already excepted. @returns the first one's id. */
  private include(found: readonly NewPicture[], notes: readonly string[]): string | undefined {
    const told = [...notes];
    const ids: string[] = [];
    const added: ScoredPicture[] = [];
    for (const picture of found) {
      let known = [...this.pictures, ...added].find((each) => isSame(each, picture));
      if (!known) added.push((known = { ...picture, id: randomUUID() }));
      ids.push(known.id);
    }
    const room = maximumPictures - this.pictures.length;
    if (added.length > room) {
      told.push(
        `At most ${maximumPictures} pictures are shown at a time: ${formatCount(added.length - room)} were left out.`,
      );
    }
    this.pictures = [...this.pictures, ...added.slice(0, room)];
    this.note = told.join(' ') || undefined;
    return ids.find((id) => this.picture(id));
  }

  /** Picture files without a place of their own: pasted, or dropped from outside. */
  async addFiles(files: readonly { name: string; data: string }[], origin: PictureOrigin): Promise<void> {
    const detail = origin === 'pasted' ? 'pasted' : 'dropped';
    const pictures: NewPicture[] = [];
    for (const { name, data } of files)
      pictures.push({ name, origin, detail, source: await this.host.store.keepPicture(data) });
    await this.add(pictures);
  }

  /** What is drawn under `id`, as far as it has got. */
  async draw(id: string, { name, data }: { name: string; data: string }): Promise<void> {
    const source = await this.host.store.keepPicture(data, id);
    this.scored.delete(id);
    const drawn: ScoredPicture = { id, name, origin: 'drawn', detail: 'drawn', source };
    const isKnown = this.picture(id) !== undefined;
    this.pictures = isKnown
      ? this.pictures.map((each) => (each.id === id ? drawn : each))
      : [...this.pictures, drawn].slice(-maximumPictures);
    this.changed.fire('inputs');
    await this.select(id);
  }

  /** A painted copy of a picture becomes a picture of its own. */
  async keepPainted(of: string, source: PictureSource): Promise<void> {
    const original = this.picture(of);
    const name = original ? `${original.name}, painted over` : 'Painted over';
    await this.add([
      {
        name,
        origin: 'painted',
        detail: 'painted over as the network sees it',
        source,
        ...(original?.truth === undefined ? {} : { truth: original.truth }),
      },
    ]);
  }

  /** An example of the data that the model was trained on. */
  async addExample(how: 'next' | 'random'): Promise<void> {
    if (!this.model) return;
    const request = ++this.latest;
    this.setStatus({ kind: 'working', message: 'Reading an example…' });
    try {
      // Not kept across a reload, since it follows from the model.
      this.examples ??= (await describeModel(this.host.compute, this.model.path, {})).examples;
      if (!this.examples) return;
      const { data, validationSplit } = this.examples;
      const { example, count, title, noun } = await this.host.compute.request('dataExample', {
        data,
        validationSplit,
        ...(how === 'random' ? {} : { index: this.lastExample === undefined ? 0 : this.lastExample + 1 }),
      });
      if (request !== this.latest || this.isDisposed) return;
      this.lastExample = example.index;
      const of = `${formatCount(count)} ${noun}, ${title}`;
      await this.add([exampleAsPicture(example, data, validationSplit, of)]);
    } catch (error) {
      this.fail(request, error);
    }
  }

  async select(id: string): Promise<void> {
    if (!this.picture(id)) return;
    this.selected = id;
    this.changed.fire('inputs');
    await this.classifySelected();
  }

  async remove(id: string): Promise<void> {
    const place = this.pictures.findIndex((each) => each.id === id);
    if (place < 0) return;
    this.pictures = this.pictures.filter((each) => each.id !== id);
    if (this.answer?.picture === id) this.answer = undefined;
    if (this.selected === id) this.selected = (this.pictures[place] ?? this.pictures[place - 1])?.id;
    this.note = undefined;
    this.changed.fire('inputs');
    this.changed.fire('answer');
    if (this.answer?.picture !== this.selected) await this.classifySelected();
    else this.setStatus({ kind: 'idle' });
  }

  removeAll(): void {
    this.pictures = [];
    this.selected = undefined;
    this.answer = undefined;
    this.note = undefined;
    this.latest++;
    this.changed.fire('inputs');
    this.changed.fire('answer');
    this.setStatus({ kind: 'idle' });
  }

  dismissNote(): void {
    this.note = undefined;
    this.changed.fire('inputs');
  }

  rememberComparison(compared: ComparedRecord | undefined): void {
    this.compared = compared;
    this.save();
  }

  // --- computing -------------------------------------------------------------------------------------------------

  /** Looks into the selected picture, then scores those that have no scores yet. */
  async classifySelected(): Promise<void> {
    const request = ++this.latest;
    const { model } = this;
    const chosen = this.picture(this.selected);
    if (!model || !chosen) {
      this.setStatus({ kind: 'idle' });
      return;
    }
    this.setStatus({ kind: 'working', message: `${this.starting()}Classifying ${chosen.name}…` });
    const session = new PictureSession(this.host.compute, { ...this.parameters(chosen.source), top });
    try {
      const result = await session.classify();
      if (request !== this.latest || this.isDisposed) return;
      this.answer = { picture: chosen.id, imageName: chosen.name, params: session.params, result };
      this.session = session;
      this.update(chosen.id, { best: result.classes[0] });
      this.changed.fire('answer');
      this.setStatus({ kind: 'idle' });
    } catch (error) {
      if (request === this.latest && !isCancellation(error) && !this.isDisposed) {
        this.update(chosen.id, { failure: this.explain(error, chosen.source) });
      }
      this.fail(request, error, chosen.source);
    }
    this.host.reporter.background('Scoring the other pictures', () => this.scoreOthers())();
  }

  /** The scores of a picture that is being drawn or painted. */
  async score(source: PictureSource): Promise<ArrayBuffer> {
    const { probabilities } = await this.host.compute.request('scorePicture', {
      ...this.parameters(source),
      top: 1,
    });
    return toArrayBuffer(probabilities);
  }

  private parameters(picture: PictureSource) {
    if (!this.model) throw new Error('No model is chosen.');
    const { path: modelPath, choice, labelsPath, ownEncoding } = this.model;
    return {
      picture: fitting(picture, ownEncoding),
      modelPath,
      ...(choice ? { encoding: choice } : {}),
      ...(labelsPath === undefined ? {} : { labelsPath }),
    };
  }

  /** One after the other, so that what people ask for meanwhile does not wait long. */
  private async scoreOthers(): Promise<void> {
    if (this.isScoring) return;
    this.isScoring = true;
    try {
      for (let next = this.unscored(); next; next = this.unscored()) {
        const { settings } = this;
        const { id, source } = next;
        try {
          const { classes, thumbnail } = await this.host.compute.request('scorePicture', {
            ...this.parameters(source),
            top: 1,
            ...(next.thumbnail ? {} : { thumbnail: thumbnailSide }),
          });
          if (thumbnail) {
            this.update(id, { thumbnail });
            this.changed.fire({ thumbnail: id });
          }
          // Scores of another model or preprocessing are not these any more; the picture itself is the same.
          if (settings === this.settings && classes[0]) this.update(id, { best: classes[0] });
        } catch (error) {
          if (error instanceof ComputeProcessEnded || isCancellation(error)) throw error;
          if (settings === this.settings) this.update(id, { failure: this.explain(error, source) });
        }
        if (settings === this.settings) this.scored.add(id);
        if (this.isDisposed) return;
      }
    } finally {
      this.isScoring = false;
    }
  }

  private unscored(): ScoredPicture | undefined {
    if (!this.model) return undefined;
    return this.pictures.find(
      ({ id, best, failure, thumbnail }) =>
        !this.scored.has(id) && failure === undefined && !(best && thumbnail),
    );
  }

  private update(id: string, facts: Partial<Pick<ScoredPicture, 'best' | 'failure' | 'thumbnail'>>): void {
    this.pictures = this.pictures.map((each) => (each.id === id ? { ...each, ...facts } : each));
    this.changed.fire('inputs');
    this.save();
  }

  private fail(request: number, error: unknown, source?: PictureSource): void {
    if (request !== this.latest || this.isDisposed) return;
    if (isCancellation(error)) this.setStatus({ kind: 'idle' });
    else this.setStatus({ kind: 'failed', message: this.explain(error, source) });
  }

  /** Pictures that are kept in the storage are known by their name, not by where they lie. */
  private explain(error: unknown, source?: PictureSource): string {
    const message = messageOf(error);
    const known = this.pictures.find((each) => each.source === source);
    if (source?.kind !== 'file' || !known || known.origin === 'file') return message;
    return message.replaceAll(source.path, known.name);
  }

  private starting(): string {
    return this.host.compute.state === 'running' ? '' : 'Starting the compute process. ';
  }

  private setStatus(status: Status): void {
    this.status = status;
    this.changed.fire('status');
    this.save();
  }

  private save(): void {
    if (this.isDisposed) return;
    const { model, pictures, selected, answer, status, compared } = this;
    void this.host.store
      .save({
        version: 1,
        ...(model ? { model } : {}),
        pictures,
        ...(selected === undefined ? {} : { selected }),
        ...(answer ? { answer } : {}),
        ...(status.kind === 'failed' ? { failure: status.message } : {}),
        ...(compared ? { compared } : {}),
      })
      .catch((error) => this.host.reporter.note('Remembering the classified pictures', error));
  }
}

/** A picture from the same place. */
function isSame(known: NewPicture, added: NewPicture): boolean {
  const [a, b] = [known.source, added.source];
  return a.kind === b.kind && JSON.stringify(a) === JSON.stringify(b);
}

/** Pixels go with one size of input only; for a model of another, they are a picture like any other. */
function fitting(
  picture: PictureSource,
  { width, height, channels }: ClassifyModel['ownEncoding'],
): PictureSource {
  if (picture.kind !== 'pixels') return picture;
  if (picture.width === width && picture.height === height && picture.channels === channels) return picture;
  const png = encodePng({ ...picture, pixels: picture.data });
  return { kind: 'bytes', name: picture.name, data: Buffer.from(png).toString('base64') };
}

function toArrayBuffer(base64: string): ArrayBuffer {
  const bytes = Buffer.from(base64, 'base64');
  // A buffer of its own: Node's comes from a pool and may lie at any offset.
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
