/** SVG path data as absolute lines and cubic curves. */
import type { Command, Point } from './primitives';

const parameterCounts: Record<string, number> = { M: 2, L: 2, H: 1, V: 1, C: 6, Q: 4, A: 7, Z: 0 };

export function parsePath(data: string): Command[] {
  const tokens = data.match(/[a-zA-Z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/g) ?? [];
  const commands: Command[] = [];
  let at: Point = { x: 0, y: 0 };
  let start = at;
  let letter = '';
  for (let index = 0; index < tokens.length; ) {
    if (/[a-zA-Z]/.test(tokens[index]!)) letter = tokens[index++]!;
    const name = letter.toUpperCase();
    const isRelative = letter !== name;
    const count = parameterCounts[name];
    if (count === undefined) throw new Error(`Path command ${letter} is not drawn anywhere.`);
    const values = tokens.slice(index, index + count).map(Number);
    index += count;
    const base = isRelative ? at : { x: 0, y: 0 };
    const point = (from: number): Point => ({ x: base.x + values[from]!, y: base.y + values[from + 1]! });
    switch (name) {
      case 'M':
        at = point(0);
        start = at;
        commands.push({ op: 'M', to: at });
        // Further pairs after a move are lines.
        letter = isRelative ? 'l' : 'L';
        break;
      case 'L':
        at = point(0);
        commands.push({ op: 'L', to: at });
        break;
      case 'H':
        at = { x: base.x + values[0]!, y: at.y };
        commands.push({ op: 'L', to: at });
        break;
      case 'V':
        at = { x: at.x, y: base.y + values[0]! };
        commands.push({ op: 'L', to: at });
        break;
      case 'C':
        commands.push({ op: 'C', control1: point(0), control2: point(2), to: point(4) });
        at = point(4);
        break;
      case 'Q':
        commands.push(quadratic(at, point(0), point(2)));
        at = point(2);
        break;
      case 'A': {
        const to = point(5);
        commands.push(...arc(at, values[0]!, values[3] === 1, values[4] === 1, to));
        at = to;
        break;
      }
      default:
        commands.push({ op: 'Z' });
        at = start;
        if (index < tokens.length && !/[a-zA-Z]/.test(tokens[index]!)) throw new Error('Numbers after Z.');
    }
  }
  return commands;
}

function quadratic(from: Point, control: Point, to: Point): Command {
  const towards = (end: Point): Point => ({
    x: end.x + (2 / 3) * (control.x - end.x),
    y: end.y + (2 / 3) * (control.y - end.y),
  });
  return { op: 'C', control1: towards(from), control2: towards(to), to };
}

/** A circular arc as curves of at most a quarter turn. SVG 2, appendix B.2.4, for equal radii. */
function arc(from: Point, radius: number, isLarge: boolean, isSweep: boolean, to: Point): Command[] {
  const half = { x: (from.x - to.x) / 2, y: (from.y - to.y) / 2 };
  const distance = Math.hypot(half.x, half.y);
  if (distance === 0) return [];
  const r = Math.max(radius, distance);
  const offset = Math.sqrt(Math.max(0, r * r - distance * distance)) / distance;
  const side = isLarge === isSweep ? -1 : 1;
  const centre = {
    x: (from.x + to.x) / 2 + side * offset * half.y,
    y: (from.y + to.y) / 2 - side * offset * half.x,
  };
  const begin = Math.atan2(from.y - centre.y, from.x - centre.x);
  let sweep = Math.atan2(to.y - centre.y, to.x - centre.x) - begin;
  if (isSweep && sweep < 0) sweep += 2 * Math.PI;
  if (!isSweep && sweep > 0) sweep -= 2 * Math.PI;
  return arcCurves(centre, r, begin, sweep);
}

export function arcCurves(centre: Point, radius: number, begin: number, sweep: number): Command[] {
  const parts = Math.max(1, Math.ceil(Math.abs(sweep) / (Math.PI / 2) - 1e-9));
  const step = sweep / parts;
  const reach = (4 / 3) * Math.tan(step / 4) * radius;
  return Array.from({ length: parts }, (_, index): Command => {
    const [a, b] = [begin + index * step, begin + (index + 1) * step];
    const on = (angle: number): Point => ({
      x: centre.x + radius * Math.cos(angle),
      y: centre.y + radius * Math.sin(angle),
    });
    const [start, to] = [on(a), on(b)];
    return {
      op: 'C',
      control1: { x: start.x - reach * Math.sin(a), y: start.y + reach * Math.cos(a) },
      control2: { x: to.x + reach * Math.sin(b), y: to.y - reach * Math.cos(b) },
      to,
    };
  });
}

export function roundedRectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
): Command[] {
  const r = Math.min(radius, width / 2, height / 2);
  if (r === 0) return parsePath(`M${x},${y}h${width}v${height}h${-width}z`);
  const a = (dx: number, dy: number) => `a${r},${r} 0 0 1 ${dx},${dy}`;
  return parsePath(
    `M${x + r},${y}h${width - 2 * r}${a(r, r)}v${height - 2 * r}${a(-r, r)}h${2 * r - width}${a(-r, -r)}v${2 * r - height}${a(r, -r)}z`,
  );
}
