/** What is written below a solid. */
import type { Item } from '../scene';
import type { LabelLine, TextMeasure } from './types';

export interface Label {
  lines: LabelLine[];
  width: number;
}

const longestLine = 24;
/** A problem is written where it is; what does not fit stands in the list above and in the details. */
const mostProblemLines = 6;

export function labelOf(item: Item, measure: TextMeasure): Label {
  const lines: LabelLine[] = [{ text: shorten(item.title), role: 'title' }];
  if (item.subtitle) lines.push({ text: item.subtitle, role: 'class' });
  lines.push({ text: shorten(item.shapeText), role: 'shape' });
  if (item.paramsText) lines.push({ text: shorten(item.paramsText), role: 'params' });
  for (const text of problemLines(item)) lines.push({ text, role: 'problem' });
  return { lines, width: Math.max(...lines.map(({ text, role }) => measure(text, role))) };
}

/** The item's first problem, in its own words, broken into short lines. */
export function problemLines(item: Item, width = 30): string[] {
  const unknown = item.certainty === 'lost' && !item.isReasonSaid ? item.reason : null;
  const message = item.problems[0]?.message ?? unknown;
  if (!message) return [];
  const lines: string[] = [];
  for (const word of message.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.length > width ? `${word.slice(0, width - 1)}…` : word);
  }
  if (lines.length <= mostProblemLines) return lines;
  return [...lines.slice(0, mostProblemLines - 1), `${lines[mostProblemLines - 1]} …`];
}

/** Symbolic counts can be as long as a line of code; the details have them in full. */
function shorten(text: string): string {
  return text.length <= longestLine ? text : `${text.slice(0, longestLine - 1)}…`;
}
