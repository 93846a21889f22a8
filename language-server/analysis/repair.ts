/**
 * Half-typed text, made readable. The parser recovers from most slips, but a call that is still open swallows the lines
 * that follow it. Indentation tells where it was meant to end: brackets that a line at the same or a smaller indentation
 * leaves open are closed at the end of the line before.
 *
 * Closers are only ever put at the ends of lines, so that every position stays what it was.
 */
import ts from 'typescript';
import type { SourceLocation } from '../../model-graph/graph';
import type { ParsedFiles } from './modules';

const closers: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.OpenParenToken]: ')',
  [ts.SyntaxKind.OpenBraceToken]: '}',
  [ts.SyntaxKind.OpenBracketToken]: ']',
};
const closingText: Partial<Record<ts.SyntaxKind, string>> = {
  [ts.SyntaxKind.CloseParenToken]: ')',
  [ts.SyntaxKind.CloseBraceToken]: '}',
  [ts.SyntaxKind.CloseBracketToken]: ']',
};

export interface TolerantText {
  text: string;
  hasSyntaxErrors: boolean;
  /** Set when closers were added: what lies beyond a line's end belongs at its end. */
  repaired: boolean;
}

/** The text as it is where it parses, otherwise with open brackets closed where that helps. */
export function readTolerantly(parsed: ParsedFiles, path: string, text: string): TolerantText {
  const ended = endDanglingDots(text);
  const errors = parseErrors(parsed.parse(path, ended));
  if (errors === 0) return { text, hasSyntaxErrors: false, repaired: false };
  const closed = closeOpenBrackets(ended);
  if (closed !== text && (ended !== text || parseErrors(parsed.parse(path, closed)) < errors)) {
    return { text: closed, hasSyntaxErrors: true, repaired: true };
  }
  return { text, hasSyntaxErrors: true, repaired: false };
}

function parseErrors(file: ts.SourceFile): number {
  return (file as unknown as { parseDiagnostics?: readonly unknown[] }).parseDiagnostics?.length ?? 0;
}

interface OpenBracket {
  closer: string;
  /** Of the line that it stands on. */
  indentation: number;
}

/**
 * `model.` with nothing behind it takes the next line's first word for its property. Where that line is not indented
 * further, the word begins a statement of its own.
 */
export function endDanglingDots(text: string): string {
  return text.replace(
    /^([ \t]*)(\S[^\n]*[\w$)\]]\.)([ \t]*\r?\n(?:[ \t]*\r?\n)*)([ \t]*)(?=[\w$}])/gm,
    (whole, indentation: string, line: string, gap: string, next: string) =>
      next.length > indentation.length || /^\s*(\/\/|\*)/.test(line)
        ? whole
        : `${indentation}${line};${gap}${next}`,
  );
}

export function closeOpenBrackets(text: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  const open: OpenBracket[] = [];
  /** Closers to add, by the offset at which they go in. */
  const additions: { at: number; text: string }[] = [];
  let lineStart = 0;
  let lineIndentation = 0;
  let previousEnd = 0;
  const closeDownTo = (keep: number) => {
    const missing = open.splice(keep).reverse();
    if (missing.length > 0)
      additions.push({ at: previousEnd, text: missing.map(({ closer }) => closer).join('') });
  };
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const start = scanner.getTokenStart();
    const isFirst = scanner.hasPrecedingLineBreak() || previousEnd === 0;
    if (isFirst) {
      lineStart = text.lastIndexOf('\n', start - 1) + 1;
      lineIndentation = start - lineStart;
    }
    const closing = closingText[kind];
    if (isFirst) {
      // A closer may stand at the indentation of its opener's line; anything else there begins something new.
      const outer = open.findIndex(({ indentation }) =>
        closing ? indentation > lineIndentation : indentation >= lineIndentation && !continuesLine(kind),
      );
      if (outer >= 0) closeDownTo(outer);
    }
    const closer = closers[kind];
    if (closer) open.push({ closer, indentation: lineIndentation });
    else if (closing) {
      if (open.at(-1)?.closer === closing) open.pop();
      else if (isFirst) {
        const match = open.map((bracket) => bracket.closer).lastIndexOf(closing);
        if (match >= 0) {
          closeDownTo(match + 1);
          open.pop();
        }
      }
    }
    previousEnd = scanner.getTokenEnd();
  }
  closeDownTo(0);
  let result = text;
  for (const { at, text: added } of additions.reverse()) {
    const lineEnd = text.indexOf('\n', at);
    // A comment behind the last token would swallow the closers; they go in front of it then.
    const end = lineEnd < 0 ? text.length : lineEnd;
    const beforeComment = text.slice(at, end).trim() === '' ? end : at;
    const place = text[beforeComment - 1] === '\r' ? beforeComment - 1 : beforeComment;
    result = result.slice(0, place) + added + result.slice(place);
  }
  return result;
}

/** Tokens that carry on an expression although they begin a line. */
function continuesLine(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.DotToken ||
    kind === ts.SyntaxKind.QuestionDotToken ||
    kind === ts.SyntaxKind.CommaToken
  );
}

/** Pulls positions that lie in added closers back to the end of their line. */
export function clampToText(locations: Iterable<SourceLocation>, path: string, text: string): void {
  const lengths = text.split('\n').map((line) => line.length);
  for (const { path: at, range } of new Set(locations)) {
    if (at !== path) continue;
    for (const position of [range.start, range.end]) {
      position.character = Math.min(position.character, lengths[position.line] ?? position.character);
    }
  }
}
