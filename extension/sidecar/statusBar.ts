import * as vscode from 'vscode';
import { Disposable } from '../disposable';
import { formatBytes } from './backendReport';
import type { Compute } from './compute';

/** What computes, and how much memory that takes; there from the first start of the compute process on. */
export class ComputeStatusItem extends Disposable {
  private readonly item: vscode.StatusBarItem;

  constructor(private readonly compute: Compute) {
    super();
    this.item = this.register(
      vscode.window.createStatusBarItem('layerwise.compute', vscode.StatusBarAlignment.Right, 90),
    );
    this.item.name = 'Layerwise Compute Process';
    this.item.command = 'layerwise.showBackend';
    this.register(compute.onDidChangeState(() => this.update()));
    this.register(compute.onDidChangeMemory(() => this.update()));
  }

  private update(): void {
    const { item } = this;
    const { text, tooltip, isWarning } = this.describe();
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: tooltip };
    item.backgroundColor = isWarning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  }

  private describe(): { text: string; tooltip: string; isWarning?: boolean } {
    const { state, backend, memory, pid } = this.compute;
    if (state === 'starting')
      return { text: '$(loading~spin) Layerwise', tooltip: 'The compute process of Layerwise is starting.' };
    if (state === 'stopped' || !backend) {
      return {
        text: '$(debug-disconnect) Layerwise',
        tooltip:
          'The compute process of Layerwise does not run. The next training or classification starts it.',
      };
    }
    return {
      text: `$(circuit-board) ${backend.backend}${memory ? ` ${formatBytes(memory.processBytes)}` : ''}`,
      tooltip: [
        `Layerwise computes with ${backend.description}`,
        `Device: ${backend.device}`,
        ...(memory
          ? [`Memory: ${formatBytes(memory.processBytes)}, of it tensors ${formatBytes(memory.tensorBytes)}`]
          : []),
        `Process: ${pid}`,
        ...(backend.warning ? [backend.warning] : []),
      ].join('\n'),
      isWarning: backend.warning !== undefined,
    };
  }
}
