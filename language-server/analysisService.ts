/**
 * One analysis per document and version, and the texts of the files that open documents import. Files are fetched
 * without blocking: a document is analysed with what is known, what it looked for is fetched, and it is analysed
 * again, until nothing new turns up.
 */
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { ModelGraph, SourceLocation } from '../model-graph/graph';
import { type Analysis, analyze, type ModuleHost, ParsedFiles } from './analysis/analyze';
import { buildersOf, callOf, isWithin, type ParameterValues } from './analysis/builders';
import { analyzeCaller, type CallerAnalysis, wantsCallers, withCallers } from './analysis/callers';
import { isHtml, scriptsOf } from './analysis/html';
import { type Observed, observe } from './analysis/observe';
import { clampToText, readTolerantly } from './analysis/repair';
import type { WorkspaceIndex } from './workspaceIndex';

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

/** How documents come to be shown as other files call them. */
export interface Callers {
  index: WorkspaceIndex;
  /** Documents whose analysis is no longer what it was, because of what calls them. */
  changed(uris: string[]): void;
}

const maximumRounds = 20;
/** The workspace is read once the documents that are open have been answered for. */
const indexDelayMilliseconds = 300;
/** What all callers of a document together may take. */
const callersMilliseconds = 120;
const callerBudget = { stepLimit: 200_000, maximumRuns: 4 };
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

  private indexRead: Promise<void> | undefined;

  /** With `callers`, builders are shown as other files of the workspace call them. */
  constructor(
    private readonly sources: AnalysisSources,
    private readonly callers?: Callers,
  ) {}

  analysisOf(document: TextDocument): Promise<DocumentAnalysis> {
    const known = this.results.get(document.uri);
    if (known?.version === document.version) return known.analysis;
    const analysis = this.analyse(document);
    this.results.set(document.uri, { version: document.version, analysis });
    analysis.catch(() => this.results.delete(document.uri));
    return analysis;
  }

  private async analyse(document: TextDocument): Promise<DocumentAnalysis> {
    const { uri } = document;
    const text = document.getText();
    if (!evidence.test(text)) return nothing;
    // A page that is not saved yet, or a template, is known by its language only.
    const isPage = isHtml(uri) || document.languageId === 'html';
    const program = isPage ? scriptsOf(text) : text;
    const readable = readTolerantly(this.parsed, uri, program);
    const own = await this.evaluated((host) => {
      const result = analyze(uri, readable.text, host, { parsed: this.parsed });
      this.dependencies.set(uri, new Set(result.dependencies));
      return result;
    });
    const analysis = await this.asCalled(uri, readable.text, own);
    this.dependencies.set(uri, new Set(analysis.dependencies));
    if (readable.repaired) clampToText(locationsOf(analysis), uri, text);
    return { ...analysis, hasSyntaxErrors: readable.hasSyntaxErrors };
  }

  /** What the name at an offset of the document holds. */
  async observe(document: TextDocument, offset: number): Promise<Observed | undefined> {
    const text = document.getText();
    if (!evidence.test(text)) return undefined;
    const program = isHtml(document.uri) ? scriptsOf(text) : text;
    const readable = readTolerantly(this.parsed, document.uri, program);
    // Offsets behind an added bracket are off: then nothing is said.
    if (readable.repaired) return undefined;
    return this.evaluated((host) =>
      observe(document.uri, readable.text, offset, host, { parsed: this.parsed }),
    );
  }

  /**
   * The function at the top of the document that makes `model`, by its name, and the models that there are once it is
   * called with values for its parameters; undefined where it does not take them all.
   */
  async calledWith(
    document: TextDocument,
    model: ModelGraph,
    values: ParameterValues,
  ): Promise<{ builder?: string; models?: ModelGraph[] }> {
    const { uri } = document;
    if (isHtml(uri) || document.languageId === 'html') return {};
    const { text } = readTolerantly(this.parsed, uri, document.getText());
    const builder = buildersOf(uri, text).find((one) => isWithin(model.location, uri, one));
    if (!builder) return {};
    const call = callOf(builder, values);
    if (call.unused.length > 0) return { builder: builder.name };
    // With a memory of its own: the document's text is another one.
    const parsed = new ParsedFiles();
    const { models } = await this.evaluated((host) => analyze(uri, text + call.text, host, { parsed }));
    return { builder: builder.name, models };
  }

  /** Runs with the files that are known so far, fetches those that were missed, and runs again. */
  private async evaluated<T>(run: (host: ModuleHost) => T): Promise<T> {
    for (let round = 0; ; round++) {
      const missing = new Set<string>();
      const result = run({
        readFile: (path) => {
          const text = this.textOf(path);
          if (text === undefined) missing.add(path);
          return text ?? undefined;
        },
      });
      if (missing.size === 0 || round === maximumRounds) return result;
      await Promise.all([...missing].map((path) => this.fetch(path)));
    }
  }

  /** null where there is no such file; undefined where that is not known yet. */
  private textOf(path: string): string | null | undefined {
    return this.sources.openDocument(path) ?? this.files.get(path);
  }

  private async fetch(path: string): Promise<string | null> {
    const text = this.textOf(path) ?? (await this.sources.readFile(path));
    if (this.sources.openDocument(path) === undefined) this.files.set(path, text);
    return text;
  }

  /** A builder's layers with the arguments of its calls in other files, once it is known which files those are. */
  private async asCalled(uri: string, text: string, own: Analysis): Promise<Analysis> {
    if (!this.callers || !wantsCallers(own)) return own;
    const { index } = this.callers;
    if (!index.complete) {
      this.indexRead ??= this.readIndex();
      return own;
    }
    const importers = index.importersOf(uri);
    const texts = await Promise.all(importers.map((importer) => this.fetch(importer)));
    const found: CallerAnalysis[] = [];
    let left = callersMilliseconds;
    for (const [at, importer] of importers.entries()) {
      const callerText = texts[at];
      if (callerText == null || left <= 0) continue;
      const analysis = await this.evaluated((host) => {
        const started = Date.now();
        // The text as it was made readable: places must be those of the file's own analysis.
        const readFile = (path: string) => (path === uri ? text : host.readFile(path));
        const result = analyzeCaller(
          uri,
          importer,
          callerText,
          { readFile },
          { parsed: this.parsed, ...callerBudget },
        );
        left -= Date.now() - started;
        return result;
      });
      // It is out of date when the importer changes, too, and when anything does that the importer reads.
      found.push({ ...analysis, dependencies: [importer, ...analysis.dependencies] });
    }
    return withCallers(own, found);
  }

  private async readIndex(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, indexDelayMilliseconds));
    try {
      await this.callers?.index.read();
    } catch {
      return; // a client that cannot list files
    }
    this.forget((uri) => this.callers!.index.importersOf(uri).length > 0);
  }

  private async indexChanged(uris: string[]): Promise<void> {
    if (!this.indexRead || !this.callers) return;
    try {
      this.forget(await this.callers.index.changed(uris));
    } catch {
      // the files could not be listed
    }
  }

  /** Other files call these documents otherwise than before. */
  private forget(affected: (uri: string) => boolean): void {
    const uris = [...this.results.keys()].filter(affected);
    for (const uri of uris) this.results.delete(uri);
    if (uris.length > 0) this.callers?.changed(uris);
  }

  /** An open document was edited. Gives the other documents that depend on it. */
  documentChanged(uri: string): string[] {
    this.files.delete(uri);
    void this.indexChanged([uri]);
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
    void this.indexChanged(uris);
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
