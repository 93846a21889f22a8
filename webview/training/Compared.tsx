/** The runs whose curves lie over each other, side by side: what they were trained with, and what came of it. */
import type { VNode } from 'preact';
import type { TrainingOptions } from '../../protocol/sidecar';
import { Button } from '../shared/controls';
import { formatPercent, formatValue } from '../shared/format';
import type { ComparedCurves } from './Charts';
import type { Progress } from './progress';

type Row = [what: string, of: (progress: Progress) => string];

const rows: Row[] = [
  ['Data', ({ state }) => state.dataDescription],
  ['Epochs', ({ epochs, state }) => `${epochs.length} of ${state.options.epochs}`],
  ['Batch size', ({ state }) => String(state.options.batchSize)],
  ['Optimizer', ({ state }) => state.options.optimizer ?? 'as in the source'],
  ['Learning rate', ({ state, epochs }) => rateOf(state.options, epochs[0]?.learningRate)],
  ['Seed', ({ state }) => String(state.options.seed)],
  ['Validation loss', ({ epochs }) => known(epochs.at(-1)?.validationLoss, formatValue)],
  [
    'Validation accuracy',
    ({ epochs }) => known(epochs.at(-1)?.validationAccuracy, (it) => formatPercent(it, 2)),
  ],
  ['Test accuracy', ({ state }) => known(state.test?.accuracy, (it) => formatPercent(it, 2))],
];

export function Compared(props: {
  name: string;
  progress: Progress;
  others: ComparedCurves[];
  onRemove: (id: string) => void;
}): VNode {
  const { name, progress, others, onRemove } = props;
  const all = [progress, ...others.map((other) => other.progress)];
  const shown = rows
    .map(([what, of]) => ({ what, cells: all.map(of) }))
    .filter(({ cells }) => cells.some((cell) => cell !== '–'));
  return (
    // Scrolls sideways in a narrow panel, so it must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as said.
    <section class="scrolling compared" aria-label="Compared runs" tabIndex={0}>
      <table class="data">
        <thead>
          <tr>
            <td />
            <th scope="col">{name}</th>
            {others.map(({ id, name: other }) => (
              <th scope="col" key={id}>
                {other}{' '}
                <Button appearance="icon" label={`Stop comparing with ${other}`} onClick={() => onRemove(id)}>
                  ×
                </Button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ what, cells }) => (
            <tr key={what} class={new Set(cells).size > 1 ? 'differs' : undefined}>
              <th scope="row">{what}</th>
              {cells.map((cell, index) => (
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function known(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : format(value);
}

function rateOf({ learningRate }: TrainingOptions, trained: number | undefined): string {
  const rate = learningRate ?? trained;
  return rate === undefined ? 'as in the source' : formatValue(rate);
}
