/** Kinds and marks that occur in the picture. */
import type { VNode } from 'preact';
import type { Difference } from '../../model-graph/comparison/compare';
import { kindNames, type LayerKind } from '../shared/kinds';
import type { LayersGeometry } from './geometry';
import { differenceOf, Sign } from './LayersPicture';
import { differenceNames, type ModelMarks } from './marks';

const explained: Difference[] = ['added', 'removed', 'changed', 'resized', 'renamed'];
const hints: Partial<Record<Difference, string>> = { resized: 'resized by what comes before' };

export function Legend({
  geometry,
  marks,
}: {
  geometry: LayersGeometry;
  marks: readonly ModelMarks[];
}): VNode {
  const kinds = new Set(geometry.items.map(({ item }) => item.kind));
  const found = new Set<Difference>(
    geometry.items
      .filter(({ isMarked }) => isMarked)
      .map(({ item }) => differenceOf(item, marks[item.model]!)),
  );
  if (geometry.gaps.length > 0) found.add('removed');
  return (
    <footer class="legend">
      <ul aria-label="Kinds of layers">
        {(Object.keys(kindNames) as LayerKind[])
          .filter((kind) => kinds.has(kind))
          .map((kind) => (
            <li key={kind} class={`kind-${kind}`}>
              <span class="swatch" />
              {kindNames[kind]}
            </li>
          ))}
      </ul>
      {found.size > 0 && (
        <ul aria-label="Differences">
          {explained
            .filter((difference) => found.has(difference))
            .map((difference) => (
              <li key={difference}>
                <svg viewBox="-8 -8 16 16" width="16" height="16" aria-hidden="true">
                  <Sign difference={difference} x={0} y={0} />
                </svg>
                {hints[difference] ?? differenceNames[difference]}
              </li>
            ))}
        </ul>
      )}
    </footer>
  );
}
