import * as vscode from 'vscode';
import type { ComputeContext } from '../context';
import { runMeant } from '../runPick';

/** Shows a run's folder: in the Explorer view where it belongs to the workspace, else in the system's own. */
export async function revealRun(context: ComputeContext, argument?: unknown): Promise<void> {
  const stored = await runMeant(context, argument, { title: 'Reveal which run?' });
  if (!stored) return;
  const isOurs = vscode.workspace.getWorkspaceFolder(stored.folder);
  await vscode.commands.executeCommand(isOurs ? 'revealInExplorer' : 'revealFileInOS', stored.folder);
}
