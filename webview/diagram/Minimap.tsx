/** The whole drawing, small, with a frame around what can be seen. Dragging in it moves there. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { LayerKind } from '../shared/kinds';
import { itemBoxes, type Layout, layoutBounds } from './drawingLayout';
import type { Scene } from './scene';
import type { Transform } from './viewport';

const largest = { width: 190, height: 130 };

interface MinimapProps {
  layout: Layout;
  scene: Scene;
  transform: Transform;
  size: { width: number; height: number };
  /** A point of the drawing that is to be in the middle. */
  onMove: (x: number, y: number) => void;
}

export function Minimap({ layout, scene, transform, size, onMove }: MinimapProps): VNode {
  const bounds = layoutBounds(layout);
  const scale = Math.min(largest.width / bounds.width, largest.height / bounds.height);
  const width = Math.max(24, bounds.width * scale);
  const height = Math.max(24, bounds.height * scale);
  // The same object while the view only moves.
  const picture = useMemo(
    () => (
      <svg aria-hidden="true" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {kindPaths(layout, scene, scale).map(([kind, path]) => (
          <path key={kind} class={`kind-${kind}`} d={path} />
        ))}
      </svg>
    ),
    [layout, scene, scale, width, height],
  );
  const move = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    onMove((event.clientX - box.left) / scale + bounds.x, (event.clientY - box.top) / scale + bounds.y);
  };
  const seen = {
    x: (-transform.x / transform.zoom - bounds.x) * scale,
    y: (-transform.y / transform.zoom - bounds.y) * scale,
    width: (size.width / transform.zoom) * scale,
    height: (size.height / transform.zoom) * scale,
  };
  return (
    <div
      class="minimap"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.stopPropagation();
        (event.currentTarget as Element).setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && move(event)}
      onClick={(event) => event.stopPropagation()}
    >
      <div class="minimap-view">
        {picture}
        <div
          class="seen"
          style={{
            width: `${seen.width}px`,
            height: `${seen.height}px`,
            transform: `translate(${seen.x}px, ${seen.y}px)`,
          }}
        />
      </div>
    </div>
  );
}

/** One path for each kind: ten thousand layers are still a dozen elements. */
function kindPaths(layout: Layout, scene: Scene, scale: number): [LayerKind, string][] {
  const bounds = layoutBounds(layout);
  const boxes = itemBoxes(layout);
  const paths = new Map<LayerKind, string[]>();
  const tenths = (value: number) => Math.round(value * 10) / 10;
  for (const { key, kind } of scene.items) {
    const box = boxes.get(key);
    if (!box) continue;
    const [x, y] = [tenths((box.x - bounds.x) * scale), tenths((box.y - bounds.y) * scale)];
    const [width, height] = [
      Math.max(1, tenths(box.width * scale)),
      Math.max(0.6, tenths(box.height * scale)),
    ];
    const known = paths.get(kind) ?? [];
    known.push(`M${x},${y}h${width}v${height}h${-width}z`);
    paths.set(kind, known);
  }
  return [...paths].map(([kind, parts]) => [kind, parts.join('')]);
}
