/**
 * Between two items that all values pass through, a graph can be laid out on its own. A chain needs no engine at all, and
 * a block that occurs a hundred times is laid out once: results are kept by the block's form.
 */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';
import { layoutByElk } from './elk';
import { layoutByRanks } from './layered';
import type { Segment, SegmentLayout } from './segment';

/** ELK's time grows faster than the graph; larger ones get the plain layout. */
const mostForElk = 260;
const mostKept = 400;
const kept = new Map<string, Promise<SegmentLayout>>();

export const layoutStatistics = { computed: 0, reused: 0 };

export function layoutSegment(segment: Segment): Promise<SegmentLayout> {
  const form = JSON.stringify(segment);
  const known = kept.get(form);
  if (known) {
    layoutStatistics.reused++;
    return known;
  }
  layoutStatistics.computed++;
  const result =
    segment.nodes.length > mostForElk ? Promise.resolve(layoutByRanks(segment)) : computeByElk(segment);
  kept.set(form, result);
  result.catch(() => kept.delete(form));
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
  return result;
}

const options = {
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
};

async function computeByElk(segment: Segment): Promise<SegmentLayout> {
  const root: ElkNode = { id: 'root', layoutOptions: options, children: [] };
  const groups = segment.groups.map(
    (_, index): ElkNode => ({
      id: `group ${index}`,
      layoutOptions: { 'elk.padding': '[top=30,left=14,bottom=14,right=14]' },
      children: [],
    }),
  );
  const parentOf = (index: number) => (index < 0 ? root : groups[index]!);
  for (const [index, { parent }] of segment.groups.entries()) parentOf(parent).children!.push(groups[index]!);
  for (const [index, { width, height, group }] of segment.nodes.entries()) {
    parentOf(group).children!.push({ id: `node ${index}`, width, height });
  }
  root.edges = segment.edges.map(
    ({ from, to, labelWidth }, index): ElkExtendedEdge => ({
      id: `edge ${index}`,
      sources: [`node ${from}`],
      targets: [`node ${to}`],
      labels: [
        {
          id: `label ${index}`,
          text: ' ',
          width: labelWidth,
          height: 16,
          layoutOptions: { 'elk.edgeLabels.inline': 'true' },
        },
      ],
    }),
  );
  const result = await layoutByElk(root);
  const byId = new Map<string, ElkNode>();
  const collect = (node: ElkNode) => {
    byId.set(node.id, node);
    for (const child of node.children ?? []) collect(child);
  };
  collect(result);
  const box = (id: string) => {
    const { x = 0, y = 0, width = 0, height = 0 } = byId.get(id) ?? {};
    return { x, y, width, height };
  };
  return {
    nodes: segment.nodes.map((_, index) => box(`node ${index}`)),
    groups: segment.groups.map((_, index) => box(`group ${index}`)),
    edges: (result.edges ?? []).map((edge) => {
      const section = edge.sections?.[0];
      const label = edge.labels?.[0];
      return {
        points: section ? [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] : [],
        label: { x: (label?.x ?? 0) + (label?.width ?? 0) / 2, y: (label?.y ?? 0) + 8 },
      };
    }),
  };
}
