import * as vscode from 'vscode';
import type { ExampleDescription } from '../../protocol/sidecar';
import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { encodePng } from '../png';
import { runMeant } from '../runPick';
import { classifyImage } from './classifyImage';

/** Classifies an image that is asked for with a run. */
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
  run: vscode.Uri,
  { path, thumbnail, label, part, index }: ExampleDescription,
): Promise<void> {
  if (path !== undefined) return classifyImage(context, { imagePath: path, modelPath: run.fsPath });
  if (!thumbnail) throw new UserFacingError('This example is no picture.', [], 'information');
  // Pictures of one big file have none of their own: classifying takes one.
  const folder = vscode.Uri.joinPath(context.extension.globalStorageUri, 'examples');
  const file = vscode.Uri.joinPath(folder, `${part}-${index}-${label.replace(/[^\w-]+/g, '_')}.png`);
  await vscode.workspace.fs.writeFile(file, encodePng(thumbnail));
  await classifyImage(context, { imagePath: file.fsPath, modelPath: run.fsPath });
}
