/**
 * The fixes for one problem, each tried before it is offered: the program is analysed with the edit made, and the fix is
 * kept only if the problem is gone and nothing that was put in is wrong itself.
 */
import type ts from 'typescript';
import type { Problem, SourceLocation } from '../../model-graph/graph';
import { type Analysis, ParsedFiles } from '../analysis/analyze';
import type { Fix } from './diagnostic';
import { applyEdits, callAt, type Edit, offsetsOf } from './edits';
import { diagnosticKind } from './index';

export interface FixRequest {
  path: string;
  text: string;
  analysis: Analysis;
  problem: Problem;
  /** The analysis of another text of the same file. */
  analyse(text: string): Promise<Analysis>;
}

export async function quickFixes(request: FixRequest): Promise<Fix[]> {
  const { path, text, analysis, problem } = request;
  const { location } = problem;
  const kind = diagnosticKind(problem.code);
  if (!kind?.fixes || location?.path !== path) return [];
  const file = new ParsedFiles().parse(path, text);
  const call = callAt(file, location.range);
  if (!call) return [];
  const thrownAt = problem.thrownAt?.path === path ? callAt(file, problem.thrownAt.range) : undefined;
  const site = analysis.sites.find((one) => sameRange(one.location, location));
  const proposed = kind.fixes({
    file,
    problem,
    call,
    thrownAt: thrownAt ?? call,
    analysis,
    layers: site ? [...site.layers, ...site.alternatives] : [],
  });
  const kept: Fix[] = [];
  for (const fix of proposed) {
    if (fix.edits.length === 0 || kept.some(({ title }) => title === fix.title)) continue;
    const edited = applyEdits(text, fix.edits);
    if (helps(request, call, fix.edits, edited, await request.analyse(edited))) kept.push(fix);
  }
  return kept;
}

/** There is one problem less of this kind around the edit, and none in what it put in. */
function helps(
  { path, text, analysis, problem }: FixRequest,
  call: ts.CallExpression,
  edits: Edit[],
  edited: string,
  after: Analysis,
): boolean {
  const parsed = new ParsedFiles();
  const before = parsed.parse(path, text);
  const now = parsed.parse(path, edited);
  const start = Math.min(call.getStart(), ...edits.map((edit) => edit.start));
  const end = Math.max(call.end, ...edits.map((edit) => edit.end));
  const left = problemsIn(after, now, path, start, end + edited.length - text.length);
  const same = ({ code }: Problem) => code === problem.code;
  if (left.filter(same).length >= problemsIn(analysis, before, path, start, end).filter(same).length)
    return false;
  let shift = 0;
  for (const edit of [...edits].sort((one, other) => one.start - other.start)) {
    const from = edit.start + shift;
    const inserted = problemsIn(after, now, path, from, from + edit.text.length - 1);
    if (inserted.some(({ severity }) => severity === 'error')) return false;
    shift += edit.text.length - (edit.end - edit.start);
  }
  return true;
}

/** The problems of calls that begin between two offsets. */
function problemsIn(
  analysis: Analysis,
  file: ts.SourceFile,
  path: string,
  start: number,
  end: number,
): Problem[] {
  return analysis.problems.filter(({ location }) => {
    if (location?.path !== path) return false;
    const at = offsetsOf(file, location.range).start;
    return start <= at && at <= end;
  });
}

function sameRange(left: SourceLocation, right: SourceLocation): boolean {
  return (
    left.path === right.path &&
    left.range.start.line === right.range.start.line &&
    left.range.start.character === right.range.start.character &&
    left.range.end.line === right.range.end.line &&
    left.range.end.character === right.range.end.character
  );
}
