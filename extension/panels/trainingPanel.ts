import * as vscode from 'vscode';
import type { ModelCommandArguments } from '../../protocol/languageServer';
import { type FromTraining, fromTraining, type ToTraining } from '../../protocol/webview';
import { changeLayerProperty } from '../changeSource';
import { messageOf } from '../errors';
import { modelsOf } from '../modelPick';
import { runName } from '../runs';
import type { ComputeServices } from '../services';
import { readRunFile, readStoredRun } from '../storedRun';
import type { TrainingRecord } from '../trainingRecord';
import { SetupForm } from '../trainingSetup';
import { Panel } from './panel';

type Message = Exclude<FromTraining, { type: 'ready' }>;

/** What the panel shows: the form before a start, the latest training, or a run on disk, perhaps with others over it. */
export type TrainingSubject =
  | { kind: 'setup'; source: Required<ModelCommandArguments> }
  | { kind: 'latest' }
  | { kind: 'run'; folder: string };

/** What the form's buttons do. */
export interface TrainingActions {
  start(form: SetupForm): unknown;
  chooseData(form: SetupForm): unknown;
}

interface Remembered {
  subject: TrainingSubject;
  /** Folders of the runs whose curves lie over its own. */
  compared: string[];
}

const memoryKey = 'layerwise.trainingPanel';
/** Of a cell of the confusion matrix. */
const mostExamples = 60;

export class TrainingPanel extends Panel<ToTraining, Message> {
  private subject: TrainingSubject;
  private form: SetupForm | undefined;
  /** The run on disk that is shown, and those compared with it, by their folders. */
  private readonly stored = new Map<string, TrainingRecord & { name: string }>();
  private compared: string[];

  constructor(
    private readonly context: ComputeServices,
    panel: vscode.WebviewPanel,
    private readonly actions: TrainingActions,
  ) {
    super(context, panel, 'training', fromTraining);
    const remembered = context.extension.workspaceState.get<Remembered>(memoryKey);
    this.subject = remembered?.subject ?? { kind: 'latest' };
    this.compared = remembered?.compared ?? [];
    const { training, runs, reporter } = context;
    this.register(
      training.onDidChange((change) => {
        if (!this.showsLatest) return;
        if (change.kind === 'event') this.post({ type: 'event', event: change.event });
        else this.refresh();
      }),
    );
    // A run that another process trains grows on disk.
    this.register(runs.onDidChange(reporter.background('Reading the runs again', () => this.readAgain())));
    this.load();
    reporter.background('Showing the training', () => this.restore())();
  }

  /** The form for a model. */
  showSetup(form: SetupForm): void {
    this.form?.dispose();
    this.form = this.register(form);
    this.register(form.onDidChange(() => this.form === form && this.refresh()));
    this.show({ kind: 'setup', source: form.source }, []);
    void form.describe().catch((error) => this.host.reporter.note('Describing the data', error));
  }

  /** The training under way, else the last one. */
  showLatest(): void {
    const { runFolder } = this.context.training.latest?.state ?? {};
    if (this.subject.kind !== 'latest') this.show({ kind: 'latest' }, []);
    else
      this.show(
        this.subject,
        this.compared.filter((folder) => folder !== runFolder),
      );
  }

  /** A run on disk; `others` are laid over it. */
  async showRun(folder: vscode.Uri, others: vscode.Uri[] = []): Promise<void> {
    const isLatest = this.context.training.latest?.state.runFolder === folder.fsPath;
    const compared = others.map(({ fsPath }) => fsPath);
    await this.read([...(isLatest ? [] : [folder.fsPath]), ...compared]);
    this.show(isLatest ? { kind: 'latest' } : { kind: 'run', folder: folder.fsPath }, compared);
  }

  /** The run that is shown; undefined while the form is. */
  get runFolder(): string | undefined {
    return this.record?.state.runFolder;
  }

  private get showsLatest(): boolean {
    return this.subject.kind === 'latest';
  }

  private get record(): TrainingRecord | undefined {
    if (this.subject.kind === 'run') return this.stored.get(this.subject.folder);
    return this.subject.kind === 'latest' ? this.context.training.latest : undefined;
  }

  private show(subject: TrainingSubject, compared: string[]): void {
    this.subject = subject;
    this.compared = compared;
    if (subject.kind !== 'setup') {
      this.form?.dispose();
      this.form = undefined;
    }
    void this.context.extension.workspaceState
      .update(memoryKey, { subject, compared } satisfies Remembered)
      .then(undefined, (error) => this.host.reporter.note('Remembering the training panel', error));
    this.refresh();
  }

