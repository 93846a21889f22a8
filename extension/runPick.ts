import * as vscode from 'vscode';
import type { ComputeContext } from './context';
import { UserFacingError } from './errors';
import { readStored, resultOf, runName, type StoredRun } from './runs';
import { baseName } from './text';
import { runsOfArguments } from './views/runsTree';

interface Choice {
  /** Of the question, where it has to be asked: `Show which run?` */
  title: string;
  /** Runs that the command makes sense for; `why` the others are none. */
  accepts?: (run: StoredRun) => boolean;
  why?: string;
}

/** The run a command is about: the one it is called with (a node of the view, a folder), else one that is picked. */
export async function runMeant(
  context: ComputeContext,
  argument: unknown,
  choice: Choice,
): Promise<StoredRun | undefined> {
  const [named] = await runsNamed(argument, undefined);
  if (!named) return (await pickRuns(context, choice, false))[0];
  if (choice.accepts && !choice.accepts(named))
    throw new UserFacingError(`${describeRun(named)} ${choice.why}`, [], 'information');
  return named;
}

/** The runs a command is about: the selection it is called with, else those that are picked. */
export async function runsMeant(
  context: ComputeContext,
  argument: unknown,
  selected: unknown,
  choice: Choice,
): Promise<StoredRun[]> {
  const named = await runsNamed(argument, selected);
  return named.length > 0 ? named : pickRuns(context, choice, true);
}

async function runsNamed(argument: unknown, selected: unknown): Promise<StoredRun[]> {
  if (!(argument instanceof vscode.Uri)) return runsOfArguments(argument, selected);
  const stored = await readStored(argument);
  if (!stored) {
    throw new UserFacingError(
      `There is no run in ${argument.fsPath} any more, or its run.json cannot be read.`,
    );
  }
  return [stored];
}

/** The runs to choose from, newest first; `except` leaves one out. */
export async function pickRuns(
  context: ComputeContext,
  { title, accepts = () => true, why = '' }: Choice,
  several: boolean,
): Promise<StoredRun[]> {
  const all = await context.runs.all();
  const runs = all.filter(accepts);
  if (runs.length === 0) {
    throw new UserFacingError(
      all.length === 0
        ? 'Nothing has been trained in this workspace yet. Open a model and run "Layerwise: Train Model".'
        : `${all.length === 1 ? 'The only run' : `None of the ${all.length} runs`} of this workspace ${all.length === 1 ? 'will not' : 'will'} do: a run ${why}`,
      [],
      'information',
    );
  }
  const items = runs.map((stored) => ({
    label: stored.run.model,
    description: runName(stored.run),
    detail: [resultOf(stored.run), stored.status, stored.run.data.description].filter(Boolean).join(' · '),
    stored,
  }));
  const options = { title, matchOnDescription: true, matchOnDetail: true };
  if (several) {
    const picked = await vscode.window.showQuickPick(items, { ...options, canPickMany: true });
    return picked?.map(({ stored }) => stored) ?? [];
  }
  const picked = await vscode.window.showQuickPick(items, options);
  return picked ? [picked.stored] : [];
}

/** `The run "Nov 22" of lenet5`. */
export function describeRun({ run, folder }: StoredRun): string {
  return `The run "${runName(run) || baseName(folder)}" of ${run.model}`;
}
