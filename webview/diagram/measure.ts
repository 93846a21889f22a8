/** Widths of texts, so that labels never overlap. The sizes stand in diagram.css, too. */
import type { LabelLine } from './volumesLayout';

const fonts: Record<LabelLine['role'], string> = {
  title: '600 12px',
  class: '400 11px',
  shape: '400 12px',
  params: '400 11px',
};

let context: CanvasRenderingContext2D | null = null;

export function measureText(text: string, role: LabelLine['role']): number {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return text.length * 7;
  context.font = `${fonts[role]} ${getComputedStyle(document.body).fontFamily}`;
  return context.measureText(text).width;
}
