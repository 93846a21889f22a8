/** The drawing as a file: rendered once more, whole and without marks of the screen, in the theme that is asked for. */
import { render } from 'preact';
import type { ExportFormat, ExportTheme } from '../../../protocol/webview';
import { type Layout, layoutBounds } from '../drawingLayout';
import { GraphDrawing } from '../graph/GraphDrawing';
import type { ViewName } from '../host';
import type { ItemState } from '../layerElement';
import type { Scene } from '../scene';
import { VolumesDrawing } from '../volumes/VolumesDrawing';
import { flatten } from './flatten';
import { toMermaid } from './mermaid';
import type { Picture } from './primitives';
import { toSvg } from './svg';
import { toTikz } from './tikz';

/** What is on the screen. */
export interface ExportSource {
  scene: Scene;
  layout: Layout;
  view: ViewName;
  heat: ReadonlyMap<string, string> | null;
}

export interface ExportOptions {
  format: ExportFormat;
  theme: ExportTheme;
  /** Pixels of a PNG for each of the drawing's. */
  scale: number;
}

/** Canvases have limits, and so has memory. */
const mostPixels = 100_000_000;

/** Text, or for PNG a blob. Throws with a message for people. */
export async function exportDiagram(source: ExportSource, options: ExportOptions): Promise<string | Blob> {
  if (options.format === 'mermaid') return toMermaid(source.scene);
  const picture = pictureOf(source, options.theme);
  if (options.format === 'tikz') return toTikz(picture);
  const svg = toSvg(picture);
  return options.format === 'svg' ? svg : rasterize(svg, picture, options.scale);
}

export function pictureOf({ scene, layout, view, heat }: ExportSource, theme: ExportTheme): Picture {
  const stage = document.createElement('div');
  stage.className = theme === 'screen' ? 'export-stage' : `export-stage theme-${theme}`;
  stage.setAttribute('aria-hidden', 'true');
  document.body.append(stage);
  const bodyClass = document.body.className;
  // What a theme's body says of high contrast must not leak into a light or printed picture. Nothing is painted meanwhile.
  if (theme !== 'screen') document.body.className = theme === 'dark' ? 'vscode-dark' : 'vscode-light';
  try {
    const state: ItemState = {
      selected: null,
      focusable: null,
      highlighted: new Set(),
      matches: new Set(),
      match: null,
      heat,
    };
    render(
      <svg class={`picture ${view}`} aria-hidden="true">
        {layout.view === 'graph' ? (
          <GraphDrawing layout={layout.graph} state={state} window={undefined} onFold={() => undefined} />
        ) : (
          <VolumesDrawing layout={layout.volumes} state={state} window={undefined} />
        )}
      </svg>,
      stage,
    );
    const { x, y, width, height } = layoutBounds(layout);
    return flatten(
      stage.querySelector('svg')!,
      { x, y, width, height },
      `Architecture of ${scene.graph.name}`,
    );
  } finally {
    document.body.className = bodyClass;
    render(null, stage);
    stage.remove();
  }
}

async function rasterize(svg: string, { width, height }: Picture, scale: number): Promise<Blob> {
  const [columns, rows] = [Math.ceil(width * scale), Math.ceil(height * scale)];
  if (columns * rows > mostPixels || Math.max(columns, rows) > 32_000) {
    throw new Error(
      `A PNG of ${columns.toLocaleString('en')} × ${rows.toLocaleString('en')} pixels is too large. Choose a smaller scale, fold the diagram, or export SVG.`,
    );
  }
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: columns, height: rows });
    canvas.getContext('2d')!.drawImage(image, 0, 0, columns, rows);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error('The PNG could not be made. Choose a smaller scale, or export SVG.');
    return blob;
  } finally {
    URL.revokeObjectURL(url);
  }
}
