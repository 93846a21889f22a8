import type * as vscode from 'vscode';
import type { z } from 'zod';
import type {
  DownloadModelResult,
  DownloadProgress,
  InferenceProgress,
  InitializeResult,
  InstallNativeBackendResult,
  InstallProgress,
  MemoryUsage,
  sidecarRequests,
  TrainingEvent,
} from '../../protocol/sidecar';
import type { ProcessState } from '../api';
import { UserFacingError } from '../errors';

type Requests = typeof sidecarRequests;
/** What the compute process can be asked for, beyond starting it. */
export type ComputeMethod = Exclude<
  keyof Requests,
  'initialize' | 'installNativeBackend' | 'downloadModel' | 'locateModel'
>;
export type ComputeParams<M extends ComputeMethod> = z.input<Requests[M]['params']>;
export type ComputeResult<M extends ComputeMethod> = z.output<Requests[M]['result']>;

/** The compute process as commands and panels see it: they ask, and it is there. */
export interface Compute {
  readonly state: ProcessState;
  readonly pid: number | undefined;
  /** Where it computes; undefined while it does not run. */
  readonly backend: InitializeResult | undefined;
  /** Counts starts: what an earlier process knew (sessions of classified images) is gone with it. */
  readonly generation: number;
  /** What computing holds of memory; undefined while the process does not run. */
  readonly memory: MemoryUsage | undefined;
  readonly onDidChangeState: vscode.Event<ProcessState>;
  /** Every other second while something computes. */
  readonly onDidChangeMemory: vscode.Event<MemoryUsage>;
  readonly onTrainingEvent: vscode.Event<TrainingEvent>;
  /** Of requests that were given a progress token. */
  readonly onInferenceProgress: vscode.Event<InferenceProgress>;
  /** Starts the process if it does not run, and chooses the backend. */
  start(): Promise<InitializeResult>;
  /** Starts the process if needed and asks it. Rejects with `ComputeProcessEnded` when it ends before it answers. */
  request<M extends ComputeMethod>(
    method: M,
    params: ComputeParams<M>,
    token?: vscode.CancellationToken,
  ): Promise<ComputeResult<M>>;
  /** Ends the process, and starts a new one. */
  restart(): Promise<InitializeResult>;
  /** Where published models are kept once they are fetched. */
  readonly modelsFolder: vscode.Uri;
  /** Fetches a published model into the extension's storage, unless it is there. */
  downloadModel(
    id: string,
    report: (progress: DownloadProgress) => void,
    token: vscode.CancellationToken,
  ): Promise<DownloadModelResult>;
  /** What the latest installation has written. */
  readonly nativeBackendLog: vscode.Uri;
  /** Puts tfjs-node into the extension's storage, in a process of its own. The running one goes on as it is. */
  installNativeBackend(
    report: (progress: InstallProgress) => void,
    token: vscode.CancellationToken,
  ): Promise<InstallNativeBackendResult>;
}

/** The process ended, by itself or by someone's hand, with a request under way. The next request starts a new one. */
export class ComputeProcessEnded extends UserFacingError {
  /** `how` is a sentence. */
  constructor(how: string) {
    super(how);
  }
}
