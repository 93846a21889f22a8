import * as vscode from 'vscode';
import { Disposable } from '../disposable';
import type { Compute } from './compute';

/** Where training and classification compute; there from the first start of the compute process on. */
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
  }

  private update(): void {
    const { item } = this;
    const [text, tooltip] = this.describe();
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: tooltip };
    item.show();
  }

  private describe(): [text: string, tooltip: string] {
    const { state, backend, pid } = this.compute;
    switch (state) {
      case 'starting':
        return ['$(loading~spin) Layerwise', 'The compute process of Layerwise is starting.'];
      case 'running':
        return [
          `$(circuit-board) ${backend?.backend ?? 'Layerwise'}`,
          `Layerwise computes with ${backend?.description}, in process ${pid}.`,
        ];
      case 'stopped':
        return [
          '$(debug-disconnect) Layerwise',
          'The compute process of Layerwise does not run. The next training or classification starts it.',
        ];
    }
  }
}
