/** `layerwise inspect FILE…` */
import { type Analysis, analyze, ParsedFiles } from '../language-server/analysis/analyze';
import type { ModelGraph } from '../model-graph/graph';
import { type ModelJsonResult, readModelJson } from '../model-graph/readers/modelJson';
import { type OnnxResult, readOnnx } from '../model-graph/readers/onnx';
import { inspectJson } from './inspectJson';
import { modelTable } from './modelTable';
import { complain, print } from './output';
import { analysisPath, readBytes, readSource, unreadableMessage } from './sourceFiles';

/** Prints every model of the files. Returns the exit code: 2 when a file cannot be read. */
export function inspect(files: string[], format: 'text' | 'json'): number {
  const parsed = new ParsedFiles();
  const analyses: { path: string; analysis: Analysis }[] = [];
  let code = 0;
  for (const file of files) {
    const bytes = readBytes(file);
    if (bytes === undefined) {
      complain(unreadableMessage(file));
      code = 2;
      continue;
    }
    const saved = readSavedModel(file, bytes);
    if (saved) {
      if (saved.ok) analyses.push({ path: file, analysis: analysisOfFile(saved.graph) });
      else {
        complain(`layerwise: ${file}: ${saved.message}`);
        code = 2;
      }
      continue;
    }
    const text = bytes.toString('utf8');
    analyses.push({
      path: file,
      analysis: analyze(analysisPath(file), text, { readFile: readSource }, { parsed }),
    });
  }
  if (format === 'json') {
    print(JSON.stringify(inspectJson(analyses), null, 2));
    return code;
  }
  for (const { path: file, analysis } of analyses) {
    if (analysis.models.length === 0) print(`${file}: no models`);
    for (const model of analysis.models) print(`${file}\n${modelTable(model)}\n`);
    for (const { severity, code: name, message, location } of analysis.problems) {
      const at = location ? `${location.range.start.line + 1}:${location.range.start.character + 1}` : '';
      print(`${file}:${at}: ${severity}: ${message} [${name}]`);
    }
  }
  return code;
}

/** undefined for a program. */
function readSavedModel(file: string, bytes: Buffer): ModelJsonResult | OnnxResult | undefined {
  if (/\.onnx$/i.test(file)) return readOnnx(bytes);
  return /\.json$/i.test(file) ? readModelJson(bytes.toString('utf8')) : undefined;
}

/** A saved model is no program: it has layers, but no places and no mistakes. */
function analysisOfFile(graph: ModelGraph): Analysis {
  return { models: [graph], sites: [], unattached: [], problems: [], dependencies: [] };
}
