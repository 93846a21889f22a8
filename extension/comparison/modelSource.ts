/** Where a compared model comes from. Remembered across reloads, so it holds no model itself. */
import * as vscode from 'vscode';
import { z } from 'zod';
import { isModelFile } from '../modelFiles';
import { baseName } from '../text';

export const modelSource = z.discriminatedUnion('kind', [
  /** A program as it is in the editor or on disk, or a saved model. `modelId` absent: the file's only model. */
  z.object({
    kind: z.literal('file'),
    uri: z.string(),
    modelId: z.string().optional(),
    name: z.string(),
  }),
  /** A program as it was at a commit. */
  z.object({
    kind: z.literal('revision'),
    uri: z.string(),
    modelId: z.string().optional(),
    name: z.string(),
    hash: z.string(),
    subject: z.string(),
    /** ISO 8601. */
    date: z.string().optional(),
  }),
  /** What a training run keeps. */
  z.object({ kind: z.literal('run'), folder: z.string(), name: z.string(), label: z.string() }),
]);
export type ModelSource = z.infer<typeof modelSource>;

/** The same for the same model of the same place. */
export function keyOf(source: ModelSource): string {
  switch (source.kind) {
    case 'file':
      return `${source.uri}#${source.modelId ?? ''}`;
    case 'revision':
      return `${source.uri}@${source.hash}#${source.modelId ?? ''}`;
    case 'run':
      return source.folder;
  }
}

/** `vgg16.ts`, `vgg16.ts at 3f2a1bc`, `run of 22 Nov`. */
export function originOf(source: ModelSource): string {
  switch (source.kind) {
    case 'file':
      return baseName(vscode.Uri.parse(source.uri));
    case 'revision':
      return `${baseName(vscode.Uri.parse(source.uri))} at ${source.hash.slice(0, 7)}`;
    case 'run':
      return `run ${source.label}`;
  }
}

export function detailOf(source: ModelSource): string {
  switch (source.kind) {
    case 'file':
      return vscode.workspace.asRelativePath(vscode.Uri.parse(source.uri));
    case 'revision':
      return [source.subject, source.date && new Date(source.date).toLocaleString()]
        .filter(Boolean)
        .join(' · ');
    case 'run':
      return vscode.Uri.parse(source.folder).fsPath;
  }
}

/** The file whose change changes the model; undefined for what never changes. */
export function watchedUri(source: ModelSource): vscode.Uri | undefined {
  switch (source.kind) {
    case 'file':
      return vscode.Uri.parse(source.uri);
    case 'revision':
      return undefined;
    case 'run':
      return runModelUri(source.folder);
  }
}

export function runModelUri(folder: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.Uri.parse(folder), 'checkpoint', 'model.json');
}

/** Git may know earlier states of it. */
export function hasRevisions(source: ModelSource): boolean {
  if (source.kind === 'run') return false;
  const uri = vscode.Uri.parse(source.uri);
  return uri.scheme === 'file' && !isModelFile(uri);
}
