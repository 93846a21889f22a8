/** Widths of texts, so that labels never overlap. The sizes stand in diagram.css, too. */
import type { LabelLine } from './volumes/types';

const fonts: Record<LabelLine['role'], string> = {
  title: '600 12px',
  class: '400 11px',
  shape: '400 12px',
  params: '400 11px',
  problem: '400 11px',
};
const mostKept = 20_000;

let context: CanvasRenderingContext2D | null = null;
let family = '';
const known = new Map<string, number>();

export function measureText(text: string, role: LabelLine['role']): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * 7;
  if (!family) {
    family = getComputedStyle(document.body).fontFamily;
    if (known.size > mostKept) known.clear();
  }
  const key = `${fonts[role]} ${text}`;
  let width = known.get(key);
  if (width === undefined) {
    context.font = `${fonts[role]} ${family}`;
    width = context.measureText(text).width;
    known.set(key, width);
  }
  return width;
}
