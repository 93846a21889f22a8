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
import { dataExampleParams, dataExampleResult, describeDataParams, describeDataResult } from './data';
import { exportModelParams, exportModelResult } from './export';
import {
  activationParams,
  activationResult,
  attributionParams,
  attributionResult,
  classification,
  classifyParams,
  classScoresParams,
  classScoresResult,
  describeNetworkParams,
  describeNetworkResult,
  exciteParams,
  exciteResult,
  explainCellParams,
  explainCellResult,
  filtersParams,
  filtersResult,
  modelMemoryParams,
  modelMemoryResult,
  scorePictureParams,
  scorePictureResult,
} from './inference';
import {
  downloadModelParams,
  downloadModelResult,
  locateModelParams,
  locateModelResult,
} from './publishedModels';
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
export * from './export';
export * from './inference';
export * from './inputEncoding';
export * from './publishedModels';
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
  /** Honours JSON-RPC cancellation: it then fails, with nothing written. */
  exportModel: { params: exportModelParams, result: exportModelResult },
  locateModel: { params: locateModelParams, result: locateModelResult },
  /** Honours JSON-RPC cancellation and then resolves with `cancelled: true`, with nothing left behind. */
  downloadModel: { params: downloadModelParams, result: downloadModelResult },
  describeData: { params: describeDataParams, result: describeDataResult },
  dataExample: { params: dataExampleParams, result: dataExampleResult },
  train: { params: trainParams, result: trainResult },
  resume: { params: resumeParams, result: trainResult },
  pauseTraining: { params: pauseParams, result: pauseResult },
  continueTraining: { params: pauseParams, result: pauseResult },
  confusionExamples: { params: confusionExamplesParams, result: confusionExamplesResult },
  classify: { params: classifyParams, result: classification },
  classScores: { params: classScoresParams, result: classScoresResult },
  scorePicture: { params: scorePictureParams, result: scorePictureResult },
  activation: { params: activationParams, result: activationResult },
  modelMemory: { params: modelMemoryParams, result: modelMemoryResult },
  describeNetwork: { params: describeNetworkParams, result: describeNetworkResult },
  /** Honours JSON-RPC cancellation, as `excite` does; both tell their progress. */
  attribution: { params: attributionParams, result: attributionResult },
  filters: { params: filtersParams, result: filtersResult },
  excite: { params: exciteParams, result: exciteResult },
  explainCell: { params: explainCellParams, result: explainCellResult },
} as const;

/** Notification, sidecar → client, while a `train` request is under way. */
export const trainingEventMethod = 'trainingEvent';
/** Notification, sidecar → client, while a request with a `progress` token is under way. */
export const inferenceProgressMethod = 'inferenceProgress';
/** Notification, client → sidecar: end now. The sidecar also ends when its stdin closes. */
export const shutdownMethod = 'shutdown';
