import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ComparedLayer } from '../../model-graph/comparison/layers';
import type { ComparedModel } from '../../protocol/webview';
import { Button, Dropdown, ProgressRing, Segments } from '../shared/controls';
import { ExportMenu } from '../shared/export/ExportMenu';
import { exportsOf } from '../shared/export/exports';
import { Icon } from '../shared/icons';
import { ColumnHeads } from './ColumnHeads';
import { ComparisonTable } from './ComparisonTable';
import { Details } from './Details';
import { exportComparison } from './exportComparison';
import { columnsFor, placeLayers } from './geometry';
import type { Alignment, BarScale, ComparisonHost, SavedState } from './host';
import { itemId } from './LayersPicture';
import { Legend } from './Legend';
import { Pointed } from './Pointed';
import { Poster, type PosterContent, planOf } from './Poster';
import { bandsOf } from './rows';
import { useWidth } from './useWidth';
import { compared, displayNames, knownModels, marked, naturalAlignment, stageRowsOf } from './view';
import { neighbour } from './walk';

const formats = ['svg', 'png', 'tikz'] as const;
const leftNeighbour = 'left';
/** Room for what scrolls the picture. */
const scrollBar = 14;

export function App({ host, saved }: { host: ComparisonHost; saved: SavedState | undefined }): VNode {
  const [all, setAll] = useState<ComparedModel[] | null>(null);
  const [chosenAlignment, setAlignment] = useState<Alignment | null>(saved?.alignment ?? null);
  const [barScale, setBarScale] = useState<BarScale>(saved?.barScale ?? 'share');
  const [reference, setReference] = useState<string | null>(saved?.reference ?? null);
  const [selected, setSelected] = useState<string | null>(saved?.selected ?? null);
  const [showTable, setShowTable] = useState(saved?.showTable ?? false);
  const [opened, setOpened] = useState<string[]>(saved?.opened ?? []);
  const [focused, setFocused] = useState<string | null>(null);
  const [pointed, setPointed] = useState<{ id: string; x: number; y: number } | null>(null);
  const picture = useRef<SVGSVGElement>(null);
  const poster = useRef<PosterContent | null>(null);
  const [areaWidth, area] = useWidth();
  const width = Math.max(0, areaWidth - scrollBar);

  const exports = exportsOf({
    post: (message) => host.post(message),
    source: poster,
    what: 'comparison',
    write: exportComparison,
    nameOf: ({ names }) => names.join('-').slice(0, 80),
  });

  useEffect(() => {
    host.listen((message) => {
      if (message.type === 'models') setAll(message.models);
      else void exports.answer(message);
    });
  }, [host]);
  useEffect(
    () =>
      host.saveState({
        alignment: chosenAlignment,
        barScale,
        reference,
        selected,
        showTable,
        opened,
      } satisfies SavedState),
    [host, chosenAlignment, barScale, reference, selected, showTable, opened],
  );

  const content = useMemo(() => (all ? compared(knownModels(all)) : null), [all]);
  const marks = useMemo(() => (content ? marked(content, reference) : []), [content, reference]);
  const alignment = chosenAlignment ?? naturalAlignment(marks);
  const names = useMemo(() => (content ? displayNames(content.models) : []), [content]);
  const stageRows = useMemo(() => (content ? stageRowsOf(content, alignment) : []), [content, alignment]);
  const bands = useMemo(
    () =>
      content
        ? bandsOf({
            comparison: content.comparison,
            stages: content.stages,
            marks,
            alignment,
            opened: new Set(opened),
          })
        : [],
    [content, marks, alignment, opened],
  );
  const columns = useMemo(
    () => columnsFor(width || 1000, content?.models.length ?? 0),
    [width, content?.models.length],
  );
  const geometry = useMemo(() => placeLayers(bands, columns, marks), [bands, columns, marks]);
  poster.current =
    content && content.models.length > 0 && width > 0
      ? {
          models: content.comparison.models,
          names,
          origins: content.models.map(({ origin }) => origin),
          totals: content.totals,
          marks,
          geometry,
          stageRows,
          columns,
          barScale,
        }
      : null;

  const onReveal = useCallback(
    (model: number, layer: ComparedLayer) => {
      const key = content?.models[model]?.key;
      if (key !== undefined && layer.layer.location)
        host.post({ type: 'revealLayer', key, path: layer.path });
    },
    [content, host],
  );

  const selectedPlace = geometry.items.find(({ item }) => itemId(item) === selected);
  const focusable =
    geometry.items.find(({ item }) => itemId(item) === (focused ?? selected)) ?? geometry.items[0];
  const pointedPlace = pointed && geometry.items.find(({ item }) => itemId(item) === pointed.id);
  const elementOf = (id: string | null): SVGElement | undefined =>
    [...(picture.current?.querySelectorAll<SVGElement>('[data-item]') ?? [])].find(
      ({ dataset }) => dataset['item'] === id,
    );
  const open = (key: string) => setOpened([...new Set([...opened, key])]);
  const choose = (id: string, isClick: boolean) => {
    const place = geometry.items.find(({ item }) => itemId(item) === id);
    if (!place) return;
    const { item } = place;
    setSelected(id);
    setFocused(id);
    if (item.foldKey !== null && !isClick) open(item.foldKey);
    else if (item.foldKey === null) onReveal(item.model, item.members[0]!);
  };

  // The details take room away.
  useEffect(() => elementOf(selected)?.scrollIntoView({ block: 'nearest', inline: 'nearest' }), [selected]);

  const itemAt = (event: Event): string | undefined =>
    (event.target as Element).closest<SVGElement>('[data-item]')?.dataset['item'];
  const onKeyDown = (event: KeyboardEvent) => {
    const id = itemAt(event);
    const place = geometry.items.find(({ item }) => itemId(item) === id);
    if (!place) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      choose(id!, event.key === ' ');
      return;
    }
    if (event.key === 'Escape') {
      setSelected(null);
      return;
    }
    const next = neighbour(geometry.items, place, event.key);
    if (!next) return;
    event.preventDefault();
    const key = itemId(next.item);
    setFocused(key);
    const element = elementOf(key);
    element?.focus();
    element?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };

  if (!all) return <main class="empty" aria-busy="true" />;
  const troubled = all.filter(({ content: { state } }) => state !== 'known');
  const plan = poster.current && planOf(poster.current, false);
  const selectedRow = selectedPlace && rowOf(content?.comparison.rows ?? [], selectedPlace.item);

  return (
    <main class="comparison">
      <header class="comparison-header">
        <h1>{names.length === 1 ? names[0] : `${names.length} models compared`}</h1>
        <div class="tools">
          <Segments<Alignment>
            label="Side by side"
            value={alignment}
            segments={[
              { value: 'layer', text: 'Layers', hint: 'Layer by layer: what is the same stands in one row' },
              { value: 'size', text: 'Sizes', hint: 'Stages of the same size stand side by side' },
              {
                value: 'number',
                text: 'Stages',
                hint: 'First stage beside first stage, second beside second',
              },
            ]}
            onChange={setAlignment}
          />
          {content && content.models.length > 2 && (
            <Dropdown<string>
              label="Compare each with"
              value={content.models.some(({ key }) => key === reference) ? reference! : leftNeighbour}
              options={[
                { value: leftNeighbour, text: 'Against the left one' },
                ...content.models.map(({ key }, model) => ({ value: key, text: `Against ${names[model]}` })),
              ]}
              onChange={(value) => setReference(value === leftNeighbour ? null : value)}
            />
          )}
          <Segments<BarScale>
            label="Bars of the stages"
            value={barScale}
            segments={[
              { value: 'share', text: 'Share', hint: 'Bars of the stages: part of the model’s total' },
              {
                value: 'linear',
                text: 'Linear',
                hint: 'Bars of the stages: one linear scale for all models',
              },
              { value: 'log', text: 'Log', hint: 'Bars of the stages: one logarithmic scale for all models' },
            ]}
            onChange={setBarScale}
          />
          <Button onClick={() => host.post({ type: 'addModels' })}>Add models…</Button>
          <Button
            appearance="icon"
            label="Show as table"
            pressed={showTable}
            onClick={() => setShowTable(!showTable)}
          >
            <Icon name="table" />
          </Button>
          <ExportMenu what="the comparison" formats={formats} onSave={exports.save} onCopy={exports.copy} />
        </div>
      </header>
      {troubled.map((model) => (
        <Trouble key={model.key} model={model} host={host} />
      ))}
      {all.length === 1 && (
        <p class="notice information">
          <Icon name="information" />
          <span>Add another model, or an earlier revision of this one, to compare it with.</span>
        </p>
      )}
      {all.length === 0 && <p class="muted nothing">Nothing is compared. Add models to begin.</p>}
      <div class="stage-area" ref={area}>
        <div class="scroller">
          {content && poster.current && plan && (
            // biome-ignore lint/a11y/noStaticElementInteractions: the layers inside are the buttons; this hears of them all.
            <div
              class="poster"
              style={{ width: `${plan.width}px` }}
              onClick={(event) => {
                const id = itemAt(event);
                if (id !== undefined) choose(id, true);
              }}
              onDblClick={(event) => {
                const id = itemAt(event);
                if (id !== undefined) choose(id, false);
              }}
              onKeyDown={onKeyDown}
              onFocusIn={(event) => {
                const id = itemAt(event);
                if (id !== undefined) setFocused(id);
              }}
              onMouseMove={(event) => {
                const id = itemAt(event);
                setPointed(id === undefined ? null : { id, x: event.clientX, y: event.clientY });
              }}
              onMouseLeave={() => setPointed(null)}
            >
              <ColumnHeads
                host={host}
                all={all}
                shown={content.models}
                marks={marks}
                columns={columns}
                names={names}
              />
              <Poster
                content={poster.current}
                plan={plan}
                picture={picture}
                state={{
                  selected,
                  focusable: focusable ? itemId(focusable.item) : null,
                  pointed: pointed?.id ?? null,
                }}
              />
            </div>
          )}
        </div>
        {selectedPlace && (
          <Details
            item={selectedPlace.item}
            row={selectedRow ?? []}
            marks={marks[selectedPlace.item.model]!}
            names={names}
            onReveal={onReveal}
            onOpen={open}
            onClose={() => setSelected(null)}
          />
        )}
      </div>
      <Legend geometry={geometry} marks={marks} />
      {pointed && pointedPlace && pointed.id !== selected && (
        <Pointed
          item={pointedPlace.item}
          marks={marks[pointedPlace.item.model]!}
          names={names}
          x={pointed.x}
          y={pointed.y}
        />
      )}
      {content && content.models.length > 0 && (
        <ComparisonTable
          content={content}
          marks={marks}
          names={names}
          stageRows={stageRows}
          visible={showTable}
        />
      )}
    </main>
  );
}

function rowOf(
  rows: readonly { layers: (ComparedLayer | undefined)[] }[],
  { model, members }: { model: number; members: ComparedLayer[] },
): (ComparedLayer | undefined)[] | undefined {
  return rows.find(({ layers }) => layers[model]?.key === members[0]!.key)?.layers;
}

function Trouble({ model, host }: { model: ComparedModel; host: ComparisonHost }): VNode {
  const { content, name, key, origin } = model;
  const isReading = content.state === 'reading';
  return (
    <p class={isReading ? 'notice' : 'notice error'} role={isReading ? 'status' : 'alert'}>
      {isReading ? <ProgressRing label={`Reading ${name}`} /> : <Icon name="error" />}
      <span>
        {isReading
          ? `Reading ${name} from ${origin}…`
          : `${name} (${origin}): ${content.state === 'failed' ? content.message : ''}`}
      </span>
      {!isReading && (
        <Button
          appearance="icon"
          label={`Take ${name} out of the comparison`}
          onClick={() => host.post({ type: 'removeModel', key })}
        >
          <Icon name="close" />
        </Button>
      )}
    </p>
  );
}
