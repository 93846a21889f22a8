/** The comparison as a file: the picture once more, with the names of the models in it. */
import type { ExportOptions } from '../../protocol/webview';
import { pictureOf } from '../shared/export/offscreen';
import { rasterize } from '../shared/export/raster';
import { toSvg } from '../shared/export/svg';
import { toTikz } from '../shared/export/tikz';
import { Poster, type PosterContent, planOf } from './Poster';

export async function exportComparison(
  content: PosterContent,
  { format, theme, scale }: ExportOptions,
): Promise<string | Blob> {
  const plan = planOf(content, true);
  const state = { selected: null, focusable: null, pointed: null };
  const picture = pictureOf(
    {
      drawing: <Poster content={content} state={state} plan={plan} withHeads />,
      title: `Comparison of ${content.names.join(', ')}`,
      x: 0,
      y: 0,
      width: plan.width,
      height: plan.height,
    },
    theme,
  );
  if (format === 'tikz') return toTikz(picture);
  const svg = toSvg(picture);
  return format === 'png' ? rasterize(svg, picture, scale) : svg;
}
