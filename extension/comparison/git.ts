/** Earlier states of files, through VS Code's own Git extension: only what Layerwise uses of its API, version 1. */
import * as vscode from 'vscode';
import { UserFacingError } from '../errors';
import { baseName } from '../text';

export interface Commit {
  hash: string;
  /** Its first line. */
  subject: string;
  author: string;
  date: Date | undefined;
}

interface GitCommit {
  readonly hash: string;
  readonly message: string;
  readonly authorName?: string;
  readonly authorDate?: Date;
}

interface GitRepository {
  log(options: { maxEntries: number; path: string }): Promise<GitCommit[]>;
  show(ref: string, path: string): Promise<string>;
}

interface GitApi {
  getRepository(uri: vscode.Uri): GitRepository | null;
  openRepository?(root: vscode.Uri): Promise<GitRepository | null>;
  toGitUri(uri: vscode.Uri, ref: string): vscode.Uri;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** Undefined where there is no Git extension, or it is switched off. */
async function gitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (!extension) return undefined;
  try {
    const git = extension.isActive ? extension.exports : await extension.activate();
    return git.enabled ? git.getAPI(1) : undefined;
  } catch {
    return undefined;
  }
}

async function repositoryOf(uri: vscode.Uri): Promise<GitRepository | undefined> {
  const git = await gitApi();
  if (!git || uri.scheme !== 'file') return undefined;
  const known = git.getRepository(uri);
  if (known) return known;
  // It looks for repositories only after it has started.
  const opened = await git.openRepository?.(vscode.Uri.joinPath(uri, '..')).catch(() => null);
  return opened ?? git.getRepository(uri) ?? undefined;
}

/** The commits that changed a file, newest first; none where Git knows nothing of it. */
export async function commitsOf(uri: vscode.Uri, most: number): Promise<Commit[]> {
  const repository = await repositoryOf(uri);
  if (!repository) return [];
  const commits = await repository.log({ maxEntries: most, path: uri.fsPath }).catch(() => []);
  return commits.map(({ hash, message, authorName = '', authorDate }) => ({
    hash,
    subject: message.split('\n', 1)[0] ?? '',
    author: authorName,
    date: authorDate,
  }));
}

/** A file's text at a revision; null where it did not exist then. */
export async function textAt(uri: vscode.Uri, revision: string): Promise<string | null> {
  const repository = await repositoryOf(uri);
  if (!repository) return null;
  return repository.show(revision, uri.fsPath).catch(() => null);
}

/** What shows a file as it was at a revision. */
export async function revisionUri(uri: vscode.Uri, revision: string): Promise<vscode.Uri> {
  const git = await gitApi();
  if (git) return git.toGitUri(uri, revision);
  throw new UserFacingError(
    `${baseName(uri)} at ${revision.slice(0, 7)} cannot be shown: VS Code's Git extension is switched off. Set git.enabled.`,
    [],
    'information',
  );
}
