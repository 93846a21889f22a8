/** The curves as a table: their text alternative. */
import type { VNode } from 'preact';
import type { EpochMetrics } from '../../protocol/sidecar';
import { formatPercent, formatValue } from '../shared/format';
import type { Progress } from './progress';

interface Column {
  title: string;
  value: (metrics: EpochMetrics) => number | undefined;
  format: (value: number) => string;
}

const percent = (value: number) => formatPercent(value, 2);
const columns: Column[] = [
  { title: 'Loss', value: (metrics) => metrics.loss, format: formatValue },
  { title: 'Validation loss', value: (metrics) => metrics.validationLoss, format: formatValue },
  { title: 'Accuracy', value: (metrics) => metrics.accuracy, format: percent },
  { title: 'Validation accuracy', value: (metrics) => metrics.validationAccuracy, format: percent },
  { title: 'Absolute error', value: (metrics) => metrics.meanAbsoluteError, format: formatValue },
  {
    title: 'Validation absolute error',
    value: (metrics) => metrics.validationMeanAbsoluteError,
    format: formatValue,
  },
  { title: 'Learning rate', value: (metrics) => metrics.learningRate, format: formatValue },
  { title: 'Seconds', value: (metrics) => metrics.seconds, format: (seconds) => seconds.toFixed(1) },
];

export function EpochTable({ progress }: { progress: Progress }): VNode {
  const { epochs } = progress;
  const shown = columns.filter(({ value }) => epochs.some((metrics) => value(metrics) !== undefined));
  return (
    // Scrolls sideways in a narrow panel, so it must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: as said.
    <section class="scrolling" aria-label="Table of epochs" tabIndex={0}>
      <table class="data">
        <caption class="visually-hidden">Loss, accuracy and learning rate of every epoch</caption>
        <thead>
          <tr>
            <th scope="col">Epoch</th>
            {shown.map(({ title }) => (
              <th scope="col" class="right" key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {epochs.map((metrics) => (
            <tr key={metrics.epoch}>
              <th scope="row">{metrics.epoch}</th>
              {shown.map(({ title, value, format }) => {
                const known = value(metrics);
                return (
                  <td class="right" key={title}>
                    {known === undefined ? '–' : format(known)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
