/**
 * Tests as data: source text in which a comment beneath a line says what Layerwise shows on that line.
 *
 *   //^ → 24×24×8 · 208        the line's hints, one comment each, in order; a line without has none
 *   //! shape-mismatch         the line's diagnostics, by code, then (optional) a part of the message
 */
import assert from 'node:assert/strict';
import { type Analysis, analyze } from '../../../language-server/analysis/analyze';
import { hintText } from '../../../language-server/features/hintText';

/** Other files of the workspace, by path. */
export type Files = Record<string, string>;

export const prelude = "import * as tf from '@tensorflow/tfjs';\n";

export function analyseText(text: string, files: Files = {}, path = '/workspace/main.ts'): Analysis {
  return analyze(path, text, { readFile: (name) => files[name] });
}

/** Fails unless the hints (and, where any is named, the diagnostics) are exactly those in the comments. */
export function checkHints(source: string, files: Files = {}, path = '/workspace/main.ts'): Analysis {
  const lines = source.split('\n');
  const analysis = analyseText(source, files, path);
  const hints = new Map<number, string[]>();
  for (const site of analysis.sites) {
    const { line } = site.location.range.end;
    hints.set(line, [...(hints.get(line) ?? []), hintText(site, { parameters: true })]);
  }
  const problems = new Map<number, string[]>();
  for (const problem of analysis.problems) {
    const line = problem.location?.range.end.line ?? -1;
    problems.set(line, [...(problems.get(line) ?? []), `${problem.code} ${problem.message}`]);
  }
  const shown: string[] = [];
  lines.forEach((line, index) => {
    if (isExpectation(line)) return;
    shown.push(line);
    for (const hint of hints.get(index) ?? []) shown.push(`//^ ${hint}`);
    const wanted = following(lines, index, '//!');
    const found = problems.get(index) ?? [];
    found.forEach((problem, n) => {
      const want = wanted[n];
      const [code = '', ...part] = want?.split(' ') ?? [];
      const matches = want && problem.startsWith(`${code} `) && problem.includes(part.join(' '));
      shown.push(`//! ${matches ? want : problem}`);
    });
  });
  const expected = lines.map((line) => (isExpectation(line) ? line.trim() : line));
  assert.equal(shown.join('\n'), expected.join('\n'));
  return analysis;
}

function isExpectation(line: string): boolean {
  return /^\s*\/\/[\^!]/.test(line);
}

function following(lines: string[], index: number, mark: string): string[] {
  const found: string[] = [];
  for (let at = index + 1; at < lines.length && isExpectation(lines[at]!); at++) {
    const text = lines[at]!.trim();
    if (text.startsWith(mark)) found.push(text.slice(mark.length).trim());
  }
  return found;
}
