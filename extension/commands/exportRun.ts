import * as vscode from 'vscode';
import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { runMeant } from '../runPick';

/** Copies a run's model, in the tfjs layers format, to a folder of its own anywhere. */
export async function exportRun(context: ComputeContext, argument?: unknown): Promise<void> {
  const stored = await runMeant(context, argument, {
    title: 'Export the model of which run?',
    accepts: ({ hasModel }) => hasModel,
    why: 'has a model once its first epoch is over.',
  });
  if (!stored) return;
  const [parent] =
    (await vscode.window.showOpenDialog({
      title: `Where should a folder with the model ${stored.run.model} be made?`,
      openLabel: 'Export Here',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!parent) return;
  const target = vscode.Uri.joinPath(parent, stored.run.model.replace(/[^\w.-]+/g, '_') || 'model');
  await copyModel(vscode.Uri.joinPath(stored.folder, 'checkpoint'), target);
  context.reporter.show(
    'information',
    `The model is in ${target.fsPath}. tf.loadLayersModel opens its model.json.`,
    [{ title: 'Reveal', run: () => vscode.commands.executeCommand('revealFileInOS', target) }],
  );
}

/** `model.json` and the weights it names; not what only training needs. Never over something that is there. */
export async function copyModel(checkpoint: vscode.Uri, target: vscode.Uri): Promise<void> {
  const exists = await vscode.workspace.fs.stat(target).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw new UserFacingError(`${target.fsPath} exists already. Choose another folder, or remove it first.`);
  }
  const modelJson = vscode.Uri.joinPath(checkpoint, 'model.json');
  const { weightsManifest = [] } = JSON.parse(
    new TextDecoder().decode(await vscode.workspace.fs.readFile(modelJson)),
  ) as { weightsManifest?: { paths: string[] }[] };
  // Names alone: a path that leaves the folder is none that Layerwise wrote.
  const names = weightsManifest
    .flatMap(({ paths }) => paths)
    .filter((name) => /^[\w.-]+$/.test(name) && !name.startsWith('.'));
  await vscode.workspace.fs.createDirectory(target);
  for (const name of ['model.json', ...names]) {
    await vscode.workspace.fs.copy(vscode.Uri.joinPath(checkpoint, name), vscode.Uri.joinPath(target, name), {
      overwrite: false,
    });
  }
}
