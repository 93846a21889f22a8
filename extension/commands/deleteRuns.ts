import * as vscode from 'vscode';
import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { describeRun, runsMeant } from '../runPick';

/** Moves runs to the trash, once people said yes. */
export async function deleteRuns(
  context: ComputeContext,
  argument?: unknown,
  selected?: unknown,
): Promise<void> {
  const runs = await runsMeant(context, argument, selected, { title: 'Delete which runs?' });
  const [first] = runs;
  if (!first) return;
  const busy = runs.find(({ status }) => status === 'running');
  if (busy) {
    throw new UserFacingError(
      `${describeRun(busy)} is still training. Cancel it first.`,
      [{ title: 'Cancel Training', run: () => vscode.commands.executeCommand('layerwise.cancelTraining') }],
      'warning',
    );
  }
  const what = runs.length === 1 ? describeRun(first) : `${runs.length} runs`;
  const trash = 'Move to Trash';
  const answer = await vscode.window.showWarningMessage(
    `Delete ${what.replace(/^The/, 'the')}?`,
    {
      modal: true,
      detail: `${runs.length === 1 ? 'Its folder goes' : 'Their folders go'} to the trash, with the trained model and its metrics.`,
    },
    trash,
  );
  if (answer !== trash) return;
  try {
    for (const { folder } of runs) await remove(folder);
  } finally {
    context.runs.refresh();
  }
}

/** A remote machine may have no trash: then people are asked again. */
async function remove(folder: vscode.Uri): Promise<void> {
  try {
    await vscode.workspace.fs.delete(folder, { recursive: true, useTrash: true });
  } catch (error) {
    const forever = 'Delete Permanently';
    const answer = await vscode.window.showWarningMessage(
      `${folder.fsPath} cannot be moved to the trash (${(error as Error).message}).`,
      { modal: true, detail: 'Deleted permanently, it cannot be had back.' },
      forever,
    );
    if (answer === forever) await vscode.workspace.fs.delete(folder, { recursive: true, useTrash: false });
  }
}
