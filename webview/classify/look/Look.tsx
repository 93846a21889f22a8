/** Inside the network: what each layer saw, what speaks for a class, and how two answers differ. */
import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Segments } from '../../shared/controls';
import type { ClassifyHost } from '../host';
import type { Shown } from '../shown';
import { Attribution } from './attribution/Attribution';
import { CellView } from './CellView';
import { Compare } from './compare/Compare';
import type { ComparedAnswer } from './compare/comparison';
import type { FetchFilters } from './Filters';
import { LayerMaps } from './LayerMaps';
import type { ChangeLook, LookState } from './lookState';
import { MapToolbar } from './MapToolbar';
import { useMapStore } from './mapStore';
import type { Questions } from './questions';
import { ReadoutContext } from './readout';

export interface LookProps {
  host: ClassifyHost;
  questions: Questions;
  shown: Shown;
  /** The layer that another view selected. */
  selection: { layer: string | null };
  compared: ComparedAnswer;
  look: LookState;
  onChange: ChangeLook;
}

export function Look({ host, questions, shown, selection, compared, look, onChange }: LookProps): VNode {
  const { session, layers, format, input } = shown.result;
  const store = useMapStore(questions, session);
  const [selected, setSelected] = useState(selection.layer);
  useEffect(() => setSelected(selection.layer), [selection]);
  const select = useCallback(
    (layer: string) => {
      setSelected(layer);
      host.post({ type: 'layerSelected', layer });
    },
    [host],
  );
  const fetchFilters = useCallback<FetchFilters>(
    async (layer) => {
      const { shape, data } = await questions.ask(session, { kind: 'filters', layer });
      return { shape, values: new Float32Array(data) };
    },
    [questions, session],
  );
  const line = useRef<HTMLParagraphElement>(null);
  const readout = useMemo(
    () => ({
      say: (text: string) => {
        if (line.current) line.current.textContent = text;
      },
    }),
    [],
  );
  // A cell of another model's layer may be remembered.
  const trail = look.trail.filter(({ layer }) => layer === '' || layers.some(({ name }) => name === layer));
  const readsPicture = firstReader(layers);
  return (
    <ReadoutContext.Provider value={readout}>
      <section class="look" aria-label="Inside the network">
        <header class="look-header">
          <h2>Inside the network</h2>
          <Segments
            label="What is shown of the inside"
            value={look.view}
            segments={[
              { value: 'maps', text: 'Maps', hint: 'What each layer saw' },
              {
                value: 'attribution',
                text: 'Attribution',
                hint: 'Which part of the picture speaks for a class',
              },
              {
                value: 'compare',
                text: 'Compare',
                hint: 'Another picture, another model, before and after training',
              },
            ]}
            onChange={(view) => onChange({ view })}
          />
        </header>
        {look.view !== 'attribution' && (
          <MapToolbar
            settings={look.maps}
            onChange={(change) => onChange({ maps: { ...look.maps, ...change } })}
          />
        )}
        {look.view === 'maps' && (
          <div class="layers">
            <p class="muted intro">
              Every map is one channel. Click a pixel, or press Enter on a map, to take that cell apart.
            </p>
            {layers.map((layer) => (
              <LayerMaps
                key={layer.name}
                layer={layer}
                maps={store.get(layer.name)}
                settings={look.maps}
                isSelected={layer.name === selected}
                isWhole={look.whole.includes(layer.name)}
                fetchMaps={store.fetch}
                fetchFilters={format === 'tfjs' ? fetchFilters : undefined}
                readsColors={layer.name === readsPicture ? (input.encoding.channelOrder ?? 'rgb') : undefined}
                onWhole={(name, whole) =>
                  onChange({
                    whole: whole ? [...look.whole, name] : look.whole.filter((other) => other !== name),
                  })
                }
                onSelect={select}
                onCell={(cell) => {
                  select(cell.layer);
                  onChange({ trail: [cell] });
                }}
              />
            ))}
          </div>
        )}
        {look.view === 'attribution' && (
          <Attribution
            questions={questions}
            shown={shown}
            settings={look.attribution}
            onChange={(change) => onChange({ attribution: { ...look.attribution, ...change } })}
          />
        )}
        {look.view === 'compare' && (
          <Compare
            host={host}
            questions={questions}
            shown={shown}
            store={store}
            compared={compared}
            look={look}
            onChange={onChange}
          />
        )}
        <p ref={line} class="readout number" aria-hidden="true" />
        {trail.length > 0 && (
          <CellView
            questions={questions}
            shown={shown}
            store={store}
            settings={look.maps}
            trail={trail}
            onTrail={(to) => onChange({ trail: to })}
          />
        )}
      </section>
    </ReadoutContext.Provider>
  );
}

/** The layer that reads the picture's own channels: what stands before it leaves them as they are. */
function firstReader(layers: Shown['result']['layers']): string | undefined {
  return layers.find(({ className }) => !['InputLayer', 'ZeroPadding2D', 'Rescaling'].includes(className))
    ?.name;
}
