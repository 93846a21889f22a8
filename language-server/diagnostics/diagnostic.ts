/** What a diagnostic's own file says of it: its code, and the fixes for it. Its page is the comment that opens the file. */
import type ts from 'typescript';
import type { LayerNode, Problem } from '../../model-graph/graph';
import type { Analysis } from '../analysis/analyze';
import type { Edit } from './edits';

export interface DiagnosticKind {
  /** Stable, in kebab case; the file is named after it. */
  code: string;
  /** Edits that may make the problem disappear, best first. Each is tried before it is offered, so it may be a guess. */
  fixes?(context: FixContext): Fix[];
}

export interface Fix {
  title: string;
  edits: Edit[];
}

export interface FixContext {
  file: ts.SourceFile;
  problem: Problem;
  /** The call whose configuration is to blame. */
  call: ts.CallExpression;
  /** The call at which tfjs throws, where it stands in the same file; else `call`. */
  thrownAt: ts.CallExpression;
  analysis: Analysis;
  /** The layers that `call` creates. */
  layers: LayerNode[];
}

/** Where the page about a diagnostic is read. */
export function documentationUrl(code: string): string {
  return `https://github.com/layerwise/layerwise/blob/main/docs/diagnostics/${code}.md`;
}
