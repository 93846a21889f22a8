import * as vscode from 'vscode';
import type { z } from 'zod';
import {
  readBytesParams,
  type readBytesResult,
  readFileParams,
  type readFileResult,
} from '../../protocol/languageServer';
import { textAt } from '../comparison/git';

/** No source file that people write is larger; generated ones would only stall the analysis. */
const maximumBytes = 4 * 1024 * 1024;

/**
 * Answers the server's request for the text of a file that is not open there, from whatever file system the workspace
 * has. Unsaved text wins over the disk's. Null for what does not exist, cannot be read or is too large.
 */
export async function answerReadFile(params: unknown): Promise<z.infer<typeof readFileResult>> {
  const { uri: path, revision } = readFileParams.parse(params);
  const uri = vscode.Uri.parse(path, true);
  // What is installed is in no revision.
  if (revision !== undefined && !uri.path.includes('/node_modules/'))
    return { text: await textAt(uri, revision) };
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return { text: open.getText() };
  try {
    const { type, size } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0 || size > maximumBytes) return { text: null };
    return { text: new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) };
  } catch {
    return { text: null };
  }
}

/** Larger models are not sent from one process to another where neither can read the disk. */
const maximumModelBytes = 64 * 1024 * 1024;

/** Answers the server's request for the bytes of a model that is on no disk of its own. */
export async function answerReadBytes(params: unknown): Promise<z.infer<typeof readBytesResult>> {
  const uri = vscode.Uri.parse(readBytesParams.parse(params).uri, true);
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > maximumModelBytes) return { data: null };
    return { data: base64(await vscode.workspace.fs.readFile(uri)) };
  } catch {
    return { data: null };
  }
}

/** Without Node, whose Buffer the extension host of a browser lacks. */
function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
