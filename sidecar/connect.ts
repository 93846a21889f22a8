/**
 * The client's end of the sidecar: starts the process, speaks its protocol, notices its end. For the extension and the
 * terminal alike: Node only, no vscode, no tfjs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  type CancellationToken,
  createMessageConnection,
  type Disposable,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import {
  type DownloadProgress,
  downloadProgress,
  downloadProgressMethod,
  type InferenceProgress,
  type InstallProgress,
  inferenceProgress,
  inferenceProgressMethod,
  installProgress,
  installProgressMethod,
  type MemoryUsage,
  memoryUsage,
  memoryUsageMethod,
  shutdownMethod,
  sidecarRequests,
  type TrainingEvent,
  trainingEvent,
  trainingEventMethod,
} from '../protocol/sidecar';
import { messageOf } from './errors';
import { WholeMessageReader, WholeMessageWriter } from './messages';

export type SidecarMethod = keyof typeof sidecarRequests;
export type SidecarParams<M extends SidecarMethod> = z.input<(typeof sidecarRequests)[M]['params']>;
export type SidecarResult<M extends SidecarMethod> = z.output<(typeof sidecarRequests)[M]['result']>;

export interface SidecarLaunch {
  /** A Node.js ≥ 20; `process.execPath` with ELECTRON_RUN_AS_NODE=1 in `env` serves too. */
  command: string;
  /** Node's own options, if any, then the path of dist/sidecar.js. `wasm/` lies beside it, `media/` beside its folder. */
  args: string[];
  /** Complete environment; absent: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Relative paths in requests start here; absent: this process's. */
  cwd?: string;
  /** Each line that the sidecar and its libraries write to stderr. */
  onLog?: (line: string) => void;
}

export interface SidecarExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines on stderr. */
  stderrTail: string;
  /** True when `dispose` asked for it. */
  expected: boolean;
}

/** A request that was answered with an error; the message is the sidecar's, made for people. */
export class SidecarRequestError extends Error {
  override readonly name = 'SidecarRequestError';
}

/** The process ended, or never started, while a request was open or before it was made. */
export class SidecarExitError extends Error {
  override readonly name = 'SidecarExitError';

  constructor(readonly exit: SidecarExit) {
    super(describeExit(exit));
  }
}

const stderrTailCharacters = 4000;
const gracefulExitMilliseconds = 1500;

export class SidecarConnection implements Disposable {
  private readonly child: ChildProcess;
  private readonly connection: MessageConnection | undefined;
  private readonly inferenceListeners = new Set<(progress: InferenceProgress) => void>();
  private readonly trainingListeners = new Set<(event: TrainingEvent) => void>();
  private readonly memoryListeners = new Set<(usage: MemoryUsage) => void>();
  private readonly installListeners = new Set<(progress: InstallProgress) => void>();
  private readonly downloadListeners = new Set<(progress: DownloadProgress) => void>();
  private readonly exitListeners = new Set<(exit: SidecarExit) => void>();
  /** Resolves when the process is gone, with how it ended: `it was ended by SIGKILL`. Never rejects. */
  readonly exited: Promise<string>;
  private readonly ended: Promise<SidecarExit>;
  private exit: SidecarExit | undefined;
  private stderrTail = '';
  private disposing = false;

