import * as vscode from 'vscode';
import type { ComputeContext } from '../context';
import { runMeant } from '../runPick';
import { runName } from '../runs';

/** Gives a run a name of its own; an empty one takes it away. */
export async function renameRun(context: ComputeContext, argument?: unknown): Promise<void> {
  const stored = await runMeant(context, argument, {
    title: 'Rename which run?',
    accepts: ({ status }) => status !== 'running',
    why: 'can be renamed when its training is over.',
  });
  if (!stored) return;
  const name = await vscode.window.showInputBox({
    title: `Rename the run "${runName(stored.run)}"`,
    prompt: 'Its folder keeps its name. Leave it empty to go by the time again.',
    value: stored.run.name ?? '',
    validateInput: (text) => (text.length > 100 ? 'At most 100 characters.' : undefined),
  });
  if (name === undefined) return;
  const given = name.trim() || undefined;
  await changeRunFile(stored.folder, { name: given });
  context.training.renamed(stored.folder, given);
  context.runs.refresh();
}

/** Replaces run.json in one step; what this version does not know of it stays. */
async function changeRunFile(folder: vscode.Uri, change: Record<string, unknown>): Promise<void> {
  const file = vscode.Uri.joinPath(folder, 'run.json');
  const present = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(file))) as object;
  const text = `${JSON.stringify({ ...present, ...change }, null, 2)}\n`;
  const temporary = vscode.Uri.joinPath(folder, `run.json.${crypto.randomUUID().slice(0, 8)}.tmp`);
  await vscode.workspace.fs.writeFile(temporary, new TextEncoder().encode(text));
  await vscode.workspace.fs.rename(temporary, file, { overwrite: true });
}
