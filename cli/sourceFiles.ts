/** Source files on the disk: one by its path, or all that a folder holds. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isHtml } from '../language-server/analysis/html';

const sourceFile = /\.[cm]?[jt]sx?$/;
/** Declarations have no code, minified files are someone else's. */
const notProgram = /\.d\.[cm]?ts$|\.min\.[cm]?js$/;
const skippedFolders = new Set(['node_modules', 'dist']);

/** The text of a file; undefined where there is none that can be read. */
export function readSource(file: string): string | undefined {
  return readBytes(file)?.toString('utf8');
}

/** The same for a file that is no text. */
export function readBytes(file: string): Buffer | undefined {
  try {
    return statSync(file).isFile() ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  }
}

export function unreadableMessage(file: string): string {
  return `layerwise: ${file}: ${existsSync(file) ? 'cannot be read' : 'there is no such file'}.`;
}

/** The path as the analysis writes paths. */
export function analysisPath(file: string): string {
  return path.resolve(file).split(path.sep).join('/');
}

/**
 * The programs at a path: the file itself, or what a folder and its folders hold, in alphabetical order, without
 * `node_modules`, `dist`, folders that begin with a dot, declarations, minified files and symbolic links. Throws where
 * the path or a folder in it cannot be read.
 */
export function sourceFilesAt(where: string): string[] {
  if (!statSync(where).isDirectory()) return [where];
  return readdirSync(where, { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const inside = path.join(where, entry.name);
      if (entry.isDirectory()) {
        return skippedFolders.has(entry.name) || entry.name.startsWith('.') ? [] : sourceFilesAt(inside);
      }
      return entry.isFile() && isProgram(entry.name) ? [inside] : [];
    });
}

/** A program, or a web page, whose scripts are read where they stand. */
export function isProgram(name: string): boolean {
  return (sourceFile.test(name) && !notProgram.test(name)) || isHtml(name);
}
