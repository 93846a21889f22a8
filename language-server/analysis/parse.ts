/** Text → TypeScript's syntax tree, for any text. */
import ts from 'typescript';
import { isHtml } from './html';

/** @param program What is parsed of the file at `path`: of a web page, its scripts. */
export function parseSource(path: string, program: string): ts.SourceFile {
  return ts.createSourceFile(path, closeComment(program), ts.ScriptTarget.Latest, true, scriptKind(path));
}

/**
 * TypeScript 6.0's parser never returns from a JSDoc comment that is not closed and ends in a number (a slash, two stars
 * and `G-16` do), so such a comment is closed. Where what looks like one stands in a string, an empty comment behind all
 * code changes nothing.
 */
function closeComment(text: string): string {
  const start = text.lastIndexOf('/*');
  return start >= 0 && !text.includes('*/', start + 2) ? `${text}\n/**/` : text;
}

function scriptKind(path: string): ts.ScriptKind {
  if (/\.tsx$/.test(path) || isHtml(path)) return ts.ScriptKind.TSX;
  if (/\.[cm]?ts$/.test(path)) return ts.ScriptKind.TS;
  if (/\.json$/.test(path)) return ts.ScriptKind.JSON;
  // Flow and JSX are common in .js files, and the JSX grammar reads plain JavaScript too.
  return /\.[cm]?jsx?$/.test(path) ? ts.ScriptKind.JSX : ts.ScriptKind.TS;
}
