/** Quick fixes for the diagnostics under the cursor. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  type Range,
  type TextEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Problem } from '../../model-graph/graph';
import type { Analysis } from '../analysis/analyze';
import type { DocumentAnalysis } from '../analysisService';
import { quickFixes } from '../diagnostics/quickFixes';
import { shapeCommentActions } from './shapeCommentAction';

/** `analyse` gives the analysis of another text of the same document: every fix is tried before it is offered. */
export async function codeActions(
  analysis: DocumentAnalysis,
  document: TextDocument,
  { range, context }: CodeActionParams,
  analyse: (text: string) => Promise<Analysis>,
): Promise<CodeAction[]> {
  const wanted = context.only?.some((kind) => CodeActionKind.QuickFix.startsWith(kind)) ?? true;
  // Half-typed text is read with brackets closed that do not stand in it: edits might hit the wrong place.
  if (!wanted || analysis.hasSyntaxErrors) return [];
  const actions: CodeAction[] = [];
  for (const problem of analysis.problems) {
    const { location } = problem;
    if (location?.path !== document.uri || !overlap(location.range, range)) continue;
    const fixes = await quickFixes({
      path: document.uri,
      text: document.getText(),
      analysis,
      problem,
      analyse,
    });
    fixes.forEach(({ title, edits }, index) => {
      const changes: TextEdit[] = edits.map(({ start, end, text }) => ({
        range: { start: document.positionAt(start), end: document.positionAt(end) },
        newText: text,
      }));
      actions.push({
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: context.diagnostics.filter((shown) => isShown(shown, problem)),
        isPreferred: index === 0,
        edit: { changes: { [document.uri]: changes } },
      });
    });
  }
  actions.push(...shapeCommentActions(analysis, document, (place) => overlap(place, range)));
  return actions;
}

function isShown(diagnostic: Diagnostic, problem: Problem): boolean {
  return diagnostic.code === problem.code && diagnostic.message === problem.message;
}

function overlap(left: Range, right: Range): boolean {
  const before = (a: Range['start'], b: Range['start']) =>
    a.line < b.line || (a.line === b.line && a.character < b.character);
  return !before(left.end, right.start) && !before(right.end, left.start);
}
