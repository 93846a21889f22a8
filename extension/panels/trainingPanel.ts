import * as vscode from 'vscode';
import { type FromTraining, fromTraining, type ToTraining } from '../../protocol/webview';
import type { Training } from '../training';
import { Panel, type PanelHost } from './panel';

type Message = Exclude<FromTraining, { type: 'ready' }>;

/** The latest training while it goes on and after. */
export class TrainingPanel extends Panel<ToTraining, Message> {
  constructor(
    host: PanelHost,
    panel: vscode.WebviewPanel,
    private readonly training: Training,
  ) {
    super(host, panel, 'training', fromTraining);
    this.register(
      training.onDidChange((change) => {
        if (change.kind === 'event') this.post({ type: 'event', event: change.event });
        else this.showState();
      }),
    );
    this.load();
    this.showState();
  }

  private showState(): void {
    const name = this.training.latest?.state.modelName;
    this.title = name ? `Training: ${name}` : 'Training';
    for (const message of this.snapshot()) this.post(message);
  }

  protected snapshot(): ToTraining[] {
    const { latest } = this.training;
    return latest ? [{ type: 'state', state: latest.state, events: latest.events }] : [];
  }

  protected handle(message: Message): unknown {
    const { latest } = this.training;
    switch (message.type) {
      case 'cancel':
        return vscode.commands.executeCommand('layerwise.cancelTraining');
      case 'trainAgain':
        return latest && vscode.commands.executeCommand('layerwise.trainModel', latest.source);
      case 'revealRun':
        return latest?.state.runFolder && revealFolder(vscode.Uri.file(latest.state.runFolder));
      case 'classifyWithRun':
        return (
          latest?.state.runFolder &&
          vscode.commands.executeCommand('layerwise.classifyImage', { modelPath: latest.state.runFolder })
        );
    }
  }
}

/** In the Explorer view where it belongs to the workspace, else in the system's own. */
function revealFolder(folder: vscode.Uri): Thenable<unknown> {
  const command = vscode.workspace.getWorkspaceFolder(folder) ? 'revealInExplorer' : 'revealFileInOS';
  return vscode.commands.executeCommand(command, folder);
}
