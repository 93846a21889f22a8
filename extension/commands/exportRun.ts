import * as vscode from 'vscode';
import { memoryText } from '../../model-graph/trainingMemory';
import { describeCheck } from '../../protocol/sidecar';
import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { runMeant } from '../runPick';
import type { StoredRun } from '../runs';
import { requireTrust } from '../trust';

/** Writes a run's model where the user wants it: in the tfjs layers format, or as ONNX. */
export async function exportRun(context: ComputeContext, argument?: unknown): Promise<void> {
  const stored = await runMeant(context, argument, {
    title: 'Export the model of which run?',
    accepts: ({ hasModel }) => hasModel,
    why: 'has a model once its first epoch is over.',
  });
  if (!stored) return;
  const format = await pickFormat(stored);
  if (format === 'tfjs') await exportAsLayers(context, stored);
  else if (format === 'onnx') await exportAsOnnx(context, stored);
}

interface FormatItem extends vscode.QuickPickItem {
  format: 'tfjs' | 'onnx';
}

async function pickFormat({ run }: StoredRun): Promise<FormatItem['format'] | undefined> {
  const items: FormatItem[] = [
    {
      label: '$(folder) TensorFlow.js',
      description: 'a folder with model.json and weights',
      detail: 'For tf.loadLayersModel, in browsers and Node.js',
      format: 'tfjs',
    },
    {
      label: '$(file-binary) ONNX',
      description: 'one .onnx file',
      detail: 'For onnxruntime and other frameworks; compared with TensorFlow.js before it is kept',
      format: 'onnx',
    },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: `Export ${run.model} in which format?` });
  return picked?.format;
}

async function exportAsLayers(context: ComputeContext, stored: StoredRun): Promise<void> {
  const [parent] =
    (await vscode.window.showOpenDialog({
      title: `Where should a folder with the model ${stored.run.model} be made?`,
      openLabel: 'Export Here',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!parent) return;
  const target = vscode.Uri.joinPath(parent, fileNameOf(stored));
  await copyModel(vscode.Uri.joinPath(stored.folder, 'checkpoint'), target);
  context.reporter.show(
    'information',
    `The model is in ${target.fsPath}. tf.loadLayersModel opens its model.json.`,
    [{ title: 'Reveal', run: () => vscode.commands.executeCommand('revealFileInOS', target) }],
  );
}

async function exportAsOnnx(context: ComputeContext, stored: StoredRun): Promise<void> {
  requireTrust('Exporting');
  const parent = vscode.workspace.workspaceFolders?.[0]?.uri ?? stored.folder;
  const target = await vscode.window.showSaveDialog({
    title: `Export the model ${stored.run.model} as ONNX`,
    saveLabel: 'Export',
    defaultUri: vscode.Uri.joinPath(parent, `${fileNameOf(stored)}.onnx`),
    filters: { ONNX: ['onnx'] },
  });
  if (!target) return;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Exporting ${stored.run.model}`,
    cancellable: true,
  };
  const params = { modelPath: stored.folder.fsPath, target: target.fsPath, overwrite: true };
  const result = await vscode.window.withProgress(options, async (progress, token) => {
    try {
      const { exporting } = await context.compute.request('modelMemory', { modelPath: params.modelPath });
      progress.report({ message: `It takes of memory up to ${memoryText(exporting)}.` });
      return await context.compute.request('exportModel', params, token);
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    }
  });
  if (!result) return;
  context.log.info(`${target.fsPath}: ${result.inputs.join(', ')} → ${result.outputs.join(', ')}`);
  context.reporter.show('information', `The model is in ${target.fsPath}. ${describeCheck(result.check)}`, [
    { title: 'Show', run: () => vscode.commands.executeCommand('vscode.open', target) },
    { title: 'Reveal', run: () => vscode.commands.executeCommand('revealFileInOS', target) },
  ]);
}

function fileNameOf({ run }: StoredRun): string {
  return run.model.replace(/[^\w.-]+/g, '_') || 'model';
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
