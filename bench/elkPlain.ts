/**
 * In the page: a layout library's plain use. elkjs lays out the whole graph, then every node, edge and label becomes an
 * SVG element. Made a bundle of its own by diagram.ts.
 */
import ELK, { type ElkNode } from 'elkjs/lib/elk.bundled.js';

export interface PlainGraph {
  nodes: { id: string; title: string; text: string }[];
  edges: { from: string; to: string; text: string }[];
}

const space = 'http://www.w3.org/2000/svg';
const [width, height] = [180, 44];

async function layout({ nodes, edges }: PlainGraph): Promise<ElkNode> {
  return new ELK().layout({
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.edgeRouting': 'ORTHOGONAL',
    },
    children: nodes.map(({ id }) => ({ id, width, height })),
    edges: edges.map(({ from, to }, index) => ({ id: `e${index}`, sources: [from], targets: [to] })),
  });
}

function draw(graph: PlainGraph, placed: ElkNode): SVGGElement {
  document.body.replaceChildren();
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('width', '1200');
  svg.setAttribute('height', '800');
  const all = document.createElementNS(space, 'g');
  const element = (name: string, attributes: Record<string, string | number>, text?: string) => {
    const made = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    if (text !== undefined) made.textContent = text;
    all.append(made);
  };
  placed.edges?.forEach((edge, index) => {
    const section = edge.sections?.[0];
    if (!section) return;
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
    const d = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x},${y}`).join('');
    element('path', { d, fill: 'none', stroke: '#777' });
    const { x, y } = section.endPoint;
    element('text', { x: x + 4, y: y - 6, 'font-size': 12 }, graph.edges[index]!.text);
  });
  placed.children?.forEach(({ x = 0, y = 0 }, index) => {
    const node = graph.nodes[index]!;
    element('rect', { x, y, width, height, rx: 5, fill: '#e8f1fb', stroke: '#1a85ff' });
    element('text', { x: x + 16, y: y + 18, 'font-size': 12, 'font-weight': 600 }, node.title);
    element('text', { x: x + 16, y: y + 34, 'font-size': 11 }, node.text);
  });
  svg.append(all);
  document.body.append(svg);
  return all;
}

const painted = () =>
  new Promise<number>((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));

let drawing: SVGGElement | undefined;

/** Milliseconds from the graph to its picture. */
async function open(graph: PlainGraph): Promise<number> {
  const begun = performance.now();
  drawing = draw(graph, await layout(graph));
  return (await painted()) - begun;
}

/** Milliseconds between frames while the drawing is moved. */
async function pan(frames: number): Promise<number[]> {
  const times: number[] = [];
  let before = await new Promise<number>(requestAnimationFrame);
  for (let frame = 1; frame <= frames; frame++) {
    drawing?.setAttribute('transform', `translate(0,${-frame * 12})`);
    const now = await new Promise<number>(requestAnimationFrame);
    times.push(now - before);
    before = now;
  }
  return times;
}

Object.assign(window, { elkPlain: { open, pan } });
