import type { ExplainCellResult } from '../../../../protocol/sidecar';
import type { CellAddress } from '../lookState';

export type ExplanationOf<K extends ExplainCellResult['kind']> = Extract<ExplainCellResult, { kind: K }>;

export interface ExplanationProps<K extends ExplainCellResult['kind']> {
  cell: CellAddress;
  explanation: ExplanationOf<K>;
  /** Takes a cell of the layer before apart. */
  onWalk: (cell: CellAddress) => void;
}

/** Sizes of what the layer reads; a sequence is a picture of one row. */
export function inputSizes({ inputShape, layout }: Pick<ExplainCellResult, 'inputShape' | 'layout'>): {
  height: number;
  width: number;
  channels: number;
} {
  const isFirst = layout === 'channelsFirst';
  const channels = (isFirst ? inputShape[0] : inputShape.at(-1)) ?? 1;
  const spatial = isFirst ? inputShape.slice(1) : inputShape.slice(0, -1);
  const [height = 1, width = 1] = spatial.length < 2 ? [1, ...spatial] : spatial;
  return { height, width, channels };
}

/** The index of a cell of what the layer reads, without the batch. */
export function inputIndex(
  { inputShape, layout }: Pick<ExplainCellResult, 'inputShape' | 'layout'>,
  row: number,
  column: number,
  channel: number,
): number[] {
  const place = inputShape.length > 2 ? [row, column] : [column];
  return layout === 'channelsFirst' ? [channel, ...place] : [...place, channel];
}

/** Which channel of its layer's output a cell belongs to. */
export function channelOf({ index }: CellAddress, { layout }: Pick<ExplainCellResult, 'layout'>): number {
  return (layout === 'channelsFirst' ? index[0] : index.at(-1)) ?? 0;
}

/** What belongs to one cell alone, for state that must not outlive it. */
export function subjectOf({ layer, index }: CellAddress): string {
  return `${layer} ${index.join()}`;
}
