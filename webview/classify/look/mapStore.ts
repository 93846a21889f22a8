/** Layers' maps of one picture, fetched when they are looked at; those looked at longest ago make room for others. */
import { useCallback, useRef, useState } from 'preact/hooks';
import { type Activation, activationOf } from '../../shared/maps';
import type { Questions } from './questions';

/** VGG-16 puts out 60 MB for one picture. */
const bytesKept = 192 * 1024 * 1024;

export interface FetchedMaps {
  activation?: Activation;
  /** Why there are none. */
  failure?: string;
}

export interface MapStore {
  get(layer: string): FetchedMaps | undefined;
  /** Asks for a layer's maps unless they are there or on their way. */
  fetch(layer: string): void;
}

export function useMapStore(questions: Questions, session: string | undefined): MapStore {
  const [kept, setKept] = useState<ReadonlyMap<string, FetchedMaps>>(new Map());
  const known = useRef(new Map<string, FetchedMaps>());
  const asked = useRef(new Set<string>());
  const fetch = useCallback(
    async (layer: string) => {
      if (session === undefined || asked.current.has(layer) || known.current.get(layer)?.activation) return;
      asked.current.add(layer);
      const fetched = await questions.ask(session, { kind: 'maps', layer }).then(
        ({ shape, layout, data }): FetchedMaps => ({
          activation: activationOf({ shape, layout }, new Float32Array(data)),
        }),
        (error: Error): FetchedMaps => ({ failure: error.message }),
      );
      asked.current.delete(layer);
      known.current.delete(layer);
      known.current.set(layer, fetched);
      makeRoom(known.current);
      setKept(new Map(known.current));
    },
    [questions, session],
  );
  return { get: (layer) => kept.get(layer), fetch: (layer) => void fetch(layer) };
}

function makeRoom(known: Map<string, FetchedMaps>): void {
  const bytes = ({ activation }: FetchedMaps) => activation?.planes.byteLength ?? 0;
  let total = [...known.values()].reduce((sum, maps) => sum + bytes(maps), 0);
  for (const [layer, maps] of known) {
    if (total <= bytesKept || known.size <= 1) return;
    known.delete(layer);
    total -= bytes(maps);
  }
}
