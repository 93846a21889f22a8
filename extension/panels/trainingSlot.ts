import type * as vscode from 'vscode';
import type { PanelHost } from './panel';
import { PanelSlot } from './panelSlot';
import type { TrainingPanel } from './trainingPanel';

/** The place of the training panel, which knows by itself what it showed last. */
export class TrainingSlot extends PanelSlot<TrainingPanel> {
  constructor(
    host: PanelHost,
    private readonly create: (panel: vscode.WebviewPanel) => TrainingPanel,
  ) {
    super(host, 'training', create);
  }

  /** The panel that there is, or a new one. */
  show(): TrainingPanel {
    return this.open('Training', this.create);
  }
}