  private refresh(): void {
    const name = this.form?.setup.modelName ?? this.record?.state.modelName;
    this.title = name ? `Training: ${name}` : 'Training';
    for (const message of this.snapshot()) this.post(message);
  }

  /** What the last window showed. */
  private async restore(): Promise<void> {
    const { subject, compared } = this;
    await this.read([...(subject.kind === 'run' ? [subject.folder] : []), ...compared]);
    // Called at once after the constructor, it may show something else by now.
    if (this.subject !== subject) return;
    if (subject.kind === 'setup' && !this.form && vscode.workspace.isTrusted) {
      const document = vscode.Uri.parse(subject.source.uri);
      const graphs = await modelsOf(this.context, document);
      const graph = graphs.find(({ id }) => id === subject.source.modelId) ?? graphs[0]!;
      const form = await SetupForm.of(this.context, document, graph);
      if (this.subject === subject) this.showSetup(form);
      else form.dispose();
    } else this.refresh();
  }

  /** Reads runs from disk; those that are gone are not shown any more. */
  private async read(folders: string[]): Promise<void> {
    await Promise.all(
      folders.map(async (folder) => {
        const uri = vscode.Uri.file(folder);
        try {
          const record = await readStoredRun(uri);
          this.stored.set(folder, { ...record, name: runName(await readRunFile(uri)) });
        } catch (error) {
          this.stored.delete(folder);
          this.host.reporter.note(`Reading the run ${folder}`, error);
        }
      }),
    );
  }

  private async readAgain(): Promise<void> {
    if (!this.isVisible) return;
    const shown = [...(this.subject.kind === 'run' ? [this.subject.folder] : []), ...this.compared];
    if (shown.length === 0) return;
    await this.read(shown);
    this.compared = this.compared.filter((folder) => this.stored.has(folder));
    this.refresh();
  }

  protected snapshot(): ToTraining[] {
    if (this.form) return [{ type: 'setup', setup: this.form.setup }];
    const { record } = this;
    if (!record) return [];
    const runs = this.compared.flatMap((id) => {
      const run = this.stored.get(id);
      return run ? [{ id, name: run.name, state: run.state, events: run.events }] : [];
    });
    return [
      { type: 'state', state: record.state, events: record.events },
      { type: 'compared', runs },
    ];
  }

  protected handle(message: Message): unknown {
    const { training } = this.context;
    const { executeCommand } = vscode.commands;
    const folder = this.runFolder === undefined ? undefined : vscode.Uri.file(this.runFolder);
    switch (message.type) {
      case 'start':
        return this.start(message.options, message.sizes);
      case 'optionsChanged':
        return this.form?.changeOptions(message.options);
      case 'sizesChanged':
        return this.form?.changeSizes(message.sizes);
      case 'runProgram':
        return this.form?.allowProgram(message.runs);
      case 'chooseData':
        return this.form && this.actions.chooseData(this.form);
      case 'fixSource':
        return this.form && changeLayerProperty(this.form.model, message, this.viewColumn);
      case 'cancel':
        return executeCommand('layerwise.cancelTraining');
      case 'pause':
      case 'continue':
        return training.pause(message.type === 'pause');
      case 'resume':
        return folder && executeCommand('layerwise.resumeRun', folder);
      case 'trainAgain':
        return executeCommand('layerwise.trainModel', this.record?.source);
      case 'revealRun':
        return folder && executeCommand('layerwise.revealRun', folder);
      case 'classifyWithRun':
        return folder && executeCommand('layerwise.classifyWithRun', folder);
      case 'showConfusion':
        return this.showConfusion(message);
      case 'openExample':
        return folder && executeCommand('layerwise.classifyExample', folder, message.example);
      case 'compareWith':
        return folder && executeCommand('layerwise.compareRuns', folder);
      case 'stopComparing':
        return this.show(
          this.subject,
          this.compared.filter((id) => id !== message.id),
        );
    }
  }

  private async start(options: SetupForm['options'], sizes?: Record<string, number>): Promise<void> {
    const { form } = this;
    if (!form) return;
    await form.changeOptions(options);
    if (sizes) await form.changeSizes(sizes);
    await this.actions.start(form);
  }

  private async showConfusion({ part, label, predicted }: Extract<Message, { type: 'showConfusion' }>) {
    const { runFolder } = this;
    if (runFolder === undefined) return;
    const answer = { type: 'confusionExamples' as const, part, label, predicted };
    try {
      const result = await this.context.compute.request('confusionExamples', {
        runFolder,
        part,
        label,
        predicted,
        limit: mostExamples,
      });
      this.post({ ...answer, result });
    } catch (error) {
      this.post({ ...answer, result: { failure: messageOf(error) } });
    }
  }
}
