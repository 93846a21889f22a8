import * as vscode from 'vscode';
import type { ModelCommandArguments } from '../protocol/languageServer';
import type { WireModelGraph } from '../protocol/modelGraph';
import type { DataSource, TrainingEvent, TrainingOptions, UserModule } from '../protocol/sidecar';
import type { TrainingState } from '../protocol/webview';
import { dataName } from './dataName';
import { Disposable } from './disposable';
import { type ErrorReporter, isCancellation, messageOf } from './errors';
import { type Compute, ComputeProcessEnded, type ComputeResult } from './sidecar/compute';
import { interruptedMessage, isResumable, readStoredRun } from './storedRun';
import { isFinal, keepEvents, type TrainingRecord, withEvent } from './trainingRecord';

/** What is trained, on what, and where the result goes. */
export interface TrainingRequest {
  /** Where the model comes from, to train it again. */
  source: ModelCommandArguments;
  model: WireModelGraph;
  userModule?: UserModule;
  data: DataSource;
  options: TrainingOptions;
  runsFolder: vscode.Uri;
}

export type TrainingChange = { kind: 'state' } | { kind: 'event'; event: TrainingEvent };

const recordKey = 'layerwise.training';
/** Kept while the window lives; the curve has no more pixels than that. */
const eventsInMemory = 2000;
/** How much of a training may be forgotten when the window is closed under it, in milliseconds. */
const rememberInterval = 3000;

/** Trains one model at a time in the compute process, and knows how the latest one went. */
export class Training extends Disposable {
  private record: TrainingRecord | undefined;
  private startedAt = 0;
  private rememberedAt = 0;
  private running: { run: string; cancellation: vscode.CancellationTokenSource } | undefined;
  private readonly changes = this.register(new vscode.EventEmitter<TrainingChange>());
  /** The latest training's state changed, or an event was added to it. */
  readonly onDidChange = this.changes.event;

  constructor(
    private readonly compute: Compute,
    private readonly memory: vscode.Memento,
    private readonly reporter: ErrorReporter,
  ) {
    super();
    this.record = this.remembered();
    this.register(compute.onTrainingEvent((event) => this.receive(event)));
    reporter.background('Reading the last training', () => this.readRemembered())();
  }

  /** The latest training: its state with the time it has taken until now, and its events. */
  get latest(): TrainingRecord | undefined {
    if (!this.record || !this.running) return this.record;
    const { state } = this.record;
    return { ...this.record, state: { ...state, elapsedSeconds: this.elapsed() } };
  }

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** The folder of the run under way, as soon as it has one. */
  get runningFolder(): string | undefined {
    return this.running && this.record?.state.runFolder;
  }

  /** Trains to the end. Never rejects: how it went is in the state. */
  run(request: TrainingRequest): Promise<TrainingState> {
    const { source, runsFolder, model, userModule, data, options } = request;
    const state: TrainingState = {
      phase: 'starting',
      modelName: model.name,
      startedAt: new Date().toISOString(),
      dataDescription: dataName(data),
      options,
      elapsedSeconds: 0,
      epochs: [],
    };
    return this.follow({ source, events: [], state }, (run, token) =>
      this.compute.request(
        'train',
        {
          run,
          model,
          data,
          options,
          runsFolder: runsFolder.fsPath,
          ...(userModule ? { userModule } : {}),
        },
        token,
      ),
    );
  }

  /** Goes on with a run from its last checkpoint; `epochs`: up to that many, if more than it was begun with. */
  async resume(folder: vscode.Uri, epochs?: number): Promise<TrainingState> {
    const { state, events } = await readStoredRun(folder);
    const { message: _, ...known } = state;
    const begun: TrainingState = {
      ...known,
      phase: 'starting',
      options: { ...state.options, epochs: Math.max(state.options.epochs, epochs ?? 0) },
    };
    const source = this.record?.state.runFolder === folder.fsPath ? this.record.source : undefined;
    return this.follow({ ...(source ? { source } : {}), state: begun, events }, (run, token) =>
      this.compute.request(
        'resume',
        { run, runFolder: folder.fsPath, ...(epochs === undefined ? {} : { epochs }) },
        token,
      ),
    );
  }

