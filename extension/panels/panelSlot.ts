import * as vscode from 'vscode';
import { Disposable } from '../disposable';
import { createPanel, type PanelHost, type PanelName, panelViewType } from './panel';

interface SlotPanel extends vscode.Disposable {
  readonly onDidDispose: vscode.Event<void>;
  reveal(): void;
}

/** The place of the one panel of its kind: opened when it is needed, taken over from the last window after a reload. */
export class PanelSlot<P extends SlotPanel> extends Disposable {
  current: P | undefined;
  private readonly adopted = this.register(new vscode.EventEmitter<P>());
  /** A panel was opened, or taken over from the last window. */
  readonly onDidOpen = this.adopted.event;

  /** `restore` makes the panel show what was last shown; undefined when that is not known any more. */
  constructor(
    private readonly host: PanelHost,
    private readonly name: PanelName,
    restore: (panel: vscode.WebviewPanel) => P | undefined | Promise<P | undefined>,
  ) {
    super();
    this.register(
      vscode.window.registerWebviewPanelSerializer(panelViewType(name), {
        deserializeWebviewPanel: async (panel) => {
          const restored = this.current ? undefined : await restore(panel);
          // A command may have opened another meanwhile.
          if (restored && !this.current) this.adopt(restored);
          else panel.dispose();
        },
      }),
    );
  }

  /** Shows the panel that there is, or makes one beside the code. */
  open(title: string, create: (panel: vscode.WebviewPanel) => P): P {
    if (this.current) {
      this.current.reveal();
      return this.current;
    }
    // Tabs of the last window that nobody has looked at since: VS Code would give them to us only then.
    const unseen = tabsOf(this.name);
    const panel = this.adopt(create(createPanel(this.host, this.name, title)));
    void vscode.window.tabGroups.close(unseen, true);
    return panel;
  }

  private adopt(panel: P): P {
    this.current = panel;
    panel.onDidDispose(() => {
      if (this.current === panel) this.current = undefined;
    });
    this.adopted.fire(panel);
    return panel;
  }

  override dispose(): void {
    this.current?.dispose();
    super.dispose();
  }
}

function tabsOf(name: PanelName): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      // VS Code puts a prefix before the type.
      ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(panelViewType(name)),
    );
}
