/**
 * The channel between the sidecar and whoever started it (extension or terminal): JSON-RPC on the child's stdin and
 * stdout. Each request names its parameters and its result as schemas; both sides validate on arrival. A request that
 * fails does so with a `SidecarError`'s message: what happened, where, and what to do next.
 */
import {
  initializeParams,
  initializeResult,
  installNativeBackendParams,
  installNativeBackendResult,
} from './backends';
import { describeDataParams, describeDataResult } from './data';
import { activationParams, activationResult, classification, classifyParams } from './inference';
import {
  confusionExamplesParams,
  confusionExamplesResult,
  pauseParams,
  pauseResult,
  resumeParams,
  trainParams,
  trainResult,
} from './training';

export * from './backends';
export * from './data';
export * from './inference';
export * from './inputEncoding';
export * from './runs';
export * from './training';
export * from './userModule';

/**
 * Every request: client → sidecar. `train` and `resume` honour JSON-RPC cancellation and then resolve with
 * `cancelled: true`.
 */
export const sidecarRequests = {
  initialize: { params: initializeParams, result: initializeResult },
  /** Honours JSON-RPC cancellation and then resolves with `cancelled: true`, with nothing left behind. */
  installNativeBackend: { params: installNativeBackendParams, result: installNativeBackendResult },
  describeData: { params: describeDataParams, result: describeDataResult },
  train: { params: trainParams, result: trainResult },
  resume: { params: resumeParams, result: trainResult },
  pauseTraining: { params: pauseParams, result: pauseResult },
  continueTraining: { params: pauseParams, result: pauseResult },
  confusionExamples: { params: confusionExamplesParams, result: confusionExamplesResult },
  classify: { params: classifyParams, result: classification },
  activation: { params: activationParams, result: activationResult },
} as const;

/** Notification, sidecar → client, while a `train` request is under way. */
export const trainingEventMethod = 'trainingEvent';
/** Notification, client → sidecar: end now. The sidecar also ends when its stdin closes. */
export const shutdownMethod = 'shutdown';
