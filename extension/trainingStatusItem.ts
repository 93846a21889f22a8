import * as vscode from 'vscode';
import type { TrainingEvent } from '../protocol/sidecar';
import { Disposable } from './disposable';
import { durationText, lossText } from './text';
import type { Training } from './training';
import { isFinal } from './trainingRecord';

/** How long the end of a training stays in the status bar, in milliseconds. */
const afterglow = 15_000;

/** Progress of the training under way. A click shows the panel; the tooltip can cancel. */
export class TrainingStatusItem extends Disposable {
  private readonly item: vscode.StatusBarItem;
  private hiding: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly training: Training) {
    super();
    this.item = this.register(
      vscode.window.createStatusBarItem('layerwise.training', vscode.StatusBarAlignment.Left, 10),
    );
    this.item.name = 'Layerwise Training';
    this.item.command = 'layerwise.showTraining';
    this.register(
      training.onDidChange((change) =>
        change.kind === 'event' ? this.showEvent(change.event) : this.showPhase(),
      ),
    );
  }

  private showPhase(): void {
    const { latest } = this.training;
    if (!latest) return;
    const { phase, modelName } = latest.state;
    clearTimeout(this.hiding);
    if (isFinal(phase)) {
      this.item.text = `$(${phase === 'finished' ? 'check' : phase === 'cancelled' ? 'circle-slash' : 'error'}) Layerwise: ${phase}`;
      this.item.tooltip = `${modelName}: training ${phase}.`;
      this.hiding = setTimeout(() => this.item.hide(), afterglow);
    } else {
      this.item.text = `$(sync~spin) Layerwise: ${phase === 'running' ? 'training' : phase}`;
      this.item.tooltip = this.tooltip(modelName);
    }
    this.item.show();
  }

  private showEvent(event: TrainingEvent): void {
    const { latest } = this.training;
    if (event.kind !== 'batch' || latest?.state.phase !== 'running') return;
    const { epochs } = latest.state.options;
    this.item.text = `$(sync~spin) Layerwise: epoch ${event.epoch}/${epochs} · loss ${lossText(event.loss)}`;
    this.item.tooltip = this.tooltip(latest.state.modelName, event);
  }

  private tooltip(
    modelName: string,
    batch?: Extract<TrainingEvent, { kind: 'batch' }>,
  ): vscode.MarkdownString {
    const tooltip = new vscode.MarkdownString(undefined, true);
    tooltip.isTrusted = { enabledCommands: ['layerwise.showTraining', 'layerwise.cancelTraining'] };
    tooltip.appendMarkdown('Layerwise trains ');
    tooltip.appendText(modelName);
    if (batch) {
      const rate = Math.round(batch.examplesPerSecond).toLocaleString('en-US');
      tooltip.appendMarkdown(`  \n${rate} examples/s, about ${durationText(batch.secondsLeft)} left`);
    }
    tooltip.appendMarkdown(
      '\n\n[$(graph-line) Show](command:layerwise.showTraining) &nbsp; [$(debug-stop) Cancel](command:layerwise.cancelTraining)',
    );
    return tooltip;
  }

  override dispose(): void {
    clearTimeout(this.hiding);
    super.dispose();
  }
}
