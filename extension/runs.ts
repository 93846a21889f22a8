import * as vscode from 'vscode';
import { type RunFile, runFile } from '../protocol/sidecar';
import { runsFolderOf } from './runFolder';

/** A trained model on disk. */
export interface TrainedModel {
  /** The run's folder. */
  folder: vscode.Uri;
  /** True for the checkpoint that comes with Layerwise. */
  bundled: boolean;
  run: RunFile;
}

/** Reading more would only make a list that nobody reads to the end. */
const maximumRuns = 50;
const rememberedKey = 'layerwise.runFolders';

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

/** Reads a run's folder; undefined when it holds no usable checkpoint. */
async function readRun(folder: vscode.Uri, bundled: boolean): Promise<TrainedModel | undefined> {
  try {
    const text = new TextDecoder().decode(
      await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, 'run.json')),
    );
    const run = runFile.parse(JSON.parse(text));
    if (!(await exists(vscode.Uri.joinPath(folder, 'checkpoint', 'model.json')))) return undefined;
    return { folder, bundled, run };
  } catch {
    return undefined;
  }
}

/** The trained models that there are: runs of the workspace, newest first, then the one that comes with Layerwise. */
export class RunCatalogue {
  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly memory: vscode.Memento,
  ) {}

  async list(): Promise<TrainedModel[]> {
    const roots = [
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri),
      ...this.memory.get<string[]>(rememberedKey, []).map((uri) => vscode.Uri.parse(uri)),
    ].filter(({ scheme }) => scheme === 'file');
    const distinct = [...new Map(roots.map((uri) => [uri.toString(), uri])).values()];
    const found = (await Promise.all(distinct.map((folder) => this.runsOf(folder)))).flat();
    found.sort((a, b) => b.run.createdAt.localeCompare(a.run.createdAt));
    const bundled = await this.bundled();
    return bundled ? [...found, bundled] : found;
  }

  /** LeNet-5, trained on the bundled digits. */
  bundled(): Promise<TrainedModel | undefined> {
    return readRun(vscode.Uri.joinPath(this.extensionUri, 'media', 'models', 'lenet5-mnist'), true);
  }

  /** Makes a folder outside of the workspace one where runs are looked for. */
  async remember(folder: vscode.Uri): Promise<void> {
    const others = this.memory.get<string[]>(rememberedKey, []).filter((uri) => uri !== folder.toString());
    await this.memory.update(rememberedKey, [folder.toString(), ...others].slice(0, 5));
  }

  private async runsOf(root: vscode.Uri): Promise<TrainedModel[]> {
    const folder = runsFolderOf(root);
    const entries = await vscode.workspace.fs.readDirectory(folder).then(
      (list) => list,
      () => [],
    );
    // A run's folder starts with its time.
    const newest = entries
      .filter(([, type]) => (type & vscode.FileType.Directory) !== 0)
      .map(([name]) => name)
      .sort()
      .reverse()
      .slice(0, maximumRuns);
    const runs = await Promise.all(newest.map((name) => readRun(vscode.Uri.joinPath(folder, name), false)));
    return runs.filter((run) => run !== undefined);
  }
}

/** `97.4% on the test set`, or what else is known about how good a run is. */
export function accuracyOf({ epochs, test }: RunFile): string | undefined {
  const percent = (fraction: number) => `${(100 * fraction).toFixed(1)}%`;
  if (test?.accuracy !== undefined) return `${percent(test.accuracy)} test accuracy`;
  const last = epochs.at(-1);
  if (last?.validationAccuracy !== undefined)
    return `${percent(last.validationAccuracy)} validation accuracy`;
  if (last?.accuracy !== undefined) return `${percent(last.accuracy)} training accuracy`;
  return undefined;
}
