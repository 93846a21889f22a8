/** `layerwise inspect FILE…` */
import { type Analysis, analyze, ParsedFiles } from '../language-server/analysis/analyze';
import type { ModelGraph } from '../model-graph/graph';
import { readModelJson } from '../model-graph/readers/modelJson';
import { inspectJson } from './inspectJson';
import { modelTable } from './modelTable';
import { analysisPath, readSource, unreadableMessage } from './sourceFiles';

/** Prints every model of the files. Returns the exit code: 2 when a file cannot be read. */
export function inspect(files: string[], format: 'text' | 'json'): number {
  const parsed = new ParsedFiles();
  const analyses: { path: string; analysis: Analysis }[] = [];
  let code = 0;
  for (const file of files) {
    const text = readSource(file);
    if (text === undefined) {
      console.error(unreadableMessage(file));
      code = 2;
      continue;
    }
    if (/\.json$/i.test(file)) {
      const read = readModelJson(text);
      if (read.ok) analyses.push({ path: file, analysis: analysisOfFile(read.graph) });
      else {
        console.error(`layerwise: ${file}: ${read.message}`);
        code = 2;
      }
      continue;
    }
    analyses.push({
      path: file,
      analysis: analyze(analysisPath(file), text, { readFile: readSource }, { parsed }),
    });
  }
  if (format === 'json') {
    console.log(JSON.stringify(inspectJson(analyses), null, 2));
    return code;
  }
  for (const { path: file, analysis } of analyses) {
    if (analysis.models.length === 0) console.log(`${file}: no models`);
    for (const model of analysis.models) console.log(`${file}\n${modelTable(model)}\n`);
    for (const { severity, code: name, message, location } of analysis.problems) {
      const at = location ? `${location.range.start.line + 1}:${location.range.start.character + 1}` : '';
      console.log(`${file}:${at}: ${severity}: ${message} [${name}]`);
    }
  }
  return code;
}

/** A saved model is no program: it has layers, but no places and no mistakes. */
function analysisOfFile(graph: ModelGraph): Analysis {
  return { models: [graph], sites: [], unattached: [], problems: [], dependencies: [] };
}
