/**
 * The sidecar: the process that computes. Speaks JSON-RPC on stdin and stdout (protocol/sidecar/) with whoever
 * started it, and ends with it.
 */
// First, and by its effect alone so that no sorting moves it: nothing that loads after it can write into the channel.
import './stdio';

import * as tf from '@tensorflow/tfjs';
import { type CancellationToken, createMessageConnection, ResponseError } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import {
  downloadProgressMethod,
  type InitializeResult,
  inferenceProgressMethod,
  installProgressMethod,
  memoryUsageMethod,
  shutdownMethod,
  sidecarRequests,
  type TrainResult,
  trainingEventMethod,
} from '../protocol/sidecar';
import { installNativeBackend } from './backends/install/installNativeBackend';
import { chooseBackend } from './backends/ladder';
import { MemoryReporter } from './backends/memory';
import { answerProbe } from './backends/probe';
import { describeTrap, isTrap } from './backends/wasmMemory';
import { dataExample } from './datasets/dataExample';
import { messageOf, SidecarError } from './errors';
import { exportModel } from './export/exportModel';
import { inferenceRequests } from './inference/requests';
import { endWithParent, leaveInterruptsToParent, reportUncaughtErrors } from './lifetime';
import { WholeMessageReader, WholeMessageWriter } from './messages';
import { downloadModel, locateModel } from './models/downloadModel';
import { writeToStdout } from './stdio';
import { confusionExamples } from './training/confusionExamples';
import { describeData } from './training/describeData';
import { resume, type TrainingContext, train } from './training/train';
import { TrainingControl } from './training/trainingControl';
import { isOfProgram } from './userModule/guards';

type Method = keyof typeof sidecarRequests;
type Params<M extends Method> = z.infer<(typeof sidecarRequests)[M]['params']>;
type Result<M extends Method> = z.infer<(typeof sidecarRequests)[M]['result']>;
type Handlers = { [M in Method]: (params: Params<M>, token: CancellationToken) => Promise<Result<M>> };

/** JSON-RPC error codes: the sidecar's own, and what it was asked could not be done for a reason told in the message. */
const requestFailed = -32803;
const invalidParams = -32602;
const internalError = -32603;

let backend: Promise<InitializeResult> | undefined;
let requestedBackend = '';
let training: TrainingControl | undefined;

function initialize(params: Params<'initialize'>): Promise<InitializeResult> {
  const requested = JSON.stringify(params);
  if (backend && requested !== requestedBackend) {
    throw new SidecarError('The compute backend is chosen already.', {
      next: 'Restart the compute process to change it.',
    });
  }
  requestedBackend = requested;
  backend ??= chooseBackend(params);
  backend.catch(() => {
    backend = undefined;
  });
  return backend;
}

function currentBackend(): Promise<InitializeResult> {
  return backend ?? initialize({ backend: 'auto', searchFolders: [] });
}

function underWay(run: string): TrainingControl {
  if (training?.run === run) return training;
  throw new SidecarError(`The run \`${run}\` is not under way.`);
}

function serve(): void {
  const connection = createMessageConnection(
    new WholeMessageReader(process.stdin),
    new WholeMessageWriter(writeToStdout),
    console,
  );
  /** One run at a time: two would take each other's time and memory. */
  const inTurn = async (
    run: string,
    token: CancellationToken,
    work: (context: TrainingContext) => Promise<TrainResult>,
  ): Promise<TrainResult> => {
    if (training) {
      throw new SidecarError(`The run \`${training.run}\` is still under way.`, {
        next: 'Wait for it, or cancel it.',
      });
    }
    const control = new TrainingControl(run, () => token.isCancellationRequested, signalOf(token));
    training = control;
    const cancelling = token.onCancellationRequested(() => control.goOn());
    try {
      return await work({
        backend: await currentBackend(),
        control,
        emit: (event) => void connection.sendNotification(trainingEventMethod, event).catch(() => {}),
      });
    } finally {
      cancelling.dispose();
      training = undefined;
    }
  };
  const handlers: Handlers = {
    initialize: async (params) => initialize(params),
    installNativeBackend: async (params, token) =>
      installNativeBackend(
        params,
        signalOf(token),
        (progress) => void connection.sendNotification(installProgressMethod, progress).catch(() => {}),
      ),
    exportModel: async (params, token) => exportModel(params, await currentBackend(), signalOf(token)),
    locateModel: async (params) => locateModel(params),
    downloadModel: async (params, token) =>
      downloadModel(
        params,
        signalOf(token),
        (progress) => void connection.sendNotification(downloadProgressMethod, progress).catch(() => {}),
      ),
    // Looking at data alone chooses no backend.
    describeData: async (params, token) => describeData(params, (await backend)?.backend, signalOf(token)),
    dataExample: async (params) => dataExample(params),
    train: (params, token) => inTurn(params.run, token, (context) => train(params, context)),
    resume: (params, token) => inTurn(params.run, token, (context) => resume(params, context)),
    pauseTraining: async ({ run }) => {
      underWay(run).pause();
      return { paused: true };
    },
    continueTraining: async ({ run }) => {
      underWay(run).goOn();
      return { paused: false };
    },
    confusionExamples: async (params) => confusionExamples(params),
    ...inferenceRequests(
      currentBackend,
      (progress) => void connection.sendNotification(inferenceProgressMethod, progress).catch(() => {}),
    ),
  };
  const memory = new MemoryReporter(
    (usage) => void connection.sendNotification(memoryUsageMethod, usage).catch(() => {}),
  );
  for (const method of Object.keys(handlers) as Method[]) {
    connection.onRequest(method, (params: unknown, token: CancellationToken) =>
      memory.during(() => answer(method, handlers[method], params, token)),
    );
  }
  connection.onNotification(shutdownMethod, () => process.exit(0));
  connection.onClose(() => process.exit(0));
  process.stdin.on('end', () => process.exit(0));
  // The client is gone: nobody is left to write to.
  process.stdout.on('error', () => process.exit(0));
  connection.listen();
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  // Cancelled before the request's turn came: vscode-jsonrpc's token tells nobody any more.
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** Validates, runs, and turns whatever is thrown into an answer. */
async function answer<M extends Method>(
  method: M,
  handler: Handlers[M],
  params: unknown,
  token: CancellationToken,
): Promise<Result<M> | ResponseError<void>> {
  const parsed = sidecarRequests[method].params.safeParse(params);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return new ResponseError(invalidParams, `${method}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  try {
    return await handler(parsed.data as Params<M>, token);
  } catch (error) {
    if (error instanceof SidecarError) return new ResponseError(requestFailed, error.message);
    console.error(error);
    if (isTrap(error)) {
      // The client starts a new process with the next request.
      setTimeout(() => process.exit(1), 200);
      return new ResponseError(requestFailed, describeTrap(error));
    }
    return new ResponseError(
      internalError,
      `Layerwise's compute process failed at \`${method}\`: ${messageOf(error)}`,
    );
  }
}

async function main(): Promise<void> {
  reportUncaughtErrors(isOfProgram);
  endWithParent();
  leaveInterruptsToParent();
  tf.enableProdMode();
  if (await answerProbe(process.argv)) return;
  serve();
}

void main();
