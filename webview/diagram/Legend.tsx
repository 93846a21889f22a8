/** What the colours mean. */
import type { VNode } from 'preact';
import { kindNames, type LayerKind } from '../shared/kinds';
import { formatMeasure, type Heat, heatColor, measureNames } from './heat';
import type { Scene } from './scene';

const steps = 9;

export function Legend({ scene, heat }: { scene: Scene; heat: Heat | null }): VNode {
  const certainties = new Set(scene.items.map(({ certainty }) => certainty));
  return (
    <footer class="legend">
      <ul aria-label="Legend">
        {heat ? <HeatScale heat={heat} /> : <Kinds scene={scene} />}
        {(certainties.has('symbolic') || certainties.has('lost')) && (
          <li>
            <span class="swatch dashed" />
            Size not known as a number
          </li>
        )}
        {scene.items.some(({ members }) => members.length > 0) && (
          <li>
            <span class="swatch plus">+</span>
            Folded: F opens it
          </li>
        )}
      </ul>
    </footer>
  );
}

function Kinds({ scene }: { scene: Scene }): VNode {
  const present = new Set(scene.items.map(({ kind }) => kind));
  const kinds = (Object.keys(kindNames) as LayerKind[]).filter((kind) => present.has(kind));
  return (
    <>
      {kinds.map((kind) => (
        <li key={kind} class={`kind-${kind}`}>
          <span class="swatch" />
          {kindNames[kind]}
        </li>
      ))}
    </>
  );
}

function HeatScale({ heat }: { heat: Heat }): VNode {
  return (
    <>
      <li>
        <strong>{measureNames[heat.measure]}</strong>
      </li>
      <li>
        <span class="number">{formatMeasure(heat.low, heat.measure)}</span>
        <svg class="heat-scale" width={steps * 14} height="12" aria-hidden="true">
          {Array.from({ length: steps }, (_, index) => (
            <rect key={index} x={index * 14} width="14" height="12" fill={heatColor(index / (steps - 1))} />
          ))}
        </svg>
        <span class="number">{formatMeasure(heat.high, heat.measure)}</span>
        <span class="muted">(logarithmic)</span>
      </li>
      <li>
        <span class="swatch none" />
        None
      </li>
    </>
  );
}
