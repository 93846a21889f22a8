/** Class scores as a chart: sorted bars with their values, all of them searchable, and what changed against another picture. */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { Button, Checkbox, Dropdown, TextField } from '../../shared/controls';
import { formatCount, formatPercent } from '../../shared/format';
import { judge } from '../truth';
import { bestOf, labelOf, type Order, type Row, rowsOf, type Scores } from './rows';

/** So many bars are seen at once without asking. */
const firstRows = 10;
/** Drawing more at a time would make a page that nobody scrolls through. */
const mostRows = 200;

export interface Comparison {
  /** What it is compared with, e.g. `before painting`. */
  name: string;
  probabilities: ArrayLike<number>;
}

interface ScoreChartProps {
  scores: Scores;
  comparison: Comparison | undefined;
  truth: string | undefined;
}

export function ScoreChart({ scores, comparison, truth }: ScoreChartProps): VNode {
  const count = scores.probabilities.length;
  const [search, setSearch] = useState('');
  const [order, setOrder] = useState<Order>('score');
  const [shown, setShown] = useState(firstRows);
  const [logarithmic, setLogarithmic] = useState(false);
  const effective = order === 'change' && !comparison ? 'score' : order;
  const before = comparison?.probabilities;
  const rows = useMemo(() => rowsOf(scores, effective, search, before), [scores, effective, search, before]);
  const visible = rows.slice(0, Math.min(shown, mostRows));
  const hidden = rows.length - visible.length;
  const orders: { value: Order; text: string }[] = [
    { value: 'score', text: 'By score' },
    ...(comparison ? [{ value: 'change' as const, text: 'By change' }] : []),
    { value: 'class', text: 'By class' },
  ];
  return (
    <div class="score-chart">
      <div class="score-tools">
        {count > firstRows && (
          <TextField value={search} onInput={setSearch} placeholder="cat, or a class’s number">
            Search {formatCount(count)} classes
          </TextField>
        )}
        <Dropdown label="Order of the classes" value={effective} options={orders} onChange={setOrder} />
        <Checkbox checked={logarithmic} onChange={setLogarithmic}>
          Logarithmic
        </Checkbox>
      </div>
      <table class={comparison ? 'scores compared' : 'scores'}>
        <caption class="visually-hidden">
          Probability of {search ? 'the classes found' : 'the classes'}
          {comparison && `, compared with ${comparison.name}`}
        </caption>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Bar</th>
            <th scope="col">Probability</th>
            {comparison && <th scope="col">Change</th>}
          </tr>
        </thead>
        <tbody>
          {visible.map((row) => (
            <Bar
              key={row.index}
              row={row}
              logarithmic={logarithmic}
              compared={comparison !== undefined}
              isTrue={truth !== undefined && judge(row.label, truth) === 'right'}
            />
          ))}
        </tbody>
        <Axis logarithmic={logarithmic} />
      </table>
      {rows.length === 0 && <p class="muted">No class is called that.</p>}
      {comparison && (
        <p class="muted legend">
          <span class="legend-before" aria-hidden="true" /> {comparison.name}
        </p>
      )}
      <div class="score-more">
        {hidden > 0 && shown < mostRows && (
          <Button onClick={() => setShown(shown === firstRows ? 50 : mostRows)}>
            {shown === firstRows && rows.length <= 50
              ? `Show all ${formatCount(rows.length)}`
              : `Show more of ${formatCount(rows.length)}`}
          </Button>
        )}
        {shown > firstRows && visible.length > firstRows && (
          <Button onClick={() => setShown(firstRows)}>Show the first {firstRows}</Button>
        )}
      </div>
    </div>
  );
}

interface BarProps {
  row: Row;
  logarithmic: boolean;
  compared: boolean;
  isTrue: boolean;
}

function Bar({ row, logarithmic, compared, isTrue }: BarProps): VNode {
  const { index, label, probability, before } = row;
  const width = (value: number) => `${100 * barLength(value, logarithmic)}%`;
  return (
    <tr>
      <th scope="row" class="class-label" title={`${label} (class ${formatCount(index)})`}>
        {label}
        {isTrue && <span class="true-class">true class</span>}
      </th>
      <td class="class-track" aria-hidden="true">
        <span class={logarithmic ? 'track logarithmic' : 'track'}>
          <span class="class-bar" style={{ width: width(probability) }} />
          {before !== undefined && <span class="class-before" style={{ left: width(before) }} />}
        </span>
      </td>
      <td class="class-value number">{formatProbability(probability)}</td>
      {compared && <td class="class-change number">{formatChange(probability, before)}</td>}
    </tr>
  );
}

/** The decades that a logarithmic chart shows. */
const decades = 5;

function barLength(probability: number, logarithmic: boolean): number {
  const value = Math.max(0, Math.min(1, probability));
  if (!logarithmic) return value;
  return value === 0 ? 0 : Math.max(0, 1 + Math.log10(value) / decades);
}

function Axis({ logarithmic }: { logarithmic: boolean }): VNode {
  const ticks = logarithmic
    ? ['0.001 %', '0.01 %', '0.1 %', '1 %', '10 %', '100 %']
    : ['0', '25', '50', '75', '100 %'];
  return (
    <tfoot aria-hidden="true">
      <tr>
        <td />
        <td class="class-track number">
          <span class="score-ticks">
            {ticks.map((tick, place) => (
              <span key={tick} style={{ left: `${(100 * place) / (ticks.length - 1)}%` }}>
                {tick}
              </span>
            ))}
          </span>
        </td>
      </tr>
    </tfoot>
  );
}

/** Small probabilities keep a digit that says something. */
export function formatProbability(probability: number): string {
  if (probability > 0 && probability < 0.0005) {
    return probability < 0.00001 ? '< 0.001 %' : formatPercent(probability, 3);
  }
  return formatPercent(probability);
}

/** In percentage points, with its sign. */
function formatChange(probability: number, before: number | undefined): string {
  if (before === undefined) return '';
  const points = 100 * (probability - before);
  if (Math.abs(points) < 0.05) return '±0';
  return `${points > 0 ? '▲ +' : '▼ −'}${Math.abs(points).toFixed(1)}`;
}

/** The most probable class as a heading. */
export function BestClass({ scores, truth }: { scores: Scores; truth: string | undefined }): VNode {
  const best = bestOf(scores.probabilities);
  if (best === undefined) return <h2>No classes</h2>;
  const label = labelOf(scores, best);
  const judgement = truth === undefined ? 'unknown' : judge(label, truth);
  return (
    <>
      <h2>
        {label} <span class="number muted">{formatProbability(scores.probabilities[best]!)}</span>
      </h2>
      {truth !== undefined && (
        <p class={`truth ${judgement}`}>
          {judgement === 'right'
            ? '✓ That is its true class.'
            : `${judgement === 'wrong' ? '✗ ' : ''}Its true class is ${truth}.`}
        </p>
      )}
    </>
  );
}
