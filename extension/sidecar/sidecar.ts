import * as vscode from 'vscode';
import type {
  DownloadModelResult,
  DownloadProgress,
  InferenceProgress,
  InitializeResult,
  InstallNativeBackendResult,
  InstallProgress,
  MemoryUsage,
  TrainingEvent,
} from '../../protocol/sidecar';
import {
  connectSidecar,
  describeExit,
  type SidecarConnection,
  type SidecarExit,
  SidecarExitError,
  type SidecarMethod,
  type SidecarParams,
  SidecarRequestError,
  type SidecarResult,
} from '../../sidecar/connect';
import type { ProcessState } from '../api';
import { Disposable } from '../disposable';
import { type ErrorReporter, UserFacingError } from '../errors';
import { backendSetting, nodePathSetting, openSetting, pinBackend, proxySetting } from '../settings';
import {
  type Compute,
  type ComputeMethod,
  type ComputeParams,
  ComputeProcessEnded,
  type ComputeResult,
} from './compute';
import { findNodeRuntime, type NodeRuntime, UnusableNode } from './nodeRuntime';

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
  /** Requests under way. */
  private pending = 0;
  private known: InitializeResult | undefined;
  /** Why the process is about to end, when that is our own doing. */
  private endReason: string | undefined;
  private readonly stateChanges = this.register(new vscode.EventEmitter<ProcessState>());
  readonly onDidChangeState = this.stateChanges.event;
  private readonly trainingEvents = this.register(new vscode.EventEmitter<TrainingEvent>());
  readonly onTrainingEvent = this.trainingEvents.event;
  private readonly inferenceProgress = this.register(new vscode.EventEmitter<InferenceProgress>());
  readonly onInferenceProgress = this.inferenceProgress.event;
  private lastMemory: MemoryUsage | undefined;
  private readonly memoryChanges = this.register(new vscode.EventEmitter<MemoryUsage>());
  readonly onDidChangeMemory = this.memoryChanges.event;
  /** Processes that install, beside the one that computes. */
  private readonly installing = new Set<SidecarConnection>();

  constructor(
    private readonly extension: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly reporter: ErrorReporter,
  ) {
    super();
    const apply = reporter.background('Applying the settings', () => this.applySettings());
    this.register(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('layerwise.sidecar')) apply();
      }),
    );
  }

  get pid(): number | undefined {
    return this.connection?.pid;
  }

  get backend(): InitializeResult | undefined {
    return this.state === 'running' ? this.known : undefined;
  }

  get memory(): MemoryUsage | undefined {
    return this.state === 'running' ? this.lastMemory : undefined;
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
    this.pending++;
    try {
      return await this.ask(connection, method, params, token);
    } finally {
      this.pending--;
    }
  }

  async restart(): Promise<InitializeResult> {
    await this.end('The compute process was restarted.');
    return await this.start();
  }

  async installNativeBackend(
    report: (progress: InstallProgress) => void,
    token: vscode.CancellationToken,
  ): Promise<InstallNativeBackendResult> {
    const connection = await this.connect();
    this.installing.add(connection);
    connection.onInstallProgress(report);
    const folder = this.nativeBackendFolder().fsPath;
    try {
      return await this.ask(connection, 'installNativeBackend', { folder, device: 'auto' }, token);
    } finally {
      await connection.shutdown();
      this.installing.delete(connection);
    }
  }

  get modelsFolder(): vscode.Uri {
    return vscode.Uri.joinPath(this.extension.globalStorageUri, 'models');
  }

  async downloadModel(
    id: string,
    report: (progress: DownloadProgress) => void,
    token: vscode.CancellationToken,
  ): Promise<DownloadModelResult> {
    const { connection } = await this.ensure();
    const listening = connection.onDownloadProgress((progress) => {
      if (progress.id === id) report(progress);
    });
    const proxy = proxySetting();
    this.pending++;
    try {
      const folder = this.modelsFolder.fsPath;
      return await this.ask(connection, 'downloadModel', { id, folder, ...(proxy ? { proxy } : {}) }, token);
    } finally {
      this.pending--;
      listening.dispose();
    }
  }

  /** Ends the process. */
  async end(reason: string): Promise<void> {
    const { connection } = this;
    if (!connection) return;
    this.endReason = reason;
    await connection.shutdown();
  }

  /** Settings are read when the process starts: one that idles is ended, so that the next request sees them. */
  private async applySettings(): Promise<void> {
    if (!this.connection) return;
    if (this.pending === 0) return await this.end('The settings of the compute process were changed.');
    this.reporter.show(
      'information',
      'The changed setting holds from the next start of the compute process on.',
      [
        {
          title: 'Restart Compute Process',
          run: () => vscode.commands.executeCommand('layerwise.restartSidecar'),
        },
      ],
    );
  }

  private ensure(): Promise<Running> {
    if (this.running) return this.running;
    const launching = this.launch();
    this.running = launching;
    const forget = async () => {
      // By now another start may be under way.
      if (this.running !== launching && this.running !== undefined) return;
      this.running = undefined;
      await this.connection?.shutdown();
      if (!this.running) this.become('stopped');
    };
    launching.catch(this.reporter.background('Starting the compute process', forget));
    return launching;
  }

  private async launch(): Promise<Running> {
    this.become('starting');
    this.endReason = undefined;
    const connection = await this.connect();
    this.connection = connection;
    this.generation++;
    connection.onTrainingEvent((event) => this.trainingEvents.fire(event));
    connection.onInferenceProgress((progress) => this.inferenceProgress.fire(progress));
    connection.onMemoryUsage((usage) => this.noticeMemory(usage));
    connection.onExit((exit) => this.ended(connection, exit));
    const backend = await this.chooseBackend(connection);
    this.known = backend;
    this.log.info(`The compute process ${connection.pid} computes with ${backend.description}.`);
    for (const { backend: name, taken, reason } of backend.tried) {
      this.log.info(`  ${name}: ${taken ? 'taken' : 'not taken'}, ${reason}`);
    }
    this.lastMemory = backend.memory;
    this.become('running');
    this.warn(backend);
    return { connection, backend };
  }

  /** Starts a process. */
  private async connect(): Promise<SidecarConnection> {
    const runtime = await this.runtime();
    const script = vscode.Uri.joinPath(this.extension.extensionUri, 'dist', 'sidecar.js').fsPath;
    await vscode.workspace.fs.createDirectory(this.extension.globalStorageUri);
    this.log.info(`Starting the compute process: ${runtime.description}.`);
    return connectSidecar({
      command: runtime.command,
      args: [script],
      env: runtime.env,
      cwd: this.extension.globalStorageUri.fsPath,
      onLog: (line) => this.log.info(`[compute] ${line}`),
    });
  }

  private async chooseBackend(connection: SidecarConnection): Promise<InitializeResult> {
    const backend = backendSetting();
    try {
      return await this.ask(connection, 'initialize', { backend, searchFolders: this.searchFolders() });
    } catch (error) {
      if (!(error instanceof UserFacingError) || backend === 'auto') throw error;
      const automatic = { title: 'Choose Automatically', run: () => pinBackend('auto') };
      throw new UserFacingError(error.message, [automatic, ...error.actions]);
    }
  }

  private warn({ warning }: InitializeResult): void {
    if (!warning) return;
    this.reporter.show('warning', warning, [
      {
        title: 'Show Compute Backends',
        run: () => vscode.commands.executeCommand('layerwise.showBackend'),
      },
    ]);
  }

  private noticeMemory(usage: MemoryUsage): void {
    this.lastMemory = usage;
    this.memoryChanges.fire(usage);
  }

  get nativeBackendLog(): vscode.Uri {
    const folder = this.nativeBackendFolder();
    return folder.with({ path: `${folder.path}.log` });
  }

  /** Where "Install Native Backend" puts tfjs-node. */
  private nativeBackendFolder(): vscode.Uri {
    return vscode.Uri.joinPath(this.extension.globalStorageUri, 'native-backend');
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
    return [...folders.map(({ uri }) => uri), this.nativeBackendFolder()]
      .filter(({ scheme }) => scheme === 'file')
      .map(({ fsPath }) => fsPath);
  }

  /** Asks one process. When that ends first, the request fails with how it ended. */
  private async ask<M extends SidecarMethod>(
    connection: SidecarConnection,
    method: M,
    params: SidecarParams<M>,
    token?: vscode.CancellationToken,
  ): Promise<SidecarResult<M>> {
    try {
      return await connection.request(method, params, token);
    } catch (error) {
      if (error instanceof SidecarExitError) throw new ComputeProcessEnded(this.describeEnd(error.exit));
      // Its messages are made for people: shown as they are.
      if (error instanceof SidecarRequestError) {
        throw new UserFacingError(error.message, [this.reporter.showLog]);
      }
      throw error;
    }
  }

  private describeEnd(exit: SidecarExit): string {
    return this.endReason ?? describeExit(exit);
  }

  private ended(connection: SidecarConnection, exit: SidecarExit): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    this.running = undefined;
    this.known = undefined;
    if (exit.expected) this.log.info(this.describeEnd(exit));
    else this.log.error(this.describeEnd(exit));
    this.become('stopped');
  }

  private become(state: ProcessState): void {
    if (this.state === state) return;
    this.state = state;
    this.stateChanges.fire(state);
  }

  override dispose(): void {
    for (const connection of this.installing) connection.dispose();
    void this.end('The compute process ends with VS Code.').catch((error) =>
      this.reporter.note('Ending the compute process', error),
    );
    super.dispose();
  }
}
