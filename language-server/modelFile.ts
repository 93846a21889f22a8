/** Saved models: no programs, so that nothing has to be analysed. */
import { type ModelJsonResult, readModelJson } from '../model-graph/readers/modelJson';
import { type OnnxResult, readOnnx } from '../model-graph/readers/onnx';
import type { ModelFileResult } from '../protocol/languageServer';
import { toWire } from '../protocol/modelGraph';

/** The model in a file, by the ending of its name; its URI becomes the model's id. Total: a broken file has a message. */
export function readModelFile(uri: string, bytes: Uint8Array | undefined): ModelFileResult {
  if (!bytes) return { ok: false, message: 'The file does not exist any more, or cannot be read.' };
  const result = /\.onnx$/i.test(uri) ? readOnnx(bytes, uri) : readJson(uri, bytes);
  return result.ok ? { ok: true, graph: toWire(result.graph) } : result;
}

function readJson(uri: string, bytes: Uint8Array): ModelJsonResult | OnnxResult {
  return readModelJson(new TextDecoder().decode(bytes), uri);
}
