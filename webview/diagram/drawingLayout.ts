/** The layout of whichever view is shown, and what the rest of the drawing asks of it. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { layoutGraph } from './graph/layout';
import type { GraphLayout } from './graph/types';
import type { ViewName } from './host';
import { measureText } from './measure';
import type { Scene } from './scene';
import type { Bounds } from './viewport';
import { layoutVolumes } from './volumes/layout';
import type { VolumesLayout } from './volumes/types';

export type Layout = { view: 'volumes'; volumes: VolumesLayout } | { view: 'graph'; graph: GraphLayout };

/** ELK answers later; until then the previous layout stays, so that typing does not make the drawing flash. */
export function useLayout(
  scene: Scene,
  view: ViewName,
  size: { width: number; height: number },
): Layout | null {
  const hasSize = size.width > 0;
  // Only volumes are broken into rows by the panel's size.
  const [width, height] = view === 'graph' ? [0, 0] : [size.width, size.height];
  const begun = useMemo((): Layout | Promise<Layout> | null => {
    if (!hasSize) return null;
    if (view !== 'graph') return { view: 'volumes', volumes: layoutVolumes(scene, view, measureText, size) };
    performance.mark('layerwise layout begins');
    const result = layoutGraph(scene, measureText);
    return result instanceof Promise
      ? result.then((graph) => ({ view: 'graph', graph }))
      : { view: 'graph', graph: result };
  }, [scene, view, hasSize, width, height]);
  const [late, setLate] = useState<Layout | null>(null);
  useEffect(() => {
    if (!(begun instanceof Promise)) return;
    let current = true;
    begun.then(
      (layout) => current && setLate(layout),
      (error: unknown) => console.error('Layerwise: the graph could not be laid out', error),
    );
    return () => {
      current = false;
    };
  }, [begun]);
  return begun instanceof Promise ? (late?.view === 'graph' ? late : null) : begun;
}

export function layoutBounds(layout: Layout): Bounds {
  return layout.view === 'graph' ? layout.graph : layout.volumes;
}

/** Where each item is, its label included. */
export function itemBoxes(layout: Layout): Map<string, Bounds> {
  const boxes = new Map<string, Bounds>();
  if (layout.view === 'graph') {
    for (const { item, x, y, width, height } of layout.graph.nodes)
      boxes.set(item.key, { x, y, width, height });
    return boxes;
  }
  for (const placed of layout.volumes.items) {
    const half = Math.max(placed.width, placed.label.width) / 2;
    const top = placed.y - placed.height / 2;
    boxes.set(placed.item.key, {
      x: placed.x - half,
      y: top,
      width: 2 * half,
      height: placed.label.y + 60 - top,
    });
  }
  return boxes;
}
