/** What a node says and how much room that takes. */
import type { Item } from '../scene';
import { problemLines } from '../volumes/labels';
import type { TextMeasure } from '../volumes/types';

export const nodeHeight = 44;
export const problemLineHeight = 14;
const smallestNode = 148;
/** Sizes in steps, so that a layout stays valid while numbers change a little. */
const step = 16;

export function nodeSize(item: Item, measure: TextMeasure): { width: number; height: number } {
  const lines = problemLines(item, 44);
  const badge = (item.foldKey ? 20 : 0) + thumbnailRoom(item);
  const width = Math.max(
    smallestNode,
    measure(item.title, 'title') + 32 + badge,
    measure(secondLine(item), 'params') + 32 + badge,
    ...lines.map((line) => measure(line, 'problem') + 32),
  );
  return {
    width: Math.ceil((width - smallestNode) / step) * step + smallestNode,
    height: nodeHeight + (lines.length > 0 ? lines.length * problemLineHeight + 4 : 0),
  };
}

/** The side of a map at a node, and what all of them take. */
export const thumbnailSide = 34;
export const thumbnailGap = 4;

export function thumbnailRoom({ thumbnails }: Item): number {
  return thumbnails === 0 ? 0 : thumbnails * (thumbnailSide + thumbnailGap) + 6;
}

/** `Conv2D 3×3 · 36,928 params` */
export function secondLine(item: Item): string {
  return [item.subtitle, item.paramsText || (item.subtitle || item.kind === 'input' ? '' : 'no params')]
    .filter(Boolean)
    .join(' · ');
}
