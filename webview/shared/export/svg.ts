/** A picture as SVG: self-contained, text as text, every layer a group with its name. */
import type { Color, Command, Group, Picture, Point, Primitive } from './primitives';

export function toSvg(picture: Picture): string {
  const { x, y, width, height } = picture;
  const size = `width="${round(width)}" height="${round(height)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="${round(x)} ${round(y)} ${round(width)} ${round(height)}" font-family="${escapeText(picture.fontFamily)}" role="img" aria-label="${escapeText(picture.title)}">
<title>${escapeText(picture.title)}</title>
<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"${paint('fill', picture.background)}/>
${picture.groups.map(group).join('\n')}
</svg>
`;
}

function group({ label, primitives }: Group): string {
  const title = label === null ? '' : `<title>${escapeText(label)}</title>\n`;
  return `<g>\n${title}${primitives.map(primitive).join('\n')}\n</g>`;
}

function primitive(one: Primitive): string {
  if (one.kind === 'text') {
    const anchor = one.anchor === 'start' ? '' : ` text-anchor="${one.anchor}"`;
    const weight = one.bold ? ' font-weight="600"' : '';
    const halo = one.halo
      ? `${paint('stroke', one.halo)} stroke-width="4" stroke-linejoin="round" paint-order="stroke"`
      : '';
    return `<text x="${round(one.at.x)}" y="${round(one.at.y)}" font-size="${round(one.size)}"${weight}${anchor}${paint('fill', one.fill)}${halo}>${escapeText(one.text)}</text>`;
  }
  if (one.kind === 'raster') {
    const { across, down, origin } = one;
    // Rounded more finely than the rest: a pixel's width is stretched over many.
    const matrix = [across.x, across.y, down.x, down.y, origin.x, origin.y].map(fine).join(',');
    const edges = one.isCoarse ? ' image-rendering="pixelated"' : '';
    return `<image href="${escapeText(one.url)}" width="1" height="1" preserveAspectRatio="none" transform="matrix(${matrix})"${edges}/>`;
  }
  const stroke = one.stroke
    ? `${paint('stroke', one.stroke)} stroke-width="${round(one.strokeWidth)}" stroke-linejoin="round"`
    : '';
  const dashes = one.dashes.length > 0 ? ` stroke-dasharray="${one.dashes.map(round).join(' ')}"` : '';
  return `<path d="${one.commands.map(command).join('')}"${paint('fill', one.fill)}${stroke}${dashes}/>`;
}

function command(one: Command): string {
  const at = ({ x, y }: Point) => `${round(x)},${round(y)}`;
  if (one.op === 'Z') return 'Z';
  if (one.op === 'C') return `C${at(one.control1)} ${at(one.control2)} ${at(one.to)}`;
  return `${one.op}${at(one.to)}`;
}

function paint(property: 'fill' | 'stroke', color: Color | null): string {
  if (!color) return ` ${property}="none"`;
  const hex = [color.red, color.green, color.blue]
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('');
  const opacity = color.alpha < 1 ? ` ${property}-opacity="${round(color.alpha)}"` : '';
  return ` ${property}="#${hex}"${opacity}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function fine(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
