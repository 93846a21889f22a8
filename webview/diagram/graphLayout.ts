/** Where the graph view puts things. A chain needs no layout engine; anything else goes through ELK's layered layout. */
import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';
import { formatShape } from '../shared/format';
import type { Edge, Item, Scene } from './scene';
import type { Point, TextMeasure } from './volumesLayout';

export interface PlacedNode {
  item: Item;
  /** Upper left corner. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge {
  from: string;
  to: string;
  points: Point[];
  text: string;
  /** Centre of the text. */
  label: Point;
  labelWidth: number;
}

export interface PlacedGroup {
  id: string;
  label: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface GraphLayout {
  nodes: PlacedNode[];
  edges: PlacedEdge[];
  groups: PlacedGroup[];
  /** Where values leave the model. */
  ends: { from: string; at: Point; text: string }[];
  x: number;
  y: number;
  width: number;
  height: number;
}

export const nodeHeight = 44;
const smallestNode = 148;
const chainGap = 34;
const margin = 24;
const endLength = 26;

export function layoutChain(scene: Scene, measure: TextMeasure): GraphLayout {
  const sizes = scene.items.map((item) => nodeWidth(item, measure));
  const widest = Math.max(smallestNode, ...sizes);
  const nodes = scene.items.map((item, index): PlacedNode => {
    const group = index * (nodeHeight + chainGap);
    return { item, x: (widest - sizes[index]!) / 2, y: group, width: sizes[index]!, height: nodeHeight };
  });
  const edges = scene.edges.map((edge): PlacedEdge => {
    const from = nodes.find(({ item }) => item.key === edge.from)!;
    const start = { x: widest / 2, y: from.y + nodeHeight };
    const text = formatShape(edge.shape);
    const labelWidth = measure(text, 'shape');
    return {
      from: edge.from,
      to: edge.to,
      points: [start, { x: start.x, y: start.y + chainGap }],
      text,
      label: { x: start.x + labelWidth / 2 + 9, y: start.y + chainGap / 2 },
      labelWidth,
    };
  });
  return framed(nodes, edges, chainGroups(nodes), endsOf(scene, nodes));
}

export async function layoutGraph(scene: Scene, measure: TextMeasure): Promise<GraphLayout> {
  const elk = await loadElk();
  const children = new Map<string, ElkNode>();
  const root: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
      'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
      'elk.layered.spacing.nodeNodeBetweenLayers': '16',
      'elk.layered.spacing.edgeNodeBetweenLayers': '14',
      'elk.spacing.nodeNode': '28',
      'elk.spacing.edgeNode': '18',
      'elk.edgeLabels.inline': 'true',
      'elk.spacing.edgeLabel': '4',
      'elk.json.shapeCoords': 'ROOT',
      'elk.json.edgeCoords': 'ROOT',
    },
    children: [],
    edges: [],
  };
  const groups = new Map<string, { node: ElkNode; label: string }>();
  for (const item of scene.items) {
    let parent = root;
    for (const group of item.layer?.groups ?? []) {
      let known = groups.get(group.id);
      if (!known) {
        const node: ElkNode = {
          id: `group ${group.id}`,
          layoutOptions: { 'elk.padding': '[top=30,left=14,bottom=14,right=14]' },
          children: [],
        };
        known = { node, label: group.label };
        groups.set(group.id, known);
        parent.children!.push(node);
      }
      parent = known.node;
    }
    const node: ElkNode = { id: `item ${item.key}`, width: nodeWidth(item, measure), height: nodeHeight };
    parent.children!.push(node);
    children.set(item.key, node);
  }
  const elkEdges = scene.edges.map((edge, index): ElkExtendedEdge => {
    const text = formatShape(edge.shape);
    return {
      id: `edge ${index}`,
      sources: [`item ${edge.from}`],
      targets: [`item ${edge.to}`],
      labels: [
        {
          id: `label ${index}`,
          text,
          width: measure(text, 'shape') + 8,
          height: 16,
          layoutOptions: { 'elk.edgeLabels.inline': 'true' },
        },
      ],
    };
  });
  root.edges = elkEdges;
  await elk.layout(root).then((result) => Object.assign(root, result));

  const byId = new Map<string, ElkNode>();
  const collect = (node: ElkNode) => {
    byId.set(node.id, node);
    for (const child of node.children ?? []) collect(child);
  };
  collect(root);
  const nodes = scene.items.map((item): PlacedNode => ({ item, ...boxOf(byId.get(`item ${item.key}`)) }));
  const edges = (root.edges ?? []).map((laidOut, index): PlacedEdge => {
    const edge = scene.edges[index] as Edge;
    const section = laidOut.sections?.[0];
    const label = laidOut.labels?.[0];
    const points = section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : [];
    const labelWidth = label?.width ?? 0;
    return {
      from: edge.from,
      to: edge.to,
      points,
      text: label?.text ?? '',
      label: { x: (label?.x ?? 0) + labelWidth / 2, y: (label?.y ?? 0) + 8 },
      labelWidth,
    };
  });
  const placedGroups = [...groups].map(
    ([id, { node, label }]): PlacedGroup => ({ id, label, ...boxOf(byId.get(node.id)) }),
  );
  return framed(nodes, edges, placedGroups, endsOf(scene, nodes));
}

