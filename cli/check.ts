/** `layerwise check PATH…`: what tfjs would throw, in a form for people or for machines. */
import path from 'node:path';
import { type Analysis, analyze, ParsedFiles } from '../language-server/analysis/analyze';
import type { Problem } from '../model-graph/graph';
import type { CheckResult, Finding, Place } from './findings';
import { githubReport } from './formats/github';
import { jsonReport } from './formats/json';
import { sarifReport } from './formats/sarif';
import { textReport } from './formats/text';
import { complain, print } from './output';
import { analysisPath, isProgram, readSource, sourceFilesAt, unreadableMessage } from './sourceFiles';

export const checkFormats = ['text', 'json', 'sarif', 'github'] as const;
export type CheckFormat = (typeof checkFormats)[number];

/** A file without any of these cannot use TensorFlow.js. */
const mentionsTensorFlow = /tensorflow|\btf\b/;

const reports: Record<CheckFormat, (result: CheckResult) => string> = {
  text: textReport,
  json: jsonReport,
  sarif: sarifReport,
  github: githubReport,
};

/** Prints what is found. Returns the exit code: 1 for an error, 2 when a path cannot be read. */
export function check(paths: string[], format: CheckFormat): number {
  let unreadable = false;
  const refuse = (message: string) => {
    unreadable = true;
    complain(message);
  };
  const parsed = new ParsedFiles();
  const files: string[] = [];
  const analyses: Analysis[] = [];
  for (const file of filesAt(paths, refuse)) {
    const text = readSource(file);
    if (text === undefined) refuse(unreadableMessage(file));
    else if (mentionsTensorFlow.test(text)) {
      files.push(shownPath(file));
      const analysis = analyze(analysisPath(file), text, { readFile: readSource }, { parsed });
      if (analysis.incomplete)
        complain(`layerwise: ${file}: not all of it was checked: ${analysis.incomplete}.`);
      analyses.push(analysis);
    }
  }
  const result = { files, findings: findingsOf(analyses) };
  // What a program reads must hold nothing but the report.
  const forPeople = format === 'text' || format === 'github';
  const report = reports[format](result);
  if (report) print(report);
  (forPeople ? print : complain)(summary(result));
  if (unreadable) return 2;
  return result.findings.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** Each file once, however often it is named. */
function filesAt(paths: string[], refuse: (message: string) => void): string[] {
  const files = new Map<string, string>();
  for (const where of paths) {
    try {
      for (const file of sourceFilesAt(where)) {
        if (isProgram(file)) files.set(path.resolve(file), file);
        else
          complain(
            `layerwise: ${file}: passed over: it is neither TypeScript nor JavaScript nor a web page.`,
          );
      }
    } catch {
      refuse(unreadableMessage(where));
    }
  }
  return [...files.values()];
}

/** By place. A helper's problem shows in the analysis of every file that imports it; it is one finding. */
function findingsOf(analyses: Analysis[]): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { code, severity, message, location, related } of analyses.flatMap(({ problems }) => problems)) {
    if (!location) continue;
    const place = placeOf(location);
    findings.set(JSON.stringify([place, code, message]), {
      ...place,
      code,
      severity,
      message,
      related: (related ?? []).map((one) => ({ ...placeOf(one.location), message: one.message })),
    });
  }
  return [...findings.values()].sort(
    (left, right) =>
      compare(left.path, right.path) ||
      left.range.start.line - right.range.start.line ||
      left.range.start.character - right.range.start.character,
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function placeOf(location: NonNullable<Problem['location']>): Place {
  return { path: shownPath(location.path), range: location.range };
}

function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), path.resolve(file));
  const isWithin = !relative.startsWith('..') && !path.isAbsolute(relative);
  return (isWithin ? relative : path.resolve(file)).split(path.sep).join('/');
}

/** `2 errors and 1 warning in 12 files` */
function summary({ files, findings }: CheckResult): string {
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  const of = (wanted: Problem['severity']) => findings.filter(({ severity }) => severity === wanted).length;
  return `${count(of('error'), 'error')} and ${count(of('warning'), 'warning')} in ${count(files.length, 'file')} with TensorFlow.js`;
}