  /** Starts the process. A Node that cannot be started shows as an exit with the reason in `stderrTail`. */
  constructor(launch: SidecarLaunch) {
    this.child = spawn(launch.command, launch.args, {
      env: launch.env ?? process.env,
      cwd: launch.cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const log = launch.onLog ?? (() => {});
    let unfinishedLine = '';
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-stderrTailCharacters);
      const lines = (unfinishedLine + text).split(/\r?\n/);
      unfinishedLine = lines.pop() ?? '';
      for (const line of lines) log(line);
    });
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => {
        this.stderrTail += error.message;
        if (this.child.pid === undefined) resolve(this.noticeExit(null, null));
      });
      // `close` comes after the last of stdout and stderr was read, `exit` may come before.
      this.child.on('close', (code, signal) => resolve(this.noticeExit(code, signal)));
    });
    this.exited = this.ended.then(howItEnded);
    // Writing to a process that has just died; its end is reported by `close`.
    this.child.stdin?.on('error', () => {});
    const { stdin, stdout } = this.child;
    if (stdout && stdin) {
      this.connection = createMessageConnection(
        new WholeMessageReader(stdout),
        new WholeMessageWriter((...message) => stdin.write(...message)),
      );
      this.connection.onError(([error]) => log(error.message));
      const pass = <T>(method: string, schema: z.ZodType<T>, listeners: Set<(value: T) => void>) =>
        this.connection?.onNotification(method, (params: unknown) => {
          const parsed = schema.safeParse(params);
          if (!parsed.success)
            return log(`The sidecar's notification \`${method}\` is not understood: ${parsed.error.message}`);
          for (const listener of listeners) listener(parsed.data);
        });
      pass(trainingEventMethod, trainingEvent, this.trainingListeners);
      pass(memoryUsageMethod, memoryUsage, this.memoryListeners);
      pass(installProgressMethod, installProgress, this.installListeners);
      pass(downloadProgressMethod, downloadProgress, this.downloadListeners);
      pass(inferenceProgressMethod, inferenceProgress, this.inferenceListeners);
      this.connection.listen();
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get hasExited(): boolean {
    return this.exit !== undefined;
  }

  /**
   * @param token Cancels; `train` then still resolves, with `cancelled: true`, once there is a run.
   * @throws SidecarRequestError with the sidecar's reason; SidecarExitError when the process ends first.
   */
  async request<M extends SidecarMethod>(
    method: M,
    params: SidecarParams<M>,
    token?: CancellationToken,
  ): Promise<SidecarResult<M>> {
    if (this.exit || !this.connection) throw new SidecarExitError(this.exit ?? (await this.ended));
    const schemas = sidecarRequests[method];
    const valid = schemas.params.parse(params);
    const answered = token
      ? this.connection.sendRequest(method, valid, token)
      : this.connection.sendRequest(method, valid);
    let value: unknown;
    try {
      // The process's end disposes the connection, which rejects what was not answered.
      value = await answered;
    } catch (error) {
      // A broken pipe is the process's end, noticed from the other side.
      if (this.exit || this.child.exitCode !== null || this.child.signalCode !== null)
        throw new SidecarExitError(await this.ended);
      throw new SidecarRequestError(messageOf(error));
    }
    const result = schemas.result.safeParse(value);
    if (!result.success)
      throw new SidecarRequestError(
        `The sidecar's answer to \`${method}\` is not understood: ${result.error.message}`,
      );
    return result.data as SidecarResult<M>;
  }

  onTrainingEvent(listener: (event: TrainingEvent) => void): Disposable {
    this.trainingListeners.add(listener);
    return { dispose: () => this.trainingListeners.delete(listener) };
  }

  /** What computing holds of memory: every other second while a request is under way. */
  onMemoryUsage(listener: (usage: MemoryUsage) => void): Disposable {
    this.memoryListeners.add(listener);
    return { dispose: () => this.memoryListeners.delete(listener) };
  }

  onInstallProgress(listener: (progress: InstallProgress) => void): Disposable {
    this.installListeners.add(listener);
    return { dispose: () => this.installListeners.delete(listener) };
  }

  onDownloadProgress(listener: (progress: DownloadProgress) => void): Disposable {
    this.downloadListeners.add(listener);
    return { dispose: () => this.downloadListeners.delete(listener) };
  }

  onInferenceProgress(listener: (progress: InferenceProgress) => void): Disposable {
    this.inferenceListeners.add(listener);
    return { dispose: () => this.inferenceListeners.delete(listener) };
  }

  /** Called once, at once if the process has ended already. */
  onExit(listener: (exit: SidecarExit) => void): Disposable {
    if (this.exit) listener(this.exit);
    else this.exitListeners.add(listener);
    return { dispose: () => this.exitListeners.delete(listener) };
  }

  /** Ends the process: asked first, killed if it does not answer in time. */
  dispose(): void {
    if (this.disposing || this.exit) return;
    this.disposing = true;
    const asked = this.connection?.sendNotification(shutdownMethod) ?? Promise.resolve();
    void asked.catch(() => {}).then(() => this.child.stdin?.end());
    const kill = setTimeout(() => this.child.kill('SIGKILL'), gracefulExitMilliseconds);
    void this.ended.then(() => clearTimeout(kill));
  }

  /** Like `dispose`, and waits until the process is gone. */
  async shutdown(): Promise<SidecarExit> {
    this.dispose();
    return this.ended;
  }

  private noticeExit(code: number | null, signal: NodeJS.Signals | null): SidecarExit {
    this.exit ??= { code, signal, stderrTail: this.stderrTail, expected: this.disposing };
    this.connection?.dispose();
    for (const listener of this.exitListeners) listener(this.exit);
    this.exitListeners.clear();
    return this.exit;
  }
}

export function connectSidecar(launch: SidecarLaunch): SidecarConnection {
  return new SidecarConnection(launch);
}

/** One sentence for people. */
export function describeExit(exit: SidecarExit): string {
  return exit.expected
    ? 'The compute process was stopped.'
    : `The compute process has ended: ${howItEnded(exit)}.`;
}

function howItEnded({ code, signal, stderrTail, expected }: SidecarExit): string {
  if (expected) return 'it was stopped';
  const how = signal
    ? `it was ended by ${signal}`
    : code === null
      ? 'it did not start'
      : `it exited with code ${code}`;
  const lastLine = stderrTail.trim().split('\n').pop()?.trim().replace(/\.$/, '');
  return lastLine ? `${how} (${lastLine})` : how;
}
