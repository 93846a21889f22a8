/** From SVG elements as the browser shows them to primitives. Elements must be in the document, so that styles apply. */
import { arcCurves, parsePath, roundedRectangle } from './path';
import type { Color, Command, Group, Outline, Picture, Point, Primitive, Text } from './primitives';

/** Marks of the screen: no part of the picture. */
const screenOnly = '.ring, .hit, .fold-mark, .frame-title .box, .frame-title path, defs';

export function flatten(
  picture: SVGSVGElement,
  frame: { x: number; y: number; width: number; height: number },
  title: string,
): Picture {
  const groups: Group[] = [];
  for (const child of picture.children) {
    if (child.matches(screenOnly)) continue;
    const isLayer = child.matches('.layer');
    const primitives = [...child.querySelectorAll<SVGGraphicsElement>(shapes)]
      .concat(child.matches(shapes) ? [child as SVGGraphicsElement] : [])
      .filter((element) => !element.closest(screenOnly))
      .flatMap(primitivesOf);
    if (primitives.length > 0)
      groups.push({ label: isLayer ? child.getAttribute('aria-label') : null, primitives });
  }
  const style = getComputedStyle(picture);
  return {
    title,
    ...frame,
    background: parseColor(style.backgroundColor) ?? white,
    fontFamily: style.fontFamily,
    groups,
  };
}

const shapes = 'path, rect, polygon, polyline, circle, text, image';
const white: Color = { red: 255, green: 255, blue: 255, alpha: 1 };

function primitivesOf(element: SVGGraphicsElement): Primitive[] {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden') return [];
  const opacity = Number(style.opacity);
  const fill = withOpacity(parseColor(style.fill), opacity * Number(style.fillOpacity));
  const matrix = element.getCTM();
  const place = ({ x, y }: Point): Point =>
    matrix
      ? { x: matrix.a * x + matrix.c * y + matrix.e, y: matrix.b * x + matrix.d * y + matrix.f }
      : { x, y };
  if (element instanceof SVGImageElement) {
    const origin = place({ x: 0, y: 0 });
    const [right, bottom] = [place({ x: 1, y: 0 }), place({ x: 0, y: 1 })];
    return [
      {
        kind: 'raster',
        url: element.href.baseVal,
        isCoarse: element.classList.contains('coarse'),
        origin,
        across: { x: right.x - origin.x, y: right.y - origin.y },
        down: { x: bottom.x - origin.x, y: bottom.y - origin.y },
      },
    ];
  }
  if (element instanceof SVGTextElement) {
    const text = (element.textContent ?? '').trim();
    if (!text || !fill) return [];
    const primitive: Text = {
      kind: 'text',
      at: place({ x: numberOf(element, 'x'), y: numberOf(element, 'y') }),
      text,
      anchor: style.textAnchor === 'middle' || style.textAnchor === 'end' ? style.textAnchor : 'start',
      size: Number.parseFloat(style.fontSize),
      bold: Number(style.fontWeight) >= 600,
      fill,
      halo: style.paintOrder.startsWith('stroke') ? parseColor(style.stroke) : null,
    };
    return [primitive];
  }
  const stroke = withOpacity(parseColor(style.stroke), opacity * Number(style.strokeOpacity));
  if (!fill && !stroke) return [];
  const outline: Outline = {
    kind: 'outline',
    commands: commandsOf(element).map((command) => moved(command, place)),
    fill,
    stroke,
    strokeWidth: Number.parseFloat(style.strokeWidth),
    dashes:
      style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(/[ ,]+/).map(Number.parseFloat),
  };
  if (!outline.dashes.every(Number.isFinite)) outline.dashes = [];
  const head = element.getAttribute('marker-end') && stroke ? arrowHead(outline.commands, stroke) : undefined;
  return head ? [outline, head] : [outline];
}

function commandsOf(element: SVGGraphicsElement): Command[] {
  const number = (name: string) => numberOf(element, name);
  switch (element.tagName) {
    case 'rect':
      return roundedRectangle(number('x'), number('y'), number('width'), number('height'), number('rx'));
    case 'circle': {
      const centre = { x: number('cx'), y: number('cy') };
      const radius = number('r');
      const start: Command = { op: 'M', to: { x: centre.x + radius, y: centre.y } };
      return [start, ...arcCurves(centre, radius, 0, 2 * Math.PI), { op: 'Z' }];
    }
    case 'path':
      return parsePath(element.getAttribute('d') ?? '');
    default: {
      const points = (element.getAttribute('points') ?? '').trim();
      return parsePath(`M${points}${element.tagName === 'polygon' ? 'Z' : ''}`);
    }
  }
}

function numberOf(element: Element, name: string): number {
  return Number(element.getAttribute(name) ?? 0);
}

function moved(command: Command, place: (point: Point) => Point): Command {
  if (command.op === 'Z') return command;
  if (command.op === 'C') {
    const { control1, control2, to } = command;
    return { op: 'C', control1: place(control1), control2: place(control2), to: place(to) };
  }
  return { ...command, to: place(command.to) };
}

/** The marker of ArrowMarker.tsx: 7 long, its tip almost at the line's end. */
function arrowHead(commands: readonly Command[], color: Color): Outline | undefined {
  const points = commands.flatMap((command) =>
    command.op === 'Z'
      ? []
      : command.op === 'C'
        ? [command.control1, command.control2, command.to]
        : [command.to],
  );
  const tip = points.at(-1);
  const before = points.findLast((point) => tip && Math.hypot(point.x - tip.x, point.y - tip.y) > 0.01);
  if (!tip || !before) return undefined;
  const length = Math.hypot(tip.x - before.x, tip.y - before.y);
  const along = { x: (tip.x - before.x) / length, y: (tip.y - before.y) / length };
  const corner = (back: number, aside: number): Point => ({
    x: tip.x - along.x * back - along.y * aside,
    y: tip.y - along.y * back + along.x * aside,
  });
  const half = 3.5;
  return {
    kind: 'outline',
    commands: [
      { op: 'M', to: corner(6.1, -half) },
      { op: 'L', to: corner(-0.9, 0) },
      { op: 'L', to: corner(6.1, half) },
      { op: 'Z' },
    ],
    fill: color,
    stroke: null,
    strokeWidth: 0,
    dashes: [],
  };
}

/** `rgb(…)`, `rgba(…)` and `color(srgb …)` as browsers compute them; null when nothing is painted. */
export function parseColor(text: string): Color | null {
  const numbers = text.match(/[\d.]+(?:e-?\d+)?/g)?.map(Number) ?? [];
  if (text === 'none' || numbers.length < 3) return null;
  const scale = text.startsWith('color(') ? 255 : 1;
  const [red, green, blue, alpha = 1] = numbers as [number, number, number, number?];
  if (alpha === 0) return null;
  return {
    red: Math.round(red * scale),
    green: Math.round(green * scale),
    blue: Math.round(blue * scale),
    alpha,
  };
}

function withOpacity(color: Color | null, opacity: number): Color | null {
  if (!color || opacity === 0) return null;
  return { ...color, alpha: color.alpha * opacity };
}
