import * as vscode from 'vscode';
import { Disposable } from './disposable';
import type { ErrorReporter } from './errors';
import type { ModelStore } from './modelStore';
import { isSourceLanguage } from './tensorflowEvidence';

/** Keeps the context key `layerwise.editorHasModels` true to the active editor, and remembers which document that was. */
export class EditorModels extends Disposable {
  private last: vscode.Uri | undefined;
  private hasModels = false;

  constructor(
    private readonly models: ModelStore,
    reporter: ErrorReporter,
  ) {
    super();
    const update = reporter.background('Looking for models in the editor', () => this.update());
    this.register(vscode.window.onDidChangeActiveTextEditor(update));
    this.register(models.onDidStart(update));
    this.register(
      models.onDidChange((uri) => {
        if (uri.toString() === vscode.window.activeTextEditor?.document.uri.toString()) update();
      }),
    );
    update();
  }

  /** The source document people look at; with a drawing in front of them, the one they came from. */
  get document(): vscode.Uri | undefined {
    const active = vscode.window.activeTextEditor?.document;
    return active && isSourceLanguage(active.languageId) ? active.uri : this.last;
  }

  private async update(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document && isSourceLanguage(document.languageId)) this.last = document.uri;
    const has =
      document !== undefined &&
      isSourceLanguage(document.languageId) &&
      this.models.isServerUp &&
      (await this.models.get(document.uri)).graphs.length > 0;
    if (document !== vscode.window.activeTextEditor?.document || has === this.hasModels) return;
    this.hasModels = has;
    await vscode.commands.executeCommand('setContext', 'layerwise.editorHasModels', has);
  }
}
