/**
 * One analysis per document and version, and the texts of the files that open documents import. Files are fetched
 * without blocking: a document is analysed with what is known, what it looked for is fetched, and it is analysed
 * again, until nothing new turns up.
 */
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { SourceLocation } from '../model-graph/graph';
import { type Analysis, analyze, ParsedFiles } from './analysis/analyze';
import { isHtml, scriptsOf } from './analysis/html';
import { clampToText, readTolerantly } from './analysis/repair';

export interface DocumentAnalysis extends Analysis {
  /** The text cannot be parsed as it stands: someone is typing. */
  hasSyntaxErrors: boolean;
}

export interface AnalysisSources {
  /** The text of an open document, unsaved changes included. */
  openDocument(uri: string): string | undefined;
  /** The text of any other file; null where there is none. */
  readFile(uri: string): Promise<string | null>;
}

const maximumRounds = 20;
/** A document without any of these makes no layers; it is not worth evaluating. */
const evidence = /tensorflow|\btf\b|\blayers\b|\bsequential\b|\.apply\s*\(/;

const nothing: DocumentAnalysis = {
  models: [],
  sites: [],
  unattached: [],
  problems: [],
  dependencies: [],
  hasSyntaxErrors: false,
};

export class AnalysisService {
  private readonly results = new Map<string, { version: number; analysis: Promise<DocumentAnalysis> }>();
  private readonly dependencies = new Map<string, ReadonlySet<string>>();
  private readonly files = new Map<string, string | null>();
  private readonly parsed = new ParsedFiles();

  constructor(private readonly sources: AnalysisSources) {}

  analysisOf(document: TextDocument): Promise<DocumentAnalysis> {
    const known = this.results.get(document.uri);
    if (known?.version === document.version) return known.analysis;
    const analysis = this.analyse(document.uri, document.getText());
    this.results.set(document.uri, { version: document.version, analysis });
    analysis.catch(() => this.results.delete(document.uri));
    return analysis;
  }

  private async analyse(uri: string, text: string): Promise<DocumentAnalysis> {
    if (!evidence.test(text)) return nothing;
    const program = isHtml(uri) ? scriptsOf(text) : text;
    const readable = readTolerantly(this.parsed, uri, program);
    for (let round = 0; ; round++) {
      const missing: string[] = [];
      const analysis = analyze(
        uri,
        readable.text,
        {
          readFile: (path) => {
            const open = this.sources.openDocument(path);
            if (open !== undefined) return open;
            const known = this.files.get(path);
            if (known === undefined) missing.push(path);
            return known ?? undefined;
          },
        },
        { parsed: this.parsed },
      );
      this.dependencies.set(uri, new Set(analysis.dependencies));
      if (missing.length === 0 || round === maximumRounds) {
        if (readable.repaired) clampToText(locationsOf(analysis), uri, text);
        return { ...analysis, hasSyntaxErrors: readable.hasSyntaxErrors };
      }
      await Promise.all(
        [...new Set(missing)].map(async (path) => {
          this.files.set(path, await this.sources.readFile(path));
        }),
      );
    }
  }

  /** An open document was edited. Gives the other documents that depend on it. */
  documentChanged(uri: string): string[] {
    this.files.delete(uri);
    return this.invalidateDependents(uri);
  }

  documentClosed(uri: string): void {
    this.results.delete(uri);
    this.dependencies.delete(uri);
    this.files.delete(uri);
  }

  /** Files changed on disk. Gives the documents that depend on one of them. */
  filesChanged(uris: string[]): string[] {
    const affected = new Set<string>();
    for (const uri of uris) {
      this.files.delete(uri);
      this.parsed.forget(uri);
      for (const dependent of this.invalidateDependents(uri)) affected.add(dependent);
    }
    return [...affected];
  }

  private invalidateDependents(uri: string): string[] {
    const dependents: string[] = [];
    for (const [document, dependencies] of this.dependencies) {
      if (document === uri || !dependencies.has(uri)) continue;
      this.results.delete(document);
      dependents.push(document);
    }
    return dependents;
  }
}

function* locationsOf(analysis: Analysis): Generator<SourceLocation> {
  for (const site of analysis.sites) yield site.location;
  for (const model of analysis.models) {
    if (model.location) yield model.location;
    for (const layer of model.layers) if (layer.location) yield layer.location;
  }
  for (const problem of analysis.problems) if (problem.location) yield problem.location;
}
