/** Which classes are taken for which: a grid to walk through with the arrow keys, and the pictures behind its cells. */
import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { ConfusionExamples, JudgedExample } from '../../protocol/sidecar';
import { ProgressRing, Segments } from '../shared/controls';
import { formatCount, formatPercent, plural } from '../shared/format';
import { accuracyOf, mostConfused, recall, sum } from './confusionCounts';
import { Examples } from './Examples';
import type { Evaluation, Progress } from './progress';

/** More rows than this are no picture any more; what is confused most stands in the list. */
const mostClasses = 40;

export type ConfusionPart = Evaluation['part'];

export interface ConfusionCell {
  part: ConfusionPart;
  label: number;
  predicted: number;
}

/** The answer for a cell that was opened. */
export interface OpenedCell extends ConfusionCell {
  result: ConfusionExamples | { failure: string } | null;
}

export function Confusion(props: {
  progress: Progress;
  opened: OpenedCell | null;
  onOpenCell: (cell: ConfusionCell) => void;
  onOpenExample: (example: JudgedExample) => void;
}): VNode | null {
  const { progress, opened, onOpenCell, onOpenExample } = props;
  const { evaluations, state } = progress;
  const parts = (['validation', 'test'] as const).filter((part) => evaluations[part]);
  const [chosen, setChosen] = useState<ConfusionPart | null>(null);
  const part = chosen && parts.includes(chosen) ? chosen : parts.at(-1);
  const evaluation = part && evaluations[part];
  if (!evaluation) return null;
  const classNames = state.classNames ?? evaluation.confusion.map((_, index) => String(index));
  const name = (index: number) => classNames[index] ?? String(index);
  const open = (label: number, predicted: number) => onOpenCell({ part, label, predicted });
  const shown = opened?.part === part ? opened : null;
  return (
    <section class="confusion" aria-label="Mistakes">
      <div class="section-head">
        <h2>Mistakes</h2>
        {parts.length > 1 && (
          <Segments
            label="Examples"
            value={part}
            segments={[
              { value: 'validation', text: 'Validation', hint: 'Judged after every epoch' },
              { value: 'test', text: 'Test', hint: 'Judged once, at the end' },
            ]}
            onChange={setChosen}
          />
        )}
        <p class="muted">
          {`${formatPercent(accuracyOf(evaluation.confusion), 2)} of ${plural(evaluation.examples, `${part} example`)} are recognized after ${plural(evaluation.epoch, 'epoch')}.`}
        </p>
      </div>
      <div class="confusion-columns">
        {classNames.length <= mostClasses && (
          <Matrix confusion={evaluation.confusion} classNames={classNames} shown={shown} onOpen={open} />
        )}
        <MostConfused confusion={evaluation.confusion} name={name} onOpen={open} />
      </div>
      {shown && <Opened cell={shown} classNames={classNames} onOpenExample={onOpenExample} />}
      {evaluation.worstMistakes.length > 0 && (
        <>
          <h3>Worst mistakes</h3>
          <p class="muted">Wrong, and sure of it. Click one to see what each layer makes of it.</p>
          <Examples
            label="Worst mistakes"
            examples={evaluation.worstMistakes}
            classNames={classNames}
            onOpen={onOpenExample}
          />
        </>
      )}
    </section>
  );
}

function Matrix(props: {
  confusion: number[][];
  classNames: string[];
  shown: ConfusionCell | null;
  onOpen: (label: number, predicted: number) => void;
}): VNode {
  const { confusion, classNames, shown, onOpen } = props;
  const [focus, setFocus] = useState<[number, number]>([0, 0]);
  const table = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent) => {
    const last = classNames.length - 1;
    const [row, column] = focus;
    const targets: Record<string, [number, number]> = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, last],
      PageUp: [0, column],
      PageDown: [last, column],
    };
    const target = targets[event.key];
    if (!target) return;
    event.preventDefault();
    const next = target.map((index) => Math.min(last, Math.max(0, index))) as [number, number];
    setFocus(next);
    table.current?.querySelector<HTMLElement>(`[data-cell="${next.join(' ')}"]`)?.focus();
  };
  return (
    <div class="matrix-holder">
      <table class="matrix number" aria-label="Confusion matrix" ref={table} onKeyDown={move}>
        <caption class="muted">Rows: what it is. Columns: what it was taken for.</caption>
        <thead>
          <tr>
            <td />
            {classNames.map((name) => (
              <th key={name} scope="col" title={name}>
                {name}
              </th>
            ))}
            <th scope="col">recognized</th>
          </tr>
        </thead>
        <tbody>
          {confusion.map((row, label) => (
            <tr key={label}>
              <th scope="row" title={classNames[label]}>
                {classNames[label]}
              </th>
              {row.map((count, predicted) => {
                const isShown = shown?.label === label && shown.predicted === predicted;
                const share = count / Math.max(1, sum(row));
                return (
                  <td key={predicted}>
                    <button
                      type="button"
                      class={label === predicted ? 'right-answer' : 'wrong-answer'}
                      data-cell={`${label} ${predicted}`}
                      tabIndex={focus[0] === label && focus[1] === predicted ? 0 : -1}
                      // The square root, so that a few mistakes are seen beside a thousand right answers.
                      style={{ '--share': `${(45 * Math.sqrt(share)).toFixed(1)}%` }}
                      aria-pressed={isShown}
                      aria-label={`${classNames[label]} taken for ${classNames[predicted]}: ${plural(count, 'example')}`}
                      onFocus={() => setFocus([label, predicted])}
                      onClick={() => count > 0 && onOpen(label, predicted)}
                    >
                      {count === 0 ? '' : formatCount(count)}
                    </button>
                  </td>
                );
              })}
              <td class="recall">{percentOf(recall(confusion, label))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function percentOf(share: number | null): string {
  return share === null ? '–' : formatPercent(share, 1);
}

/** The same in words. */
function MostConfused(props: {
  confusion: number[][];
  name: (index: number) => string;
  onOpen: (label: number, predicted: number) => void;
}): VNode {
  const { confusion, name, onOpen } = props;
  const worst = mostConfused(confusion, 8);
  if (worst.length === 0) return <p>Nothing was confused.</p>;
  return (
    <div>
      <h3>Confused most</h3>
      <ol class="most-confused">
        {worst.map(({ label, predicted, count }) => (
          <li key={`${label} ${predicted}`}>
            <button type="button" class="link" onClick={() => onOpen(label, predicted)}>
              <b>{name(label)}</b> taken for <b>{name(predicted)}</b>
            </button>
            <span class="muted number"> {plural(count, 'time')}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Opened(props: {
  cell: OpenedCell;
  classNames: string[];
  onOpenExample: (example: JudgedExample) => void;
}): VNode {
  const { cell, classNames, onOpenExample } = props;
  const { label, predicted, result } = cell;
  const title =
    label === predicted
      ? `${classNames[label]}, recognized`
      : `${classNames[label]} taken for ${classNames[predicted]}`;
  return (
    <section class="opened-cell" aria-label={title} aria-live="polite">
      <h3>{title}</h3>
      {result === null ? (
        <ProgressRing label="Fetching the examples" />
      ) : 'failure' in result ? (
        <p class="notice error">{result.failure}</p>
      ) : (
        <>
          {result.total > result.examples.length && (
            <p class="muted">
              The {result.examples.length} with the highest loss of {formatCount(result.total)}.
            </p>
          )}
          <Examples label={title} examples={result.examples} classNames={classNames} onOpen={onOpenExample} />
        </>
      )}
    </section>
  );
}
