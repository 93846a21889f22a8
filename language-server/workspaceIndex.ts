/**
 * Which files of the workspace import which: a model builder is shown with the arguments that other files call it with.
 * Files are read in the background, a few at a time, and only the names of what they import are kept.
 */
import { directoryOf, joinPath } from './analysis/paths';

export interface WorkspaceFiles {
  /** The URIs of the workspace's programs. */
  listFiles(): Promise<string[]>;
  readFile(uri: string): Promise<string | null>;
  openDocument(uri: string): string | undefined;
}

const filesAtOnce = 8;
/** Between two batches, so that whoever types is answered first. */
const pauseMilliseconds = 10;
const maximumImporters = 12;
/** A file that exports something may pass on what it imports, or call it with what it is given: so many in a row. */
const maximumPassedOn = 3;

const program = /\.[cm]?[jt]sx?$/;
const relativeImport = /\b(?:from|import|require)\s*\(?\s*(['"`])(\.[^'"`\n]*)\1/g;
const passingOn = /\bexport\b|\bexports\b/;
const test = /\.(test|spec)\.|\/(tests?|__tests__)\//;

export class WorkspaceIndex {
  private readonly imports = new Map<string, { keys: string[]; passesOn: boolean }>();
  private readonly importers = new Map<string, Set<string>>();
  private reading: Promise<void> | undefined;
  private isRead = false;

  constructor(private readonly files: WorkspaceFiles) {}

  /** Whether `importersOf` knows the whole workspace. */
  get complete(): boolean {
    return this.isRead;
  }

  /** Reads the workspace, once. */
  read(): Promise<void> {
    this.reading ??= this.readAll();
    return this.reading;
  }

  private async readAll(): Promise<void> {
    const uris = await this.files.listFiles();
    for (let at = 0; at < uris.length; at += filesAtOnce) {
      await Promise.all(uris.slice(at, at + filesAtOnce).map((uri) => this.readOne(uri)));
      await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
    }
    this.isRead = true;
  }

  private async readOne(uri: string): Promise<void> {
    this.put(uri, this.files.openDocument(uri) ?? (await this.files.readFile(uri)));
  }

  /** Files changed, on the disk or in the editor. Gives a test for files whose importers are not the same as before. */
  async changed(uris: readonly string[]): Promise<(uri: string) => boolean> {
    const affected = new Set<string>();
    if (this.reading) {
      await this.reading;
      for (const uri of uris.filter((each) => program.test(each))) {
        const before = this.imports.get(uri)?.keys ?? [];
        await this.readOne(uri);
        const after = this.imports.get(uri)?.keys ?? [];
        for (const key of [...before, ...after]) {
          if (before.includes(key) !== after.includes(key)) affected.add(key);
        }
      }
    }
    return (uri) => affected.has(keyOf(uri));
  }

  /** Files that import this one, also by way of others; the nearest first, tests last. */
  importersOf(uri: string): string[] {
    const found = new Set<string>();
    let round = [uri];
    for (let depth = 0; depth < maximumPassedOn && found.size < maximumImporters; depth++) {
      const importers = round
        .flatMap((each) => [...(this.importers.get(keyOf(each)) ?? [])])
        .filter((importer) => importer !== uri && !found.has(importer))
        .sort();
      for (const importer of importers) found.add(importer);
      round = importers.filter((importer) => this.imports.get(importer)?.passesOn);
    }
    return [...found]
      .sort((left, right) => Number(test.test(left)) - Number(test.test(right)))
      .slice(0, maximumImporters);
  }

  private put(uri: string, text: string | null): void {
    for (const key of this.imports.get(uri)?.keys ?? []) this.importers.get(key)?.delete(uri);
    this.imports.delete(uri);
    if (text === null) return;
    const keys = new Set<string>();
    for (const match of text.matchAll(relativeImport)) keys.add(keyOf(joinPath(directoryOf(uri), match[2]!)));
    if (keys.size === 0) return;
    this.imports.set(uri, { keys: [...keys], passesOn: passingOn.test(text) });
    for (const key of keys) {
      const importers = this.importers.get(key) ?? new Set();
      this.importers.set(key, importers.add(uri));
    }
  }
}

/** `./model`, `./model.js`, `./model/index` and the file `model.ts` are one: which it is, the analysis finds out. */
function keyOf(uri: string): string {
  return uri.replace(program, '').replace(/\/index$/, '');
}
