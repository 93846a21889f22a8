/** The drawing as a file: rendered once more, whole and without marks of the screen, in the theme that is asked for. */
import type { ExportOptions } from '../../../protocol/webview';
import { pictureOf } from '../../shared/export/offscreen';
import { rasterize } from '../../shared/export/raster';
import { toSvg } from '../../shared/export/svg';
import { toTikz } from '../../shared/export/tikz';
import { type Layout, layoutBounds } from '../drawingLayout';
import { GraphDrawing } from '../graph/GraphDrawing';
import type { ViewName } from '../host';
import type { ItemState } from '../layerElement';
import type { Thumbnails } from '../picture/thumbnails';
import type { Scene } from '../scene';
import { VolumesDrawing } from '../volumes/VolumesDrawing';
import { toMermaid } from './mermaid';

/** What is on the screen. */
export interface ExportSource {
  scene: Scene;
  layout: Layout;
  view: ViewName;
  heat: ReadonlyMap<string, string> | null;
  thumbnails: ReadonlyMap<string, Thumbnails>;
}

/** Text, or for PNG a blob. Throws with a message for people. */
export async function exportDiagram(source: ExportSource, options: ExportOptions): Promise<string | Blob> {
  if (options.format === 'mermaid') return toMermaid(source.scene);
  const { x, y, width, height } = layoutBounds(source.layout);
  const title = `Architecture of ${source.scene.graph.name}`;
  const picture = pictureOf({ drawing: drawingOf(source), title, x, y, width, height }, options.theme);
  if (options.format === 'tikz') return toTikz(picture);
  const svg = toSvg(picture);
  return options.format === 'svg' ? svg : rasterize(svg, picture, options.scale);
}

function drawingOf({ layout, view, heat, thumbnails }: ExportSource) {
  const state: ItemState = {
    selected: null,
    focusable: null,
    highlighted: new Set(),
    matches: new Set(),
    match: null,
    heat,
    thumbnails,
  };
  return (
    <svg class={`picture ${view}`} aria-hidden="true">
      {layout.view === 'graph' ? (
        <GraphDrawing layout={layout.graph} state={state} window={undefined} onFold={() => undefined} />
      ) : (
        <VolumesDrawing layout={layout.volumes} state={state} window={undefined} />
      )}
    </svg>
  );
}
