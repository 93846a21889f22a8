/** A scene as a Mermaid flowchart, for Markdown: what is folded on the screen is one node here, too. Pure. */
import { formatShape } from '../../shared/format';
import type { GroupStep, Item, Scene } from '../scene';

/** Fill and stroke by kind: readable in Mermaid's light and dark themes, which know no kinds of layers. */
const kindColors: Partial<Record<Item['kind'], [fill: string, stroke: string]>> = {
  input: ['#e6e6e6', '#6b6b6b'],
  convolution: ['#cfe4ff', '#0b5cb8'],
  pooling: ['#f9cfcb', '#b3190d'],
  dense: ['#d3ecd1', '#2c6b29'],
  activation: ['#f3e5bd', '#8a6300'],
  normalization: ['#e0d3ec', '#54257a'],
  regularization: ['#f3d0f3', '#8d048d'],
  reshaping: ['#cdecf3', '#04728d'],
  merge: ['#f6e1c2', '#9a6210'],
  recurrent: ['#cdecf3', '#04728d'],
  embedding: ['#e0d3ec', '#54257a'],
};
const otherColors: [string, string] = ['#e6e6e6', '#6b6b6b'];

interface Frame {
  step: GroupStep;
  frames: Frame[];
  items: Item[];
}

export function toMermaid(scene: Scene): string {
  const ids = new Map(scene.items.map(({ key }, index) => [key, `n${index}`]));
  const lines = ['flowchart TD'];
  const root: Frame = { step: { key: '', kind: 'function', label: '' }, frames: [], items: [] };
  for (const item of scene.items) {
    let frame = root;
    for (const step of item.groups) {
      if (step.kind === 'round') continue;
      let inner = frame.frames.find(({ step: { key } }) => key === step.key);
      if (!inner) {
        inner = { step, frames: [], items: [] };
        frame.frames.push(inner);
      }
      frame = inner;
    }
    frame.items.push(item);
  }
  let frames = 0;
  const write = (frame: Frame, indent: string) => {
    for (const item of frame.items)
      lines.push(`${indent}${ids.get(item.key)}["${nodeText(item)}"]:::${item.kind}`);
    for (const inner of frame.frames) {
      lines.push(`${indent}subgraph g${frames++} ["${escapeText(inner.step.label)}"]`);
      write(inner, `${indent}  `);
      lines.push(`${indent}end`);
    }
  };
  write(root, '  ');
  for (const { from, to, shape } of scene.edges) {
    lines.push(`  ${ids.get(from)} -->|"${escapeText(formatShape(shape))}"| ${ids.get(to)}`);
  }
  for (const kind of new Set(scene.items.map((item) => item.kind))) {
    const [fill, stroke] = kindColors[kind] ?? otherColors;
    lines.push(`  classDef ${kind} fill:${fill},stroke:${stroke},color:#1a1a1a`);
  }
  return `${lines.join('\n')}\n`;
}

function nodeText(item: Item): string {
  const lines = [`<b>${escapeText(item.title)}</b>`];
  if (item.subtitle) lines.push(escapeText(item.subtitle));
  lines.push(escapeText(item.shapeText));
  if (item.paramsText) lines.push(escapeText(item.paramsText));
  return lines.join('<br/>');
}

/** Mermaid's own entities: quotes would end the text, and `#` begins an entity. */
function escapeText(text: string): string {
  return text
    .replaceAll('#', '#35;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll('`', '#96;')
    .replaceAll('\\', '#92;');
}
