import type * as vscode from 'vscode';
import type { ExampleDescription } from '../../protocol/sidecar';
import { exampleAsPicture } from '../classify/examples';
import type { ComputeContext } from '../context';
import { runMeant } from '../runPick';
import { readRunFile } from '../storedRun';
import { classifyImage } from './classifyImage';

/** Classifies pictures with a run. */
export async function classifyWithRun(context: ComputeContext, argument?: unknown): Promise<void> {
  const stored = await runMeant(context, argument, {
    title: 'Classify with which run?',
    accepts: ({ hasModel }) => hasModel,
    why: 'can classify once its first epoch is over.',
  });
  if (stored) await classifyImage(context, { modelPath: stored.folder.fsPath });
}

/** Classifies an example of the data a run was trained on, to see what each layer makes of it. */
export async function classifyExample(
  context: ComputeContext,
  folder: vscode.Uri,
  example: ExampleDescription,
): Promise<void> {
  const { data, options } = await readRunFile(folder);
  await classifyImage(context, {
    pictures: [exampleAsPicture(example, data.source, options.validationSplit, data.description)],
    modelPath: folder.fsPath,
  });
}
