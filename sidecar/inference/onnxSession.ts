/** onnxruntime, loaded on first use. */
import type { InferenceSession } from 'onnxruntime-node';
import { addOutputs } from '../../model-graph/onnx/addOutputs';
import { messageOf, SidecarError } from '../errors';
import type { OnnxFile } from './onnxFile';

type Runtime = typeof import('onnxruntime-node');

/** What computes, for people. */
export const runtimeDescription = 'onnxruntime 1.30, CPU';

let loaded: Runtime | undefined;

/** @throws SidecarError where this machine has no onnxruntime. */
export async function loadRuntime(): Promise<Runtime> {
  if (loaded) return loaded;
  try {
    loaded = await import('onnxruntime-node');
    return loaded;
  } catch (error) {
    throw new SidecarError(`onnxruntime cannot be loaded on this machine: ${messageOf(error)}`, {
      next: 'Use a run or a tfjs model.json instead.',
    });
  }
}

/**
 * @param outputs Tensors inside the model that runs shall be able to give.
 * @throws SidecarError with onnxruntime's reason.
 */
export async function createSession(
  { path, bytes, externalData }: OnnxFile,
  outputs: readonly string[],
): Promise<InferenceSession> {
  const { InferenceSession } = await loadRuntime();
  try {
    return await InferenceSession.create(outputs.length > 0 ? addOutputs(bytes, outputs) : bytes, {
      // Only errors: what it warns of (unused initializers, casts) is nobody's concern here.
      logSeverityLevel: 3,
      ...(externalData.length > 0 ? { externalData } : {}),
    });
  } catch (error) {
    throw new SidecarError(`onnxruntime does not accept the model: ${runtimeMessage(error)}.`, {
      where: path,
      next: 'Export or download the model again.',
    });
  }
}

/** onnxruntime's own words without the places in its source code. */
export function runtimeMessage(error: unknown): string {
  const text = messageOf(error).replace(
    /^.*?(?:\.(?:cc|h):\d+\s+\S+\s+|\[ONNXRuntimeError\] : \d+ : \w+ : )/s,
    '',
  );
  // A C++ function's parameters, where a template's commas hid the place before them.
  const line = text
    .split('\n')[0]!
    .replace(/^.*onnxruntime::\w+[&*]?\) /, '')
    .trim()
    .replace(/[.:]+$/, '');
  return line.length > 400 ? `${line.slice(0, 400)} …` : line;
}
