import * as vscode from 'vscode';
import type { RunFile, RunStatus } from '../protocol/sidecar';
import { Disposable } from './disposable';
import { runsFolderOf } from './runFolder';
import { hasFile, isResumable, readRunFile, statusOf } from './storedRun';

/** A training run on disk. */
export interface StoredRun {
  folder: vscode.Uri;
  run: RunFile;
  status: RunStatus;
  /** It holds a model that can be used. */
  hasModel: boolean;
  /** It can be gone on with. */
  resumable: boolean;
}

/** A trained model on disk. */
export interface TrainedModel {
  /** The run's folder. */
  folder: vscode.Uri;
  /** True for the checkpoint that comes with Layerwise. */
  bundled: boolean;
  run: RunFile;
}

/** Reading more would only make a list that nobody reads to the end. */
const maximumRuns = 200;
const rememberedKey = 'layerwise.runFolders';
/** Changes come in swarms: a checkpoint is several files. */
const settleMilliseconds = 250;

/** The training runs that there are, and when that changes. */
export class RunCatalogue extends Disposable {
  private readonly changed = this.register(new vscode.EventEmitter<void>());
  /** A run was made, changed or removed. */
  readonly onDidChange = this.changed.event;
  private watchers: vscode.Disposable[] = [];
  private settling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly memory: vscode.Memento,
  ) {
    super();
    this.watch();
    this.register(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.watch();
        this.refresh();
      }),
    );
  }

  /** Tells that the runs may have changed, once a swarm of changes is over. */
  refresh(): void {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.changed.fire(), settleMilliseconds);
  }

  /** All runs of the workspace, newest first, whatever became of them. */
  async all(): Promise<StoredRun[]> {
    const found = (await Promise.all(this.roots().map((folder) => runsOf(folder)))).flat();
    return found.sort((a, b) => b.run.createdAt.localeCompare(a.run.createdAt));
  }

  /** The models that can be used: runs of the workspace, newest first, then the one that comes with Layerwise. */
  async list(): Promise<TrainedModel[]> {
    const usable = (await this.all()).filter(({ hasModel }) => hasModel);
    const models = usable.map(({ folder, run }) => ({ folder, run, bundled: false }));
    const bundled = await this.bundled();
    return bundled ? [...models, bundled] : models;
  }

  /** LeNet-5, trained on the bundled digits. */
  async bundled(): Promise<TrainedModel | undefined> {
    const folder = vscode.Uri.joinPath(this.extensionUri, 'media', 'models', 'lenet5-mnist');
    const found = await readStored(folder);
    return found?.hasModel ? { folder, run: found.run, bundled: true } : undefined;
  }

  /** Makes a folder outside of the workspace one where runs are looked for. */
  async remember(folder: vscode.Uri): Promise<void> {
    const others = this.memory.get<string[]>(rememberedKey, []).filter((uri) => uri !== folder.toString());
    await this.memory.update(rememberedKey, [folder.toString(), ...others].slice(0, 5));
    this.watch();
    this.refresh();
  }

  /** Folders that may hold `.layerwise/runs`. */
  private roots(): vscode.Uri[] {
    const roots = [
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri),
      ...this.memory.get<string[]>(rememberedKey, []).map((uri) => vscode.Uri.parse(uri)),
    ].filter(({ scheme }) => scheme === 'file');
    return [...new Map(roots.map((uri) => [uri.toString(), uri])).values()];
  }

  private watch(): void {
    for (const watcher of this.watchers.splice(0)) watcher.dispose();
    for (const root of this.roots()) {
      for (const pattern of [
        '.layerwise/runs/*/run.json',
        '.layerwise/runs/*',
        '.layerwise/runs',
        '.layerwise',
      ]) {
        const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(root, pattern));
        const refresh = () => this.refresh();
        this.watchers.push(
          watcher,
          watcher.onDidCreate(refresh),
          watcher.onDidChange(refresh),
          watcher.onDidDelete(refresh),
        );
      }
    }
  }

  override dispose(): void {
    clearTimeout(this.settling);
    for (const watcher of this.watchers.splice(0)) watcher.dispose();
    super.dispose();
  }
}

async function runsOf(root: vscode.Uri): Promise<StoredRun[]> {
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
  const runs = await Promise.all(newest.map((name) => readStored(vscode.Uri.joinPath(folder, name))));
  return runs.filter((run) => run !== undefined);
}

/** Undefined for a folder that holds no run that is understood. */
export async function readStored(folder: vscode.Uri): Promise<StoredRun | undefined> {
  try {
    const run = await readRunFile(folder);
    const [status, hasModel, resumable] = await Promise.all([
      statusOf(run),
      hasFile(folder, 'checkpoint', 'model.json'),
      isResumable(folder),
    ]);
    return { folder, run, status, hasModel, resumable };
  } catch {
    return undefined;
  }
}

/** What people call a run: its own name, else when it was made. */
export function runName(run: Pick<RunFile, 'name' | 'createdAt'>): string {
  return (
    run.name ?? new Date(run.createdAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  );
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

/** Its accuracy, else its loss; undefined before the first epoch is over. */
export function resultOf(run: RunFile): string | undefined {
  const accuracy = accuracyOf(run);
  if (accuracy !== undefined) return accuracy;
  const last = run.epochs.at(-1);
  const loss = run.test?.loss ?? last?.validationLoss ?? last?.loss;
  if (loss === undefined) return undefined;
  const what = run.test ? 'test' : last?.validationLoss === undefined ? 'training' : 'validation';
  return `${loss.toPrecision(3)} ${what} loss`;
}
