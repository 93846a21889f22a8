/** What a child process or worker is doing. */
export type ProcessState = 'stopped' | 'starting' | 'running';

/** What `activate()` returns: enough for tests to see which processes exist, and nothing to drive them with. */
export interface LayerwiseApi {
  /** The language server. `stopped` until a document with TensorFlow.js in it is open. */
  serverState(): ProcessState;
  /** The compute process. `stopped` until something is trained or classified. */
  sidecarState(): ProcessState;
  sidecarPid(): number | undefined;
  /** A training is under way, as the window knows it. */
  isTraining(): boolean;
}
