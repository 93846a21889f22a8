import type * as vscode from 'vscode';
import type { EditorModels } from './editorModels';
import type { LanguageServer } from './languageClient/languageServer';
import type { ModelStore } from './modelStore';
import type { PanelHost } from './panels/panel';
import type { RunCatalogue } from './runs';
import type { Compute } from './sidecar/compute';
import type { Training } from './training';

/** What does the work in every extension host, for panels and commands alike; knows neither. */
export interface Services extends PanelHost {
  readonly extension: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly server: LanguageServer;
  readonly models: ModelStore;
  readonly editor: EditorModels;
}

/** What does the work where processes can be started. */
export interface ComputeServices extends Services {
  readonly compute: Compute;
  readonly runs: RunCatalogue;
  readonly training: Training;
}
