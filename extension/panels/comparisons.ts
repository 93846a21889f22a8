import type * as vscode from 'vscode';
import { z } from 'zod';
import { type ModelSource, modelSource } from '../comparison/modelSource';
import type { ModelReaders } from '../comparison/readModel';
import { Disposable } from '../disposable';
import { type ComparisonActions, ComparisonPanel } from './comparisonPanel';
import type { PanelHost } from './panel';
import { PanelSlot } from './panelSlot';

const sourcesKey = 'layerwise.comparison';

/** The comparison panel, and the memory of what it compared. */
export class Comparisons extends Disposable {
  private readonly slot: PanelSlot<ComparisonPanel>;

  constructor(
    private readonly host: PanelHost,
    private readonly readers: ModelReaders,
    private readonly memory: vscode.Memento,
    private readonly actions: ComparisonActions,
  ) {
    super();
    this.slot = this.register(
      new PanelSlot(host, 'comparison', (panel) => {
        const last = z.array(modelSource).safeParse(memory.get(sourcesKey));
        return last.success && last.data.length > 0 ? this.create(panel, last.data) : undefined;
      }),
    );
  }

  /** What the open panel compares; empty while there is none. */
  get sources(): ModelSource[] {
    return this.slot.current?.sources ?? [];
  }

  /** Compares these and nothing else. */
  compare(sources: ModelSource[]): void {
    const isOpen = this.slot.current !== undefined;
    const panel = this.slot.open('Comparison', (created) => this.create(created, sources));
    if (isOpen) panel.compare(sources);
    else this.remember(sources);
  }

  private create(panel: vscode.WebviewPanel, sources: ModelSource[]): ComparisonPanel {
    const comparison = new ComparisonPanel(this.host, panel, this.readers, this.actions, sources);
    comparison.onDidChangeSources((changed) => this.remember(changed));
    return comparison;
  }

  private remember(sources: ModelSource[]): void {
    void this.memory
      .update(sourcesKey, sources)
      .then(undefined, (error) => this.host.reporter.note('Remembering the comparison', error));
  }
}
