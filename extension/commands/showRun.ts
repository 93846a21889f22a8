import type { ComputeContext } from '../context';
import { runMeant } from '../runPick';

/** Shows a run of the workspace: its curves, its mistakes, and what to do with it. */
export async function showRun(context: ComputeContext, argument?: unknown): Promise<void> {
  const stored = await runMeant(context, argument, { title: 'Show which run?' });
  if (stored) await context.trainingPanel.show().showRun(stored.folder);
}
