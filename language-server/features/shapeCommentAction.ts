/** For a layer whose hint says `?`: a comment, to be filled in, at the place where the analysis lost its way. */
import { type CodeAction, CodeActionKind, type Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { shapeCommentFor } from '../analysis/shapeComments';
import type { DocumentAnalysis } from '../analysisService';

export function shapeCommentActions(
  analysis: DocumentAnalysis,
  document: TextDocument,
  isAsked: (range: Range) => boolean,
): CodeAction[] {
  const actions = new Map<number, CodeAction>();
  for (const site of analysis.sites) {
    if (!isAsked(site.location.range)) continue;
    for (const { verdict } of site.layers) {
      if (verdict.kind !== 'lost' || verdict.at?.path !== document.uri) continue;
      const { range } = verdict.at;
      const start = document.offsetAt(range.start);
      // A layer that is wrong itself wants another remedy than a comment.
      if (start === document.offsetAt(site.location.range.start) || actions.has(start)) continue;
      actions.set(start, {
        title: `Say the shape of \`${shortened(document.getText(range))}\` in a comment`,
        kind: CodeActionKind.QuickFix,
        edit: {
          changes: {
            [document.uri]: [
              { range: { start: range.start, end: range.start }, newText: `${shapeCommentFor(null)} ` },
            ],
          },
        },
      });
    }
  }
  return [...actions.values()];
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}
