/** What the pointer tells of a layer, beside it. */
import type { VNode } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { DrawnItem } from './items';
import { factsOf } from './LayersPicture';
import { changeLines, differenceNames, type ModelMarks } from './marks';

interface PointedProps {
  item: DrawnItem;
  marks: ModelMarks;
  names: readonly string[];
  x: number;
  y: number;
}

export function Pointed({ item, marks, names, x, y }: PointedProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: x + 14, top: y + 14 });
  useLayoutEffect(() => {
    const { offsetWidth = 0, offsetHeight = 0 } = box.current ?? {};
    setPlace({
      left: Math.max(4, Math.min(x + 14, innerWidth - offsetWidth - 8)),
      top: y + 14 + offsetHeight > innerHeight - 8 ? Math.max(4, y - offsetHeight - 10) : y + 14,
    });
  }, [x, y, item]);
  const [layer] = item.members;
  const difference = layer && marks.isRelated ? marks.byLayer.get(layer.key) : undefined;
  return (
    // The layer's own label says the same to those who cannot point.
    <div
      ref={box}
      class="pointed-facts"
      aria-hidden="true"
      style={{ left: `${place.left}px`, top: `${place.top}px` }}
    >
      <p class="pointed-title">{item.members.length > 1 ? item.title : layer?.layer.name}</p>
      {item.members.length === 1 && <p class="muted">{item.title}</p>}
      <dl>
        {factsOf(item).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {difference && difference.difference !== 'same' && (
        <div class="pointed-difference">
          <p>
            {differenceNames[difference.difference]} against {names[marks.reference!]}
          </p>
          {changeLines(difference).map((line) => (
            <p class="code" key={line}>
              {line}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
