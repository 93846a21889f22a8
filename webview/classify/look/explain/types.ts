import type { ExplainCellResult } from '../../../../protocol/sidecar';
import type { CellAddress } from '../lookState';

export type ExplanationOf<K extends ExplainCellResult['kind']> = Extract<ExplainCellResult, { kind: K }>;

export interface ExplanationProps<K extends ExplainCellResult['kind']> {
  cell: CellAddress;
  explanation: ExplanationOf<K>;
  /** Takes a cell of the layer before apart. */
  onWalk: (cell: CellAddress) => void;
}

/** What belongs to one cell alone, for state that must not outlive it. */
export function subjectOf({ layer, index }: CellAddress): string {
  return `${layer} ${index.join()}`;
}
