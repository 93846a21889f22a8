import * as vscode from 'vscode';
import type { z } from 'zod';
import type { InitializeResult, sidecarRequests, TrainingEvent } from '../../protocol/sidecar';
import { connectSidecar, type SidecarConnection } from '../../sidecar/connect';
import type { ProcessState } from '../api';
import { Disposable } from '../disposable';
import { type ErrorReporter, UserFacingError } from '../errors';
import { backendSetting, nodePathSetting, openSetting } from '../settings';
import {
  type Compute,
  type ComputeMethod,
  type ComputeParams,
  ComputeProcessEnded,
  type ComputeResult,
} from './compute';
import { findNodeRuntime, type NodeRuntime, UnusableNode } from './nodeRuntime';

type SidecarRequests = typeof sidecarRequests;

interface Running {
  connection: SidecarConnection;
  backend: InitializeResult;
}

/** The compute process: started by the first request, started anew by the first request after it ended. */
export class Sidecar extends Disposable implements Compute {
  state: ProcessState = 'stopped';
  generation = 0;
  private connection: SidecarConnection | undefined;
  private running: Promise<Running> | undefined;
  private known: InitializeResult | undefined;
  /** Why the process is about to end, when that is our own doing. */
  private endReason: string | undefined;
  private readonly stateChanges = this.register(new vscode.EventEmitter<ProcessState>());
  readonly onDidChangeState = this.stateChanges.event;
  private readonly trainingEvents = this.register(new vscode.EventEmitter<TrainingEvent>());
  readonly onTrainingEvent = this.trainingEvents.event;

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly reporter: ErrorReporter,
  ) {
    super();
  }

  get pid(): number | undefined {
    return this.connection?.pid;
  }

  get backend(): InitializeResult | undefined {
    return this.state === 'running' ? this.known : undefined;
  }

  async start(): Promise<InitializeResult> {
    return (await this.ensure()).backend;
  }

  async request<M extends ComputeMethod>(
    method: M,
    params: ComputeParams<M>,
    token?: vscode.CancellationToken,
  ): Promise<ComputeResult<M>> {
    const { connection } = await this.ensure();
    return await this.ask(connection, method, params, token);
  }

  async restart(): Promise<InitializeResult> {
    await this.end('it was restarted');
    return await this.start();
  }

  /** Ends the process. */
  async end(reason: string): Promise<void> {
    const { connection } = this;
    if (!connection) return;
    this.endReason = reason;
    await connection.shutdown();
  }

  private ensure(): Promise<Running> {
    this.running ??= this.launch().catch(async (error) => {
      this.running = undefined;
      await this.connection?.shutdown();
      this.become('stopped');
      throw error;
    });
    return this.running;
  }

  private async launch(): Promise<Running> {
    this.become('starting');
    this.endReason = undefined;
    const runtime = await this.runtime();
    const script = vscode.Uri.joinPath(this.extension.extensionUri, 'dist', 'sidecar.js').fsPath;
    await vscode.workspace.fs.createDirectory(this.extension.globalStorageUri);
    this.log.info(`Starting the compute process: ${runtime.description}.`);
    const connection = connectSidecar({
      command: runtime.command,
      args: [script],
      env: runtime.env,
      cwd: this.extension.globalStorageUri.fsPath,
      onLog: (line: string) => this.log.info(`[compute] ${line}`),
    });
    this.connection = connection;
    this.generation++;
    connection.onTrainingEvent((event) => this.trainingEvents.fire(event));
    void connection.exited.then((how) => this.ended(connection, how));
    const backend = await this.ask(connection, 'initialize', {
      backend: backendSetting(),
      searchFolders: this.searchFolders(),
    });
    this.known = backend;
    this.log.info(`The compute process ${connection.pid} computes with ${backend.description}.`);
    for (const { backend: name, taken, reason } of backend.tried) {
      this.log.info(`  ${name}: ${taken ? 'taken' : 'not taken'}, ${reason}`);
    }
    this.become('running');
    return { connection, backend };
  }

  private async runtime(): Promise<NodeRuntime> {
    try {
      return await findNodeRuntime(nodePathSetting());
    } catch (error) {
      if (!(error instanceof UnusableNode)) throw error;
      throw new UserFacingError(error.message, [
        { title: 'Open Settings', run: () => openSetting('sidecar.nodePath') },
      ]);
    }
  }

  /** Where an installed @tensorflow/tfjs-node may be. Its code runs in the compute process, hence only with trust. */
  private searchFolders(): string[] {
    const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
    return [...folders.map(({ uri }) => uri), this.extension.globalStorageUri]
      .filter(({ scheme }) => scheme === 'file')
      .map(({ fsPath }) => fsPath);
  }

  /** Asks one process. When that process ends first, the request fails with how it ended, not with a broken pipe. */
  private async ask<M extends keyof SidecarRequests>(
    connection: SidecarConnection,
    method: M,
    params: z.input<SidecarRequests[M]['params']>,
    token?: vscode.CancellationToken,
  ): Promise<z.output<SidecarRequests[M]['result']>> {
    try {
      return await connection.request(method, params, token);
    } catch (error) {
      const how = await Promise.race([connection.exited, soon()]);
      if (how === undefined) throw error;
      throw new ComputeProcessEnded(this.endReason ?? how);
    }
  }

  private ended(connection: SidecarConnection, how: string): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    this.running = undefined;
    this.known = undefined;
    if (this.endReason) this.log.info(`The compute process ended: ${this.endReason}.`);
    else this.log.error(`The compute process ended unexpectedly: ${how}.`);
    this.become('stopped');
  }

  private become(state: ProcessState): void {
    if (this.state === state) return;
    this.state = state;
    this.stateChanges.fire(state);
  }

  override dispose(): void {
    void this.end('VS Code ended it').catch((error) =>
      this.reporter.note('Ending the compute process', error),
    );
    super.dispose();
  }
}

/** Resolves with nothing after a moment: long enough for the end of a process to be told after its pipe broke. */
function soon(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 500, undefined));
}
