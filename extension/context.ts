import type * as vscode from 'vscode';
import type { ClassifyPanel } from './panels/classifyPanel';
import type { Comparisons } from './panels/comparisons';
import type { Diagrams } from './panels/diagrams';
import type { PanelSlot } from './panels/panelSlot';
import type { TrainingSlot } from './panels/trainingSlot';
import type { ComputeServices, Services } from './services';

/** Runs with a model, for lists of what can be compared. */
export type ListRuns = () => Promise<{ folder: vscode.Uri; model: string; label: string; detail: string }[]>;

/** What there is in every extension host, for commands to work with. */
export interface LayerwiseContext extends Services {
  readonly diagrams: Diagrams;
  readonly comparisons: Comparisons;
  /** Absent where nothing can be trained. */
  listRuns?: ListRuns;
}

/** What there is besides where processes can be started. */
export interface ComputeContext extends LayerwiseContext, ComputeServices {
  readonly trainingPanel: TrainingSlot;
  readonly classifyPanel: PanelSlot<ClassifyPanel>;
}
