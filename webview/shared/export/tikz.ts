/** A picture as TikZ: a document that pdflatex compiles as it is, and a tikzpicture that can be cut out of it. */
import { type Pixels, pixelsOf } from './pixels';
import type { Color, Command, Picture, Point, Primitive } from './primitives';
import { mapCommand, mapInTikz } from './tikzMaps';

/** A CSS pixel is three quarters of a point. */
const pointsPerPixel = 0.75;

export async function toTikz(picture: Picture): Promise<string> {
  const colors = new Palette();
  const maps = await pixelsOf(picture);
  const body = picture.groups.flatMap(({ label, primitives }) => [
    ...(label === null
      ? []
      : [`  % ${label.replace(/[^\x20-\x7e]/g, (letter) => plainText[letter] ?? '?')}`]),
    ...primitives.map((one) => `  ${primitive(one, colors, maps)}`),
  ]);
  const { x, y, width, height, background } = picture;
  const corner = (px: number, py: number) => `(${round(px)},${round(py)})`;
  const backdrop =
    background.red + background.green + background.blue === 765
      ? []
      : [`  \\fill[${colors.name(background)}] ${corner(x, y)} rectangle ${corner(x + width, y + height)};`];
  return [
    `% ${picture.title.replace(/[^\x20-\x7e]/g, '?')}, drawn by Layerwise. Compile with pdflatex, or copy the tikzpicture;`,
    `% it needs \\usepackage{tikz} and the colours${maps.size > 0 ? ' and \\lwmap' : ''} below.`,
    '\\documentclass{article}',
    `\\usepackage[paperwidth=${points(width)}pt,paperheight=${points(height)}pt,margin=2pt]{geometry}`,
    '\\usepackage[T1]{fontenc}',
    '\\usepackage{tikz}',
    '\\pagestyle{empty}',
    '\\setlength{\\parindent}{0pt}',
    '\\setlength{\\topskip}{0pt}',
    '\\begin{document}',
    ...colors.definitions(),
    ...(maps.size > 0 ? mapCommand : []),
    `\\begin{tikzpicture}[x=${pointsPerPixel}pt,y=-${pointsPerPixel}pt,line join=round,every node/.style={inner sep=0pt,outer sep=0pt,font=\\sffamily}]`,
    `  \\path[use as bounding box] ${corner(x, y)} rectangle ${corner(x + width, y + height)};`,
    ...backdrop,
    ...body,
    '\\end{tikzpicture}',
    '\\end{document}',
    '',
  ].join('\n');
}

/** The page is as large as the picture, with a small margin. */
function points(pixels: number): number {
  return Math.ceil(pixels * pointsPerPixel) + 6;
}

class Palette {
  private readonly names = new Map<string, string>();

  name({ red, green, blue }: Color): string {
    const rgb = `${red},${green},${blue}`;
    let name = this.names.get(rgb);
    if (!name) {
      name = `lw${letters(this.names.size)}`;
      this.names.set(rgb, name);
    }
    return name;
  }

  definitions(): string[] {
    return [...this.names].map(([rgb, name]) => `\\definecolor{${name}}{RGB}{${rgb}}`);
  }
}

/** Names of colours are letters only: a, b, …, z, ba, … */
function letters(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : letters(Math.floor(index / 26)) + letter;
}

const anchors = { start: 'base west', middle: 'base', end: 'base east' };

function primitive(one: Primitive, colors: Palette, maps: ReadonlyMap<string, Pixels>): string {
  if (one.kind === 'text') {
    const size = round(one.size * pointsPerPixel);
    const options = [
      `anchor=${anchors[one.anchor]}`,
      `text=${colors.name(one.fill)}`,
      `font=\\sffamily${one.bold ? '\\bfseries' : ''}\\fontsize{${size}}{${round(size * 1.2)}}\\selectfont`,
      ...(one.halo ? [`fill=${colors.name(one.halo)}`, 'inner sep=0.5pt'] : []),
    ];
    return `\\node[${options.join(',')}] at (${round(one.at.x)},${round(one.at.y)}) {${latex(one.text)}};`;
  }
  if (one.kind === 'raster') return mapInTikz(one, maps.get(one.url)!, pointsPerPixel);
  const options: string[] = [];
  if (one.fill) options.push(`fill=${colors.name(one.fill)}`);
  if (one.fill && one.fill.alpha < 1) options.push(`fill opacity=${round(one.fill.alpha)}`);
  if (one.stroke)
    options.push(
      `draw=${colors.name(one.stroke)}`,
      `line width=${round(one.strokeWidth * pointsPerPixel)}pt`,
    );
  if (one.stroke && one.stroke.alpha < 1) options.push(`draw opacity=${round(one.stroke.alpha)}`);
  if (one.dashes.length > 0) options.push(`dash pattern=${dashPattern(one.dashes)}`);
  return `\\path[${options.join(',')}] ${path(one.commands)};`;
}

function dashPattern(dashes: readonly number[]): string {
  const even = dashes.length % 2 === 0 ? dashes : [...dashes, ...dashes];
  return even
    .map((length, index) => `${index % 2 === 0 ? 'on' : 'off'} ${round(length * pointsPerPixel)}pt`)
    .join(' ');
}

function path(commands: readonly Command[]): string {
  const at = ({ x, y }: Point) => `(${round(x)},${round(y)})`;
  return commands
    .map((one) => {
      if (one.op === 'Z') return '-- cycle';
      if (one.op === 'M') return at(one.to);
      if (one.op === 'C') return `.. controls ${at(one.control1)} and ${at(one.control2)} .. ${at(one.to)}`;
      return `-- ${at(one.to)}`;
    })
    .join(' ');
}

const symbols: Record<string, string> = {
  '×': '$\\times$',
  '·': '$\\cdot$',
  '−': '$-$',
  '→': '$\\to$',
  '…': '\\ldots{}',
  '⌊': '$\\lfloor$',
  '⌋': '$\\rfloor$',
  '⌈': '$\\lceil$',
  '⌉': '$\\rceil$',
  '≥': '$\\geq$',
  '≤': '$\\leq$',
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '"': '\\textquotedbl{}',
  '`': '\\textasciigrave{}',
};
const plainText: Record<string, string> = { '×': 'x', '−': '-', '·': '*', '→': '->', '…': '...' };

/** What LaTeX would take for a command is escaped; letters that its fonts may lack become `?`. */
export function latex(text: string): string {
  return [...text]
    .map((letter) => {
      if (symbols[letter]) return symbols[letter];
      if ('#$%&_{}'.includes(letter)) return `\\${letter}`;
      return /[\x20-\x7e\u00c0-\u00ff]/.test(letter) ? letter : '?';
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
