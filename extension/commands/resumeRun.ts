import * as vscode from 'vscode';
import type { ComputeContext } from '../context';
import { runMeant } from '../runPick';
import { runName, type StoredRun } from '../runs';
import { requireTrust } from '../trust';
import { refuseSecondTraining, reportEnd } from './trainModel';

/** Goes on with a run from its last checkpoint. One that is finished can be trained for more epochs. */
export async function resumeRun(context: ComputeContext, argument?: unknown): Promise<void> {
  requireTrust('Training');
  refuseSecondTraining(context);
  const stored = await runMeant(context, argument, {
    title: 'Resume which run?',
    accepts: ({ resumable, status }) => resumable && status !== 'running',
    why: 'can be resumed when its training is over and it has a checkpoint.',
  });
  if (!stored) return;
  const epochs = isDone(stored) ? await askForEpochs(stored) : undefined;
  if (isDone(stored) && epochs === undefined) return;
  refuseSecondTraining(context);
  const ended = context.training.resume(stored.folder, epochs);
  context.trainingPanel.show().showLatest();
  void ended.then(
    () => reportEnd(context),
    (error) => context.reporter.report('Resume Run', error),
  );
}

function isDone({ run }: StoredRun): boolean {
  return run.epochs.length >= run.options.epochs;
}

async function askForEpochs({ run }: StoredRun): Promise<number | undefined> {
  const done = run.epochs.length;
  const more = await vscode.window.showInputBox({
    title: `Train "${runName(run)}" further`,
    prompt: `It has been trained for ${done} epochs. Up to how many?`,
    value: String(done + run.options.epochs),
    validateInput: (text) =>
      Number.isSafeInteger(Number(text)) && Number(text) > done ? undefined : `A whole number above ${done}.`,
  });
  return more === undefined ? undefined : Number(more);
}
