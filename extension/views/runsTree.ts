import * as vscode from 'vscode';
import type { RunStatus } from '../../protocol/sidecar';
import { Disposable } from '../disposable';
import { type RunCatalogue, resultOf, runName, type StoredRun } from '../runs';
import type { Training } from '../training';

/** A model with its runs, or one of these. */
export type RunsNode = ModelNode | RunNode;

interface ModelNode {
  kind: 'model';
  name: string;
  runs: StoredRun[];
}

export interface RunNode {
  kind: 'run';
  stored: StoredRun;
}

/** One run of a selection, or several. What VS Code gives a command of the view. */
export function runsOfArguments(node: unknown, selected: unknown): StoredRun[] {
  const nodes = Array.isArray(selected) && selected.length > 0 ? selected : [node];
  const runs = nodes.flatMap((one) => {
    if (typeof one !== 'object' || one === null || !('kind' in one)) return [];
    const known = one as RunsNode;
    return known.kind === 'run' ? [known.stored] : known.runs;
  });
  return [...new Map(runs.map((run) => [run.folder.toString(), run])).values()];
}

const icons: Record<RunStatus, { icon: string; color?: string; words: string }> = {
  running: { icon: 'sync~spin', words: 'training' },
  finished: { icon: 'pass', color: 'testing.iconPassed', words: 'finished' },
  cancelled: { icon: 'circle-slash', words: 'stopped' },
  interrupted: { icon: 'debug-disconnect', color: 'list.warningForeground', words: 'interrupted' },
  failed: { icon: 'error', color: 'list.errorForeground', words: 'failed' },
};

/** "Layerwise Runs": the trainings of this workspace by model, newest first. */
export class RunsTree extends Disposable implements vscode.TreeDataProvider<RunsNode> {
  private readonly changed = this.register(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<RunsNode>;

  constructor(
    private readonly runs: RunCatalogue,
    private readonly training: Training,
  ) {
    super();
    this.view = this.register(
      vscode.window.createTreeView<RunsNode>('layerwise.runs', {
        treeDataProvider: this,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.register(runs.onDidChange(() => this.changed.fire(undefined)));
    // The file says what is done; that a process is at it, or just ended, is known here first.
    this.register(
      training.onDidChange((change) => {
        if (change.kind === 'state' || change.event.kind !== 'batch') runs.refresh();
      }),
    );
  }

  /** What is selected in the view. */
  get selection(): readonly RunsNode[] {
    return this.view.selection;
  }

  async getChildren(node?: RunsNode): Promise<RunsNode[]> {
    if (node?.kind === 'run') return [];
    if (node) return node.runs.map((stored) => ({ kind: 'run', stored }));
    const models = new Map<string, StoredRun[]>();
    for (const stored of await this.runs.all()) {
      const others = models.get(stored.run.model) ?? [];
      models.set(stored.run.model, [...others, stored]);
    }
    return [...models].map(([name, runs]) => ({ kind: 'model', name, runs }));
  }

  getTreeItem(node: RunsNode): vscode.TreeItem {
    return node.kind === 'model' ? modelItem(node) : this.runItem(node.stored);
  }

  private runItem(stored: StoredRun): vscode.TreeItem {
    const { folder, run, resumable, hasModel } = stored;
    const status = folder.fsPath === this.training.runningFolder ? 'running' : stored.status;
    const { icon, color, words } = icons[status];
    const name = runName(run);
    const item = new vscode.TreeItem(name);
    item.id = folder.toString();
    item.iconPath = new vscode.ThemeIcon(
      icon,
      color === undefined ? undefined : new vscode.ThemeColor(color),
    );
    const result = resultOf(run);
    const progress = `${run.epochs.length}/${run.options.epochs} epochs`;
    item.description = [result, status === 'finished' ? undefined : `${words}, ${progress}`]
      .filter(Boolean)
      .join(' · ');
    item.tooltip = tooltipOf(stored, status);
    item.accessibilityInformation = {
      label: [`Run ${name} of ${run.model}`, words, result, progress, run.data.description]
        .filter(Boolean)
        .join(', '),
    };
    const canResume = resumable && status !== 'running' && status !== 'finished';
    item.contextValue = [
      'run',
      status,
      ...(canResume ? ['resumable'] : []),
      ...(hasModel ? ['usable'] : []),
    ].join(' ');
    item.command = { command: 'layerwise.showRun', title: 'Show Run', arguments: [{ kind: 'run', stored }] };
    return item;
  }
}

function modelItem({ name, runs }: ModelNode): vscode.TreeItem {
  const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Expanded);
  const count = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`;
  item.id = `model ${name}`;
  item.iconPath = new vscode.ThemeIcon('type-hierarchy');
  item.description = count;
  item.contextValue = 'model';
  item.accessibilityInformation = { label: `Model ${name}, ${count}` };
  return item;
}

function tooltipOf({ folder, run }: StoredRun, status: RunStatus): vscode.MarkdownString {
  const { options } = run;
  const rows: [string, string | undefined][] = [
    ['Result', resultOf(run)],
    ['Status', `${icons[status].words}, ${run.epochs.length} of ${options.epochs} epochs`],
    ['Data', run.data.description],
    ['Options', `batch size ${options.batchSize}, seed ${options.seed}`],
    ['Computed by', run.backend],
    ['Started', new Date(run.createdAt).toLocaleString()],
    ['Error', run.error],
    ['Folder', vscode.workspace.asRelativePath(folder)],
  ];
  const tooltip = new vscode.MarkdownString();
  tooltip.appendMarkdown('**');
  tooltip.appendText(run.model);
  tooltip.appendMarkdown('**\n\n| | |\n| --- | --- |\n');
  for (const [what, value] of rows) {
    if (value === undefined) continue;
    tooltip.appendMarkdown(`| ${what} | ${escapeCell(value)} |\n`);
  }
  return tooltip;
}

/** Text of files may hold anything; in a cell it must stay text. */
function escapeCell(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-!|<>~&]/g, '\\$&').replace(/\s+/g, ' ');
}
