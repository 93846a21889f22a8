import * as vscode from 'vscode';
import type { z } from 'zod';
import { createNonce, webviewHtml } from '../../webview/shell';
import { Disposable } from '../disposable';
import { describeInvalid, type ErrorReporter } from '../errors';

export type PanelName = 'diagram' | 'training' | 'classify' | 'comparison';

/** What every panel needs from the extension. */
export interface PanelHost {
  readonly extensionUri: vscode.Uri;
  readonly reporter: ErrorReporter;
}

export function panelViewType(name: PanelName): string {
  return `layerwise.${name}`;
}

function webviewFolder(host: PanelHost): vscode.Uri {
  return vscode.Uri.joinPath(host.extensionUri, 'dist', 'webview');
}

/** A webview may run our scripts and load our built files: no other folder, no network. */
function webviewOptions(host: PanelHost): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [webviewFolder(host)] };
}

/** The column of a panel of ours, where the next one belongs too, else one beside the code. */
function panelColumn(): vscode.ViewColumn {
  const ours = vscode.window.tabGroups.all.find(({ tabs }) =>
    // VS Code puts a prefix before the type.
    tabs.some(
      ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('layerwise.'),
    ),
  );
  return ours?.viewColumn ?? vscode.ViewColumn.Beside;
}

/** Opens a panel beside the code without taking the focus from it. */
export function createPanel(host: PanelHost, name: PanelName, title: string): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(
    panelViewType(name),
    title,
    { viewColumn: panelColumn(), preserveFocus: true },
    { ...webviewOptions(host), enableFindWidget: true },
  );
}

/**
 * One webview panel. A hidden webview is thrown away and built anew when it is shown again, so nothing is posted before
 * it says `ready`, and then everything it has to know is in `snapshot()`: later messages only bring that up to date.
 */
export abstract class Panel<To extends { type: string }, From extends { type: string }> extends Disposable {
  private isReady = false;
  private readonly waiting: (() => void)[] = [];
  private readonly disposal = this.register(new vscode.EventEmitter<void>());
  readonly onDidDispose = this.disposal.event;

  protected constructor(
    protected readonly host: PanelHost,
    protected readonly panel: vscode.WebviewPanel,
    private readonly name: PanelName,
    private readonly schema: z.ZodType<From | { type: 'ready' }>,
  ) {
    super();
    this.register(panel.onDidDispose(() => this.dispose()));
    this.register(
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.isReady = false;
      }),
    );
    const receive = host.reporter.command('Layerwise', (message: unknown) => this.receive(message));
    this.register(panel.webview.onDidReceiveMessage(receive));
  }

  /** Loads the page. Called at the end of the subclass's constructor, when it can answer `ready`. */
  protected load(): void {
    const folder = webviewFolder(this.host);
    const { webview } = this.panel;
    const asset = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
    webview.options = webviewOptions(this.host);
    this.panel.iconPath = vscode.Uri.joinPath(this.host.extensionUri, 'media', 'icon.png');
    webview.html = webviewHtml({
      cspSource: webview.cspSource,
      nonce: createNonce(),
      scriptUri: asset(`${this.name}.js`),
      styleUri: asset(`${this.name}.css`),
      title: this.panel.title,
    });
  }

  /** Everything the webview has to know to show the present state, in order. */
  protected abstract snapshot(): To[];
  protected abstract handle(message: From): unknown;

  /** Sends a message if the webview listens. If it does not, the snapshot it gets later has the same facts. */
  protected post(message: To): void {
    if (this.isReady && !this.isDisposed) void this.panel.webview.postMessage(message);
  }

  protected set title(title: string) {
    if (this.panel.title !== title) this.panel.title = title;
  }

  get isVisible(): boolean {
    return !this.isDisposed && this.panel.visible;
  }

  /** People work in it. */
  get isActive(): boolean {
    return !this.isDisposed && this.panel.active;
  }

  /** When the webview listens and has been told everything. */
  whenReady(): Promise<void> {
    return this.isReady ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  get viewColumn(): vscode.ViewColumn | undefined {
    return this.panel.viewColumn;
  }

  /** Brings the panel to the front where it is. */
  reveal(): void {
    if (!this.panel.visible) this.panel.reveal(undefined, true);
  }

  private receive(message: unknown): unknown {
    const parsed = this.schema.safeParse(message);
    if (!parsed.success) {
      this.host.reporter.note(`The ${this.name} panel`, describeInvalid('Its message', parsed.error));
      return undefined;
    }
    if (parsed.data.type !== 'ready') return this.handle(parsed.data as From);
    this.isReady = true;
    for (const known of this.snapshot()) this.post(known);
    for (const resolve of this.waiting.splice(0)) resolve();
    return undefined;
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.disposal.fire();
    super.dispose();
    this.panel.dispose();
  }
}
