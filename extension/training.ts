import * as vscode from 'vscode';
import type { ModelCommandArguments } from '../protocol/languageServer';
import type { WireModelGraph } from '../protocol/modelGraph';
import type { DataSource, TrainingEvent, TrainingOptions } from '../protocol/sidecar';
import type { TrainingState } from '../protocol/webview';
import { Disposable } from './disposable';
import { type ErrorReporter, isCancellation, messageOf } from './errors';
import { type Compute, ComputeProcessEnded } from './sidecar/compute';
import { thinEvents } from './thinEvents';

/** What is trained, on what, and where the result goes. */
export interface TrainingRequest {
  /** Where the model comes from, to train it again. */
  source: ModelCommandArguments;
  model: WireModelGraph;
  data: DataSource;
  options: TrainingOptions;
  runsFolder: vscode.Uri;
}

/** The latest training as far as it can be told: kept in the workspace's memory, so it outlives the window. */
export interface TrainingRecord {
  source: ModelCommandArguments;
  state: TrainingState;
  events: TrainingEvent[];
}

export type TrainingChange = { kind: 'state' } | { kind: 'event'; event: TrainingEvent };

const recordKey = 'layerwise.training';
/** Kept while the window lives; the curve has no more pixels than that. */
const eventsInMemory = 2000;
const eventsOnDisk = 200;
/** How much of a training may be forgotten when the window is closed under it, in milliseconds. */
const rememberInterval = 3000;

export function isFinal(phase: TrainingState['phase']): boolean {
  return phase !== 'starting' && phase !== 'running' && phase !== 'cancelling';
}

/** What an event says, added to what was known. */
export function withEvent(state: TrainingState, event: TrainingEvent): TrainingState {
  switch (event.kind) {
    case 'started':
      return {
        ...state,
        phase: state.phase === 'starting' ? 'running' : state.phase,
        dataDescription: event.dataDescription,
        backend: event.backend,
        runFolder: event.runFolder,
      };
    case 'epoch':
      return { ...state, epochs: [...state.epochs, event.metrics] };
    default:
      return state;
  }
}

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

  /** Trains to the end. Never rejects: how it went is in the state. */
  async run(request: TrainingRequest): Promise<TrainingState> {
    const run = crypto.randomUUID();
    const cancellation = new vscode.CancellationTokenSource();
    this.running = { run, cancellation };
    this.startedAt = Date.now();
    this.record = {
      source: request.source,
      events: [],
      state: {
        phase: 'starting',
        modelName: request.model.name,
        dataDescription: describe(request.data),
        options: request.options,
        elapsedSeconds: 0,
        epochs: [],
      },
    };
    await vscode.commands.executeCommand('setContext', 'layerwise.training', true);
    this.changes.fire({ kind: 'state' });
    this.remember();
    try {
      const { runsFolder, model, data, options } = request;
      const result = await this.compute.request(
        'train',
        { run, model, data, options, runsFolder: runsFolder.fsPath },
        cancellation.token,
      );
      this.finish({
        phase: result.cancelled ? 'cancelled' : 'finished',
        runFolder: result.runFolder,
        epochs: result.epochs,
        ...(result.test ? { test: result.test } : {}),
      });
    } catch (error) {
      if (isCancellation(error) || cancellation.token.isCancellationRequested) {
        this.finish({ phase: 'cancelled' });
      } else if (error instanceof ComputeProcessEnded) {
        this.finish({ phase: 'interrupted', message: interrupted(error.message, this.record.state) });
      } else {
        this.finish({ phase: 'failed', message: messageOf(error) });
      }
      this.reporter.note('Training', error);
    } finally {
      cancellation.dispose();
      this.running = undefined;
      await vscode.commands.executeCommand('setContext', 'layerwise.training', false);
    }
    return this.record.state;
  }

  /** Asks the compute process to stop after the present step; what was learned until then is kept. */
  cancel(): void {
    if (!this.running || !this.record || this.record.state.phase === 'cancelling') return;
    this.update({ phase: 'cancelling' });
    this.running.cancellation.cancel();
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
    this.record = { ...this.record, state: next, events: thinEvents([...events, event], eventsInMemory) };
    this.changes.fire({ kind: 'event', event });
    if (next.phase !== state.phase) this.changes.fire({ kind: 'state' });
    if (event.kind !== 'batch' || Date.now() - this.rememberedAt > rememberInterval) this.remember();
  }

  private elapsed(): number {
    return (Date.now() - this.startedAt) / 1000;
  }

  private remember(): void {
    const { latest } = this;
    if (!latest) return;
    this.rememberedAt = Date.now();
    void this.memory
      .update(recordKey, { ...latest, events: thinEvents(latest.events, eventsOnDisk) })
      .then(undefined, (error) => this.reporter.note('Remembering the training', error));
  }

  /** A training that was under way when the window closed has lost its process: the compute process goes with VS Code. */
  private remembered(): TrainingRecord | undefined {
    const record = this.memory.get<TrainingRecord>(recordKey);
    if (!record || isFinal(record.state.phase)) return record;
    return {
      ...record,
      state: {
        ...record.state,
        phase: 'interrupted',
        message: interrupted('The window was closed or reloaded.', record.state),
      },
    };
  }
}

function interrupted(how: string, { epochs, runFolder }: TrainingState): string {
  const kept =
    epochs.length > 0 && runFolder
      ? `What was learned in ${epochs.length === 1 ? 'the first epoch' : `${epochs.length} epochs`} is kept in the run's folder.`
      : 'Nothing was learned until then.';
  return `Training was interrupted. ${how} ${kept} Train again to start over.`;
}

function describe(data: DataSource): string {
  return data.kind === 'idx' ? data.folder : 'The digits that come with Layerwise';
}
