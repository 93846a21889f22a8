import type * as vscode from 'vscode';
import type { ListRuns } from './commands/compareModels';
import type { EditorModels } from './editorModels';
import type { ErrorReporter } from './errors';
import type { LanguageServer } from './languageClient/languageServer';
import type { ModelStore } from './modelStore';
import type { ClassifyPanel } from './panels/classifyPanel';
import type { Comparisons } from './panels/comparisons';
import type { Diagrams } from './panels/diagrams';
import type { PanelHost } from './panels/panel';
import type { PanelSlot } from './panels/panelSlot';
import type { TrainingPanel } from './panels/trainingPanel';
import type { RunCatalogue } from './runs';
import type { Compute } from './sidecar/compute';
import type { Training } from './training';

/** What there is in every extension host, for commands to work with. */
export interface LayerwiseContext extends PanelHost {
  readonly extension: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly reporter: ErrorReporter;
  readonly server: LanguageServer;
  readonly models: ModelStore;
  readonly editor: EditorModels;
  readonly diagrams: Diagrams;
  readonly comparisons: Comparisons;
  /** Absent where nothing can be trained. */
  listRuns?: ListRuns;
}

/** What there is besides where processes can be started. */
export interface ComputeContext extends LayerwiseContext {
  readonly compute: Compute;
  readonly runs: RunCatalogue;
  readonly training: Training;
  readonly trainingPanel: PanelSlot<TrainingPanel>;
  readonly classifyPanel: PanelSlot<ClassifyPanel>;
}
