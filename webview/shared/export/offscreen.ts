/** A drawing rendered once more, unseen, in the theme that is asked for: what every export begins with. */
import { render, type VNode } from 'preact';
import type { ExportTheme } from '../../../protocol/webview';
import { flatten } from './flatten';
import type { Picture } from './primitives';

export interface DrawingToExport {
  /** An `svg` with the class `picture`. */
  drawing: VNode;
  x: number;
  y: number;
  width: number;
  height: number;
  title: string;
}

export function pictureOf(
  { drawing, title, x, y, width, height }: DrawingToExport,
  theme: ExportTheme,
): Picture {
  const stage = document.createElement('div');
  stage.className = theme === 'screen' ? 'export-stage' : `export-stage theme-${theme}`;
  stage.setAttribute('aria-hidden', 'true');
  document.body.append(stage);
  const bodyClass = document.body.className;
  // What a theme's body says of high contrast must not leak into a light or printed picture. Nothing is painted meanwhile.
  if (theme !== 'screen') document.body.className = theme === 'dark' ? 'vscode-dark' : 'vscode-light';
  try {
    render(drawing, stage);
    return flatten(stage.querySelector('svg')!, { x, y, width, height }, title);
  } finally {
    document.body.className = bodyClass;
    render(null, stage);
    stage.remove();
  }
}
