/** What the tests in the extension host share. */
import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LayerwiseApi } from '../../extension/api';

export function layerwise(): vscode.Extension<LayerwiseApi> {
  const extension = vscode.extensions.getExtension<LayerwiseApi>('layerwise.layerwise');
  assert.ok(extension, 'Layerwise is installed');
  return extension;
}

/** The workspace's folder on disk. */
export function workspaceFolder(): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'a folder is open');
  return folder.uri.fsPath;
}

/** A file of the workspace. */
export function uriOf(name: string): vscode.Uri {
  return vscode.Uri.file(path.join(workspaceFolder(), name));
}

export async function open(name: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uriOf(name)));
}

/** Gives what should not happen the time to happen. */
export function settle(milliseconds = 2000): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Asks again and again until the answer is truthy; then returns it. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  patience = 50_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${patience / 1000} s in vain for: ${what}`);
    await settle(250);
  }
}

/** Asks until the answer is as expected; what it was last is in the error. */
export async function becomes<T>(ask: () => T | Promise<T>, expected: T, patience = 50_000): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    try {
      assert.deepEqual(answer, expected);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await settle(250);
  }
}

/** The text of a document's inlay hints, top down. Only those that start as Layerwise's do. */
export async function hintsOf(document: vscode.TextDocument): Promise<string[]> {
  const everything = new vscode.Range(0, 0, document.lineCount, 0);
  const hints =
    (await vscode.commands.executeCommand<vscode.InlayHint[]>(
      'vscode.executeInlayHintProvider',
      document.uri,
      everything,
    )) ?? [];
  return hints
    .sort((a, b) => a.position.compareTo(b.position))
    .map(({ label }) => (typeof label === 'string' ? label : label.map(({ value }) => value).join('')))
    .filter((label) => label.startsWith('→'));
}

/** The position of the first `text` in the document, moved by `offset` characters. */
export function positionOf(document: vscode.TextDocument, text: string, offset = 0): vscode.Position {
  const at = document.getText().indexOf(text);
  assert.notEqual(at, -1, `${text} stands in ${document.uri.path}`);
  return document.positionAt(at + offset);
}

export async function replace(editor: vscode.TextEditor, before: string, after: string): Promise<void> {
  const start = positionOf(editor.document, before);
  const range = new vscode.Range(start, start.translate(0, before.length));
  assert.ok(await editor.edit((edit) => edit.replace(range, after)));
}
