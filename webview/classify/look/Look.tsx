/** Inside the network: what each layer saw. */
import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { ClassifyHost } from '../host';
import type { Shown } from '../shown';
import { Enlarged } from './Enlarged';
import { type EnlargedMap, LayerMaps, type LayerSummary } from './LayerMaps';
import type { Activation } from './maps';
import type { Questions } from './questions';

interface LookProps {
  host: ClassifyHost;
  questions: Questions;
  shown: Shown;
  /** The layer that another view selected. */
  selection: { layer: string | null };
}

export function Look({ host, questions, shown, selection }: LookProps): VNode {
  const { session, layers } = shown.result;
  const [activations, setActivations] = useState<ReadonlyMap<string, Activation>>(new Map());
  const [enlarged, setEnlarged] = useState<EnlargedMap | null>(null);
  const [selected, setSelected] = useState(selection.layer);
  useEffect(() => setSelected(selection.layer), [selection]);

  const fetchMaps = useCallback(
    async (layer: string) => {
      const { shape, data } = await questions.ask(session, { kind: 'maps', layer });
      setActivations((known) => new Map(known).set(layer, { shape, values: new Float32Array(data) }));
    },
    [questions, session],
  );
  const select = (layer: string) => {
    if (layer === selected) return;
    setSelected(layer);
    host.post({ type: 'layerSelected', layer });
  };
  return (
    <section class="layers" aria-label="What each layer saw">
      <h2>What each layer saw</h2>
      <p class="muted intro">
        Every map is one channel. Dark is the layer's lowest value, yellow its highest; point to read a value,
        click to enlarge.
      </p>
      {layers.map((layer) => (
        <LayerSection
          key={layer.name}
          layer={layer}
          isSelected={layer.name === selected}
          activation={activations.get(layer.name)}
          fetchMaps={fetchMaps}
          onSelect={select}
          onEnlarge={setEnlarged}
        />
      ))}
      {enlarged && (
        <Enlarged
          shown={enlarged}
          onMap={(map) => setEnlarged({ ...enlarged, map })}
          onClose={() => setEnlarged(null)}
        />
      )}
    </section>
  );
}

interface LayerSectionProps {
  layer: LayerSummary;
  isSelected: boolean;
  activation: Activation | undefined;
  fetchMaps: (layer: string) => Promise<void>;
  onSelect: (layer: string) => void;
  onEnlarge: (map: EnlargedMap) => void;
}

function LayerSection({
  layer,
  isSelected,
  activation,
  fetchMaps,
  onSelect,
  onEnlarge,
}: LayerSectionProps): VNode {
  const onVisible = useCallback(() => {
    fetchMaps(layer.name).catch((error) => console.warn(`Layerwise: ${layer.name}: ${error.message}`));
  }, [fetchMaps, layer.name]);
  return (
    <LayerMaps
      layer={layer}
      isSelected={isSelected}
      activation={activation}
      onVisible={onVisible}
      onSelect={() => onSelect(layer.name)}
      onEnlarge={(map) => {
        onSelect(layer.name);
        onEnlarge(map);
      }}
    />
  );
}
