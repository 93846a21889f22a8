/** The pictures that the classify panel knows, and how files and folders become such. */
import * as vscode from 'vscode';
import { z } from 'zod';
import { pictureSource, thumbnail } from '../../protocol/sidecar';
import { pictureOrigin, pictureTile } from '../../protocol/webview';
import { baseName } from '../text';

export const imageExtensions = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'bmp', 'tif', 'tiff', 'avif'];
/** More are not looked at one by one by anyone. */
export const maximumPictures = 200;
/** Folders within folders are followed that deep. */
const maximumDepth = 4;

export const picture = z.object({
  id: z.string(),
  name: z.string(),
  origin: pictureOrigin,
  /** Where it comes from, in plain words. */
  detail: z.string(),
  source: pictureSource,
  truth: z.string().optional(),
});
export type Picture = z.infer<typeof picture>;
/** Not yet in the panel. */
export type NewPicture = Omit<Picture, 'id'>;

/** A picture and what came out, without its insides. */
export const scoredPicture = picture.extend({
  best: pictureTile.shape.best,
  failure: z.string().optional(),
  thumbnail: thumbnail.optional(),
});
export type ScoredPicture = z.infer<typeof scoredPicture>;

export function isPictureName(name: string): boolean {
  return imageExtensions.includes(name.slice(name.lastIndexOf('.') + 1).toLowerCase());
}

export interface FoundPictures {
  pictures: NewPicture[];
  /** What was left out and why; full sentences. */
  notes: string[];
}

/**
 * The pictures among files and folders, in the order given; a folder's in the order of their names. A file that was
 * named itself is taken whatever its ending: what is in it counts, and that is told when it is read.
 */
export async function findPictures(
  uris: readonly vscode.Uri[],
  origin: 'file' | 'dropped',
): Promise<FoundPictures> {
  const files: vscode.Uri[] = [];
  const notes: string[] = [];
  for (const uri of uris) {
    if (uri.scheme !== 'file') {
      notes.push(
        `${baseName(uri)} is on "${uri.scheme}:", where the compute process cannot read it. Save it to disk first.`,
      );
      continue;
    }
    const type = await typeOf(uri);
    if ((type & vscode.FileType.Directory) === 0) files.push(uri);
    else {
      const before = files.length;
      await collect(uri, files, maximumDepth);
      if (files.length === before)
        notes.push(`The folder ${baseName(uri)} holds no pictures (${imageExtensions.join(', ')}).`);
    }
  }
  if (files.length > maximumPictures) {
    notes.push(`The first ${maximumPictures} of ${files.length} pictures are shown.`);
  }
  const pictures = files.slice(0, maximumPictures).map(
    (uri): NewPicture => ({
      name: baseName(uri),
      origin,
      detail: vscode.workspace.asRelativePath(uri),
      source: { kind: 'file', path: uri.fsPath },
    }),
  );
  return { pictures, notes };
}

async function typeOf(uri: vscode.Uri): Promise<vscode.FileType> {
  return vscode.workspace.fs.stat(uri).then(
    ({ type }) => type,
    // Reading it will tell why it cannot be had.
    () => vscode.FileType.File,
  );
}

async function collect(folder: vscode.Uri, files: vscode.Uri[], depth: number): Promise<void> {
  const entries = await vscode.workspace.fs.readDirectory(folder);
  entries.sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
  for (const [name, type] of entries) {
    const uri = vscode.Uri.joinPath(folder, name);
    const isFolder = (type & vscode.FileType.Directory) !== 0;
    // A link to a folder may lead back up.
    const isLink = (type & vscode.FileType.SymbolicLink) !== 0;
    if (!isFolder && isPictureName(name)) files.push(uri);
    else if (isFolder && !isLink && depth > 1 && !name.startsWith('.') && name !== 'node_modules') {
      await collect(uri, files, depth - 1);
    }
  }
}
