/**
 * Feature maps in TikZ. LaTeX takes pictures from files only, and an exported drawing is one file: the pixels stand in the
 * page's own PDF code as an inline image (PDF 32000-1, 8.9.7), which pdfLaTeX, LuaLaTeX and XeLaTeX write alike.
 */
import type { Pixels } from './pixels';
import type { Point, Raster } from './primitives';

/**
 * Stands before the picture. Arguments: the matrix's first four entries, the lower left corner (in the picture's
 * coordinates), the image's dictionary, its pixels. What scales or turns the picture scales and turns the map.
 */
export const mapCommand = [
  '\\makeatletter',
  '% #1: matrix, #2: lower left corner, #3: image dictionary, #4: pixels in hexadecimal',
  '\\providecommand\\lwmap[4]{\\begin{scope}\\pgftransformcm#1{\\pgfpointxy#2}\\pgflowlevelsynccm',
  '  \\pgfsys@invoke{BI #3 /BPC 8 /F /AHx ID #4> EI}\\end{scope}}',
  '\\makeatother',
];

/** A PDF's image is one big point wide and high, and its rows begin at the top. */
const bigPoint = 72.27 / 72;
const mostColors = 256;
const lineLength = 120;

/** `scale`: points for each of the picture's pixels. */
export function mapInTikz({ origin, across, down, isCoarse }: Raster, pixels: Pixels, scale: number): string {
  const size = scale / bigPoint;
  const matrix = [across.x * size, -across.y * size, -down.x * size, down.y * size];
  const corner: Point = { x: origin.x + down.x, y: origin.y + down.y };
  const { colors, data } = encode(pixels);
  const dictionary = [
    `/W ${pixels.width} /H ${pixels.height}`,
    `/CS ${colors}`,
    ...(isCoarse ? [] : ['/I true']),
  ].join(' ');
  const braces = (values: number[]) => values.map((value) => `{${fine(value)}}`).join('');
  return [
    `\\lwmap{${braces(matrix)}}{${braces([corner.x, corner.y])}}{%`,
    `${broken(dictionary)}}{%`,
    `${broken(data)}}`,
  ].join('\n');
}

/** One byte a pixel where the colours are as few as those of a colour map, else three. */
function encode({ data }: Pixels): { colors: string; data: string } {
  const known = new Map<string, number>();
  const direct: string[] = [];
  const indexed: string[] = [];
  for (let at = 0; at < data.length; at += 4) {
    const color = hex(data[at]!) + hex(data[at + 1]!) + hex(data[at + 2]!);
    direct.push(color);
    if (known.size > mostColors) continue;
    const index = known.get(color) ?? known.size;
    known.set(color, index);
    indexed.push(hex(index));
  }
  if (known.size > mostColors) return { colors: '/RGB', data: direct.join('') };
  return { colors: `[/I /RGB ${known.size - 1} <${[...known.keys()].join('')}>]`, data: indexed.join('') };
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** TeX reads lines of a limited length; PDF does not mind spaces in hexadecimal digits. */
function broken(text: string): string {
  return text.match(new RegExp(`.{1,${lineLength}}`, 'g'))!.join('\n');
}

function fine(value: number): number {
  // Not −0.
  return Math.round(value * 1e4) / 1e4 + 0;
}
