/** Which part of the picture speaks for a class, by one of three methods. */
import type { AttributionParams, AttributionResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { gradCam } from './gradCam';
import { integratedGradients } from './integratedGradients';
import type { LongWork } from './longWork';
import { occlusion } from './occlusion';
import { sessionOf, toBase64 } from './sessions';

/** @throws SidecarError when the method cannot be used here, or the work was cancelled. */
export async function attribution(params: AttributionParams, work: LongWork): Promise<AttributionResult> {
  const session = sessionOf(params.session);
  const { network, output } = session;
  if (params.classIndex >= output.length) {
    throw new SidecarError(`There is no class ${params.classIndex}: the model has ${output.length}.`);
  }
  network.hold();
  try {
    const methods = { gradCam, occlusion, integratedGradients };
    const { values, ...map } = await methods[params.method](session, params, work);
    return { method: params.method, classIndex: params.classIndex, ...map, data: toBase64(values) };
  } finally {
    network.release();
  }
}