let elkPromise: Promise<ELK> | undefined;

/** A megabyte and a half: fetched only when there is a graph to lay out. */
function loadElk(): Promise<ELK> {
  elkPromise ??= import('elkjs/lib/elk.bundled.js').then(({ default: Elk }) => new Elk());
  return elkPromise;
}

function nodeWidth(item: Item, measure: TextMeasure): number {
  const second = secondLine(item);
  return Math.ceil(Math.max(smallestNode, measure(item.title, 'title') + 32, measure(second, 'params') + 32));
}

/** `Conv2D 3×3 · 36,928 params` */
export function secondLine(item: Item): string {
  return [item.subtitle, item.paramsText || (item.subtitle || item.kind === 'input' ? '' : 'no params')]
    .filter(Boolean)
    .join(' · ');
}

function boxOf(node: ElkNode | undefined): { x: number; y: number; width: number; height: number } {
  return { x: node?.x ?? 0, y: node?.y ?? 0, width: node?.width ?? 0, height: node?.height ?? 0 };
}

/** Neighbours of the same innermost group share a frame. */
function chainGroups(nodes: PlacedNode[]): PlacedGroup[] {
  const result: PlacedGroup[] = [];
  let previous: string | undefined;
  for (const node of nodes) {
    const group = node.item.layer?.groups.at(-1);
    const last = result.at(-1);
    if (group && last && previous === group.id) {
      const right = Math.max(last.x + last.width, node.x + node.width + 12);
      last.x = Math.min(last.x, node.x - 12);
      last.width = right - last.x;
      last.height = node.y + node.height + 10 - last.y;
    } else if (group) {
      result.push({
        id: `${group.id} ${result.length}`,
        label: group.label,
        x: node.x - 12,
        y: node.y - 20,
        width: node.width + 24,
        height: node.height + 30,
      });
    }
    previous = group?.id;
  }
  return result;
}

function endsOf(scene: Scene, nodes: PlacedNode[]): GraphLayout['ends'] {
  const used = new Set(scene.edges.map(({ from }) => from));
  return nodes
    .filter(({ item }) => !used.has(item.key))
    .map((node) => ({
      from: node.item.key,
      at: { x: node.x + node.width / 2, y: node.y + node.height },
      text: node.item.shapeText,
    }));
}

function framed(
  nodes: PlacedNode[],
  edges: PlacedEdge[],
  groups: PlacedGroup[],
  ends: GraphLayout['ends'],
): GraphLayout {
  const boxes = [...nodes, ...groups];
  const left = Math.min(
    ...boxes.map(({ x }) => x),
    ...edges.map(({ label, labelWidth }) => label.x - labelWidth / 2),
  );
  const right = Math.max(
    ...boxes.map(({ x, width }) => x + width),
    ...edges.map(({ label, labelWidth }) => label.x + labelWidth / 2),
    ...ends.map(({ at, text }) => at.x + 12 + text.length * 7),
  );
  const top = Math.min(...boxes.map(({ y }) => y));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + endLength;
  return {
    nodes,
    edges,
    groups,
    ends,
    x: left - margin,
    y: top - margin,
    width: right - left + 2 * margin,
    height: bottom - top + 2 * margin,
  };
}
