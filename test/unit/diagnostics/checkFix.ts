/** Quick fixes as data: the text before and after. */
import assert from 'node:assert/strict';
import type { Fix } from '../../../language-server/diagnostics/diagnostic';
import { applyEdits } from '../../../language-server/diagnostics/edits';
import { quickFixes } from '../../../language-server/diagnostics/quickFixes';
import type { Problem } from '../../../model-graph/graph';
import { analyseText, prelude } from '../analysis/check';

const path = '/workspace/main.ts';

/** The fixes for the first problem that has any; `$0` in the text names the line of another. */
async function fixesIn(marked: string): Promise<{ text: string; fixes: Fix[]; problem?: Problem }> {
  const whole = prelude + marked;
  const cursor = whole.indexOf('$0');
  const line = cursor < 0 ? undefined : whole.slice(0, cursor).split('\n').length - 1;
  const text = whole.replace('$0', '');
  const analysis = analyseText(text, {}, path);
  for (const problem of analysis.problems) {
    if (line !== undefined && problem.location?.range.start.line !== line) continue;
    const fixes = await quickFixes({
      path,
      text,
      analysis,
      problem,
      analyse: async (edited) => analyseText(edited, {}, path),
    });
    if (fixes.length > 0) return { text, fixes, problem };
  }
  return { text, fixes: [] };
}

/** Fails unless the fixes make these texts, in this order, and the problem is gone in each. */
export async function checkFix(before: string, ...after: string[]): Promise<void> {
  const { text, fixes, problem } = await fixesIn(before);
  const results = fixes.map(({ edits }) => applyEdits(text, edits).slice(prelude.length));
  assert.deepEqual(results, after);
  const count = (program: string) =>
    analyseText(program, {}, path).problems.filter(({ code }) => code === problem?.code).length;
  for (const result of results) {
    assert.ok(count(prelude + result) < count(text), `${problem?.code} is still there in\n${result}`);
  }
}

/** Fails if any fix is offered, or if there is no problem at all. */
export async function checkNoFix(before: string): Promise<void> {
  const { text, fixes } = await fixesIn(before);
  assert.ok(analyseText(text, {}, path).problems.length > 0, 'there is a problem');
  assert.deepEqual(
    fixes.map(({ title }) => title),
    [],
  );
}