  private async follow(
    record: TrainingRecord,
    ask: (run: string, token: vscode.CancellationToken) => Promise<ComputeResult<'train'>>,
  ): Promise<TrainingState> {
    const run = crypto.randomUUID();
    const cancellation = new vscode.CancellationTokenSource();
    this.running = { run, cancellation };
    this.startedAt = Date.now() - record.state.elapsedSeconds * 1000;
    this.record = record;
    await vscode.commands.executeCommand('setContext', 'layerwise.training', true);
    this.changes.fire({ kind: 'state' });
    this.remember();
    try {
      const result = await ask(run, cancellation.token);
      this.finish({
        phase: result.cancelled ? 'cancelled' : 'finished',
        runFolder: result.runFolder,
        epochs: result.epochs,
        resumable: await isResumable(vscode.Uri.file(result.runFolder)),
        ...(result.restoredEpoch === undefined ? {} : { restoredEpoch: result.restoredEpoch }),
        ...(result.test ? { test: result.test } : {}),
      });
    } catch (error) {
      if (isCancellation(error) || cancellation.token.isCancellationRequested) {
        this.finish({ phase: 'cancelled' });
      } else if (error instanceof ComputeProcessEnded) {
        const { epochs, resumable = false } = this.record.state;
        this.finish({
          phase: 'interrupted',
          message: interruptedMessage(error.message, epochs.length, resumable),
        });
      } else {
        this.finish({ phase: 'failed', message: messageOf(error) });
      }
      this.reporter.note('Training', error);
    } finally {
      cancellation.dispose();
      this.running = undefined;
      await vscode.commands.executeCommand('setContext', 'layerwise.training', false);
      // Only now is it told that another one may be started.
      this.changes.fire({ kind: 'state' });
    }
    return this.record.state;
  }

  /** Asks the compute process to stop after the present step; what was learned until then is kept. */
  cancel(): void {
    if (!this.running || !this.record || this.record.state.phase === 'cancelling') return;
    this.update({ phase: 'cancelling' });
    this.running.cancellation.cancel();
  }

  /** Pauses after the present step, or goes on. The event that follows changes the phase. */
  async pause(paused: boolean): Promise<void> {
    if (!this.running) return;
    const { run } = this.running;
    await this.compute.request(paused ? 'pauseTraining' : 'continueTraining', { run });
  }

  /** The latest run may be the one that got a name of its own, or lost it. */
  renamed(folder: vscode.Uri, name: string | undefined): void {
    if (this.record?.state.runFolder !== folder.fsPath) return;
    const { runName: _, ...state } = this.record.state;
    this.record = { ...this.record, state: { ...state, ...(name === undefined ? {} : { runName: name }) } };
    this.changes.fire({ kind: 'state' });
    this.remember();
  }

  private finish(change: Partial<TrainingState>): void {
    this.update({ ...change, elapsedSeconds: this.elapsed() });
    this.remember();
  }

  private update(change: Partial<TrainingState>): void {
    if (!this.record) return;
    this.record = { ...this.record, state: { ...this.record.state, ...change } };
    this.changes.fire({ kind: 'state' });
  }

  private receive(event: TrainingEvent): void {
    if (!this.record || event.run !== this.running?.run) return;
    const { state, events } = this.record;
    const next = withEvent(state, event);
    this.record = { ...this.record, state: next, events: keepEvents([...events, event], eventsInMemory) };
    this.changes.fire({ kind: 'event', event });
    if (next.phase !== state.phase) this.changes.fire({ kind: 'state' });
    if (event.kind !== 'batch' || Date.now() - this.rememberedAt > rememberInterval) this.remember();
  }

  private elapsed(): number {
    return (Date.now() - this.startedAt) / 1000;
  }

  /** The events are on disk in the run's folder; only what says which run it was is kept here. */
  private remember(): void {
    const { latest } = this;
    if (!latest) return;
    this.rememberedAt = Date.now();
    void this.memory
      .update(recordKey, { ...latest, events: [] })
      .then(undefined, (error) => this.reporter.note('Remembering the training', error));
  }

  /** A training that was under way when the window closed has lost its process: the compute process goes with VS Code. */
  private remembered(): TrainingRecord | undefined {
    const record = this.memory.get<TrainingRecord>(recordKey);
    if (!record || isFinal(record.state.phase)) return record;
    const { epochs, resumable = false } = record.state;
    return {
      ...record,
      state: {
        ...record.state,
        phase: 'interrupted',
        message: interruptedMessage('The window was closed or reloaded.', epochs.length, resumable),
      },
    };
  }

  /** The curves of the last training, from its folder. */
  private async readRemembered(): Promise<void> {
    const { record } = this;
    const folder = record?.state.runFolder;
    if (!record || folder === undefined) return;
    const stored = await readStoredRun(vscode.Uri.file(folder));
    if (this.record !== record) return;
    // Its process may still be ending.
    const phase = stored.state.phase === 'running' ? 'interrupted' : stored.state.phase;
    const message = stored.state.message ?? record.state.message;
    this.record = {
      ...record,
      state: {
        ...stored.state,
        phase,
        // On disk are the seconds of whole epochs.
        elapsedSeconds: Math.max(record.state.elapsedSeconds, stored.state.elapsedSeconds),
        ...(message === undefined ? {} : { message }),
      },
      events: stored.events,
    };
    this.changes.fire({ kind: 'state' });
  }
}
