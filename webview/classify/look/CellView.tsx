/** One cell taken apart: where it lies, what it sees of the picture, and the arithmetic. From there, deeper and deeper. */
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Button, ProgressRing } from '../../shared/controls';
import { formatSizes, formatValue } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { indexOfPlace, isVector, placeOfIndex, rangeOf, statisticsOf, valueAt } from '../../shared/maps';
import type { Shown } from '../shown';
import { CellMap } from './CellMap';
import { Excite } from './Excite';
import { Explanation } from './explain/Explanation';
import { subjectOf } from './explain/types';
import type { CellAddress, MapSettings } from './lookState';
import type { MapStore } from './mapStore';
import { PictureField } from './PictureField';
import type { Questions } from './questions';
import { useLatest } from './useLatest';
import { VectorUnits } from './VectorUnits';

interface CellViewProps {
  questions: Questions;
  shown: Shown;
  store: MapStore;
  settings: MapSettings;
  /** Not empty; the last is taken apart. */
  trail: readonly CellAddress[];
  onTrail: (trail: CellAddress[]) => void;
}

export function CellView({ questions, shown, store, settings, trail, onTrail }: CellViewProps): VNode {
  const { session, input, format } = shown.result;
  const cell = trail.at(-1)!;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    if (cell.layer !== '') store.fetch(cell.layer);
  }, [cell.layer]);

  const { layer, index } = cell;
  const subject = `${session} ${subjectOf(cell)}`;
  const { answer, answered, failure } = useLatest(subject, async () => ({
    cell,
    explanation: (await questions.ask(session, { kind: 'cell', layer, index })).explanation,
  }));
  const explained = answered === subject ? answer : undefined;
  const move = (to: number[]) => onTrail([...trail.slice(0, -1), { layer, index: to }]);
  const maps = store.get(layer)?.activation;
  const place = maps && placeOfIndex(maps, index);
  const vector = maps && isVector(maps);
  const value = maps && place ? valueAt(maps, place) : explained?.explanation.value;
  const channel = vector ? place!.column : (place?.map ?? 0);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself.
    <dialog
      ref={dialog}
      class="cell-view"
      aria-label={`Cell ${index.join(', ')} of ${nameOf(layer)}`}
      onClose={() => onTrail([])}
      onClick={(event) => event.target === dialog.current && onTrail([])}
    >
      <header>
        <div>
          <h2>
            {nameOf(layer)} <span class="number muted">[{index.join(', ')}]</span>
          </h2>
          <p class="number" aria-live="polite">
            {explained && <span class="muted">{explained.explanation.className} · </span>}
            {maps && <span class="muted">{formatSizes([...maps.shape])} · </span>}
            value <b>{value === undefined ? '…' : formatValue(value)}</b>
          </p>
        </div>
        <Button appearance="icon" label="Close" onClick={() => onTrail([])}>
          <Icon name="close" />
        </Button>
      </header>
      {trail.length > 1 && (
        <nav class="trail" aria-label="The way here">
          {trail.map((step, i) => (
            <span key={i}>
              {i > 0 && <Icon name="next" />}
              {i < trail.length - 1 ? (
                <button type="button" class="link" onClick={() => onTrail(trail.slice(0, i + 1))}>
                  {nameOf(step.layer)} [{step.index.join(', ')}]
                </button>
              ) : (
                <b aria-current="step">
                  {nameOf(step.layer)} [{step.index.join(', ')}]
                </b>
              )}
            </span>
          ))}
        </nav>
      )}
      <div class="cell-columns">
        <div class="cell-where">
          <PictureField
            input={input}
            field={layer === '' ? pixelOf(index, input) : explained?.explanation.receptiveField}
            size={224}
          />
          {maps && place && !vector && (
            <CellMap
              activation={maps}
              name={layer}
              place={place}
              settings={settings}
              onPlace={(to) => move(indexOfPlace(maps, to))}
            />
          )}
          {maps && vector && (
            <VectorUnits
              activation={maps}
              name={layer}
              range={rangeOf(statisticsOf(maps))}
              colors={settings.colors}
              selected={channel}
              onUnit={move}
            />
          )}
          {format === 'tfjs' &&
            maps &&
            maps.shape.length > 0 &&
            explained?.explanation.inputLayer !== undefined && (
              <Excite questions={questions} session={session} layer={layer} channel={channel} />
            )}
        </div>
        <div class="cell-arithmetic">
          {answered === subject && failure !== undefined ? (
            <p class="notice error">
              <Icon name="error" />
              <span>{failure}</span>
            </p>
          ) : answer ? (
            <div class={explained ? '' : 'stale'} aria-busy={!explained}>
              <Explanation
                cell={answer.cell}
                explanation={answer.explanation}
                onWalk={(to) => onTrail([...trail, to])}
              />
            </div>
          ) : (
            <ProgressRing label="Taking the cell apart" />
          )}
        </div>
      </div>
    </dialog>
  );
}

function nameOf(layer: string): string {
  return layer === '' ? 'The picture' : layer;
}

function pixelOf(index: readonly number[], { width }: Shown['result']['input']) {
  const [row, column] =
    index.length === 1 ? [Math.floor(index[0]! / width), index[0]! % width] : [index[0] ?? 0, index[1] ?? 0];
  return { top: row, left: column, width: 1, height: 1 };
}
