/** The channel's requests about running a model on a picture and looking inside. */
import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { z } from 'zod';
import type { InferenceProgress, InitializeResult, sidecarRequests } from '../../protocol/sidecar';
import { attribution } from './attribution';
import { classify } from './classify';
import { describeNetwork } from './describeNetwork';
import { excite } from './excite';
import { explainCell } from './explainCell';
import { filters } from './filters';
import type { LongWork } from './longWork';
import { modelMemory } from './modelMemory';
import { scorePicture } from './scorePicture';
import { activationOf, sessionOf } from './sessions';

type Requests = Pick<
  typeof sidecarRequests,
  | 'classify'
  | 'modelMemory'
  | 'classScores'
  | 'scorePicture'
  | 'activation'
  | 'describeNetwork'
  | 'attribution'
  | 'filters'
  | 'excite'
  | 'explainCell'
>;
type InferenceHandlers = {
  [M in keyof Requests]: (
    params: z.infer<Requests[M]['params']>,
    token: CancellationToken,
  ) => Promise<z.infer<Requests[M]['result']>>;
};

export function inferenceRequests(
  currentBackend: () => Promise<InitializeResult>,
  sendProgress: (progress: InferenceProgress) => void,
): InferenceHandlers {
  const longWork = (progress: string | undefined, token: CancellationToken): LongWork => ({
    isCancelled: () => token.isCancellationRequested,
    report: (fraction, message) => {
      if (progress !== undefined) sendProgress({ token: progress, fraction, message });
    },
  });
  return {
    classify: async (params) => classify(params, await currentBackend()),
    classScores: async ({ session }) => sessionOf(session).scores,
    scorePicture: async (params) => scorePicture(params, await currentBackend()),
    activation: async ({ session, layer }) => activationOf(session, layer),
    modelMemory: async ({ modelPath }) => modelMemory(modelPath),
    describeNetwork: async ({ modelPath }) => describeNetwork(modelPath, await currentBackend()),
    attribution: async (params, token) => attribution(params, longWork(params.progress, token)),
    filters: async (params) => filters(params),
    excite: async (params, token) => excite(params, longWork(params.progress, token)),
    explainCell: async (params) => explainCell(params),
  };
}
