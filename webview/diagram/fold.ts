/**
 * Folding: a loop's round, a helper function or a nested model drawn as one item, and what repeats drawn once with its
 * number: `Conv2D 3×3 ×2`, `residualBlock ×3`. Pure: a scene becomes a smaller scene.
 */
import type { WireQuantity } from '../../protocol/modelGraph';
import { formatCount, plural } from '../shared/format';
import { kindNames, type LayerKind } from '../shared/kinds';
import { cutPositions, topologicalOrder } from './order';
import { type Cost, type Edge, type Item, type Scene, sceneOf } from './scene';

export interface Folding {
  /** Blocks and repetitions are closed unless they are opened by hand; else the other way round. */
  folded: boolean;
  /** Groups and repetitions that are not as `folded` says. */
  exceptions: ReadonlySet<string>;
}

/** More items than this are folded at first. */
export const foldAbove = 60;
/** The longest pattern that is looked for, in places where all values pass through one item. */
const longestPattern = 12;

export function fold(scene: Scene, folding: Folding): Scene {
  const closed = closeGroups(scene, folding);
  return mergeRepeats(closed, folding);
}

// ---------------------------------------------------------------------------------------------------------- groups

function closeGroups(scene: Scene, { folded, exceptions }: Folding): Scene {
  if (!folded && exceptions.size === 0) return scene;
  const members = new Map<string, Item[]>();
  for (const item of scene.items) {
    for (const { key } of item.groups) {
      const known = members.get(key);
      if (known) known.push(item);
      else members.set(key, [item]);
    }
  }
  // What holds most of the model is the model, and no block of it.
  const most = Math.max(12, scene.items.length * 0.4);
  const isClosed = (key: string, kind: string): boolean => {
    const count = members.get(key)!.length;
    if (kind === 'model') return false;
    if (exceptions.has(key)) return !folded && count > 1;
    return folded && count > 1 && count <= most && kind !== 'loop';
  };
  const blocks = new Map<string, Item[]>();
  const blockOf = new Map<string, string>();
  for (const item of scene.items) {
    const step = item.groups.find(({ key, kind }) => isClosed(key, kind));
    if (!step) continue;
    blockOf.set(item.key, step.key);
    const known = blocks.get(step.key);
    if (known) known.push(item);
    else blocks.set(step.key, [item]);
  }
  if (blocks.size === 0) return scene;
  const standIns = new Map<string, Item>();
  const readers = readersOf(scene.edges);
  for (const [key, inside] of blocks) {
    const depth = inside[0]!.groups.findIndex((step) => step.key === key);
    const step = inside[0]!.groups[depth]!;
    const title = step.kind === 'round' ? patternTitle(inside) : step.label;
    const item = standIn(`block ${key}`, title, inside, readers, key);
    standIns.set(key, { ...item, groups: inside[0]!.groups.slice(0, depth) });
  }
  return replace(scene, (item) => standIns.get(blockOf.get(item.key) ?? ''));
}

/** The scene with some items replaced by stand-ins; edges inside a stand-in disappear, parallel ones become one. */
function replace(scene: Scene, standInFor: (item: Item) => Item | undefined): Scene {
  const renamed = new Map<string, string>();
  const items: Item[] = [];
  const present = new Set<string>();
  for (const item of scene.items) {
    const drawn = standInFor(item) ?? item;
    renamed.set(item.key, drawn.key);
    if (present.has(drawn.key)) continue;
    present.add(drawn.key);
    items.push(drawn);
  }
  const edges: Edge[] = [];
  const known = new Set<string>();
  for (const edge of scene.edges) {
    const [from, to] = [renamed.get(edge.from)!, renamed.get(edge.to)!];
    if (from === to) continue;
    const changed = from !== edge.from || to !== edge.to;
    const id = `${from}\n${to}`;
    if (changed && known.has(id)) continue;
    known.add(id);
    edges.push({ ...edge, from, to });
  }
  return sceneOf(scene.graph, topologicalOrder(items, edges), edges);
}

// ----------------------------------------------------------------------------------------------------- repetitions

interface Repeat {
  start: number;
  length: number;
  count: number;
}

/** What follows itself is drawn once. Units end where all values pass through one item. */
function mergeRepeats(scene: Scene, { folded, exceptions }: Folding): Scene {
  const isMerged = (key: string) => folded !== exceptions.has(key);
  if (!folded && exceptions.size === 0) return scene;
  const items = topologicalOrder(scene.items, scene.edges);
  const cuts = cutPositions(items, scene.edges);
  const units = cuts.map((end, index) => items.slice((cuts[index - 1] ?? -1) + 1, end + 1));
  const signatures = unitSignatures(units, scene.edges);
  const standIns = new Map<string, Item>();
  const readers = readersOf(scene.edges);
  for (let at = 0; at < units.length; ) {
    const repeat = longestRepeat(signatures, at);
    const inside = repeat ? units.slice(at, at + repeat.length * repeat.count).flat() : [];
    const key = repeat ? `repeat ${inside[0]!.key}` : '';
    if (!repeat) {
      at++;
      continue;
    }
    at += repeat.length * repeat.count;
    // Opened by hand: not even a part of it is merged.
    if (!isMerged(key)) continue;
    const once = inside.slice(0, inside.length / repeat.count);
    const title = `${once.length === 1 ? once[0]!.title : patternTitle(once)} ×${repeat.count}`;
    const item = standIn(key, title, inside, readers, key);
    const first = once[0]!;
    if (once.length === 1) {
      item.title = `${shortTitle(first)} ×${repeat.count}`;
      item.window = first.window;
      item.kind = first.kind;
    }
    for (const member of inside) standIns.set(member.key, item);
  }
  return standIns.size === 0 ? scene : replace(scene, (item) => standIns.get(item.key));
}

function shortTitle(item: Item): string {
  return item.subtitle && item.layer ? item.subtitle : item.title;
}

/** The repetition that begins here and covers most; undefined when nothing repeats. */
function longestRepeat(signatures: readonly string[], start: number): Repeat | undefined {
  let best: Repeat | undefined;
  for (let length = 1; length <= longestPattern && start + 2 * length <= signatures.length; length++) {
    if (signatures[start] !== signatures[start + length]) continue;
    let same = start + length;
    while (same < signatures.length && signatures[same] === signatures[same - length]) same++;
    const count = Math.floor((same - start) / length);
    if (count < 2) continue;
    if (!best || count * length > best.count * best.length) best = { start, length, count };
  }
  return best;
}

/** What a unit is made of and how it hangs together, without names. */
function unitSignatures(units: Item[][], edges: readonly Edge[]): string[] {
  const place = new Map<string, [unit: number, index: number]>();
  for (const [at, unit] of units.entries()) {
    for (const [index, { key }] of unit.entries()) place.set(key, [at, index]);
  }
  const wires = units.map((): string[] => []);
  for (const { from, to } of edges) {
    const [source, target] = [place.get(from), place.get(to)];
    if (!source || !target) continue;
    wires[target[0]]!.push(`${source[0] === target[0] ? source[1] : 'in'}>${target[1]}`);
  }
  return units.map((unit, at) => `${unit.map(signature).join('|')} ${wires[at]!.join()}`);
}

const notEssential = new Set(['name', 'inputShape', 'batchInputShape', 'trainable', 'dtype']);

function signature(item: Item): string {
  if (item.problems.length > 0 || item.certainty === 'lost') return `only ${item.key}`;
  if (item.members.length > 0) return `(${item.members.map(signature).join('|')})`;
  if (!item.layer || item.kind === 'input') return `only ${item.key}`;
  const config = Object.entries(item.layer.config).filter(([name]) => !notEssential.has(name));
  return `${item.layer.className} ${item.shapeText} ${JSON.stringify(config)}`;
}

// ------------------------------------------------------------------------------------------------------- stand-ins

/** `Conv2D 3×3, BatchNorm, ReLU`. */
function patternTitle(items: readonly Item[]): string {
  const names = [...new Set(items.map(shortTitle))];
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')}, … (${items.length})`;
}

/** Who reads each item, for all blocks at once: a large model has thousands of them. */
function readersOf(edges: readonly Edge[]): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const known = readers.get(from);
    if (known) known.push(to);
    else readers.set(from, [to]);
  }
  return readers;
}

function standIn(
  key: string,
  title: string,
  inside: Item[],
  readers: ReadonlyMap<string, string[]>,
  foldKey: string,
): Item {
  const keys = new Set(inside.map((item) => item.key));
  const isReadInside = (item: Item) => readers.get(item.key)?.some((reader) => keys.has(reader)) ?? false;
  // What leaves the block: the last whose value is used outside, or by nobody.
  const last = inside.findLast((item) => !isReadInside(item)) ?? inside.at(-1)!;
  const cost = sumOfCosts(inside);
  const leaves = inside.reduce((count, item) => count + Math.max(1, item.members.length), 0);
  const problems = inside.flatMap((item) => item.problems);
  return {
    key,
    layer: null,
    call: 0,
    kind: mainKind(inside),
    title,
    subtitle: plural(leaves, 'layer'),
    shape: last.shape,
    shapeText: last.shapeText,
    paramsText:
      cost.params === 0 ? '' : cost.params === null ? '? params' : `${formatCount(cost.params)} params`,
    certainty:
      inside.some(({ certainty }) => certainty === 'lost') && last.shape === null ? 'lost' : last.certainty,
    window: inside.length === 1 ? inside[0]!.window : null,
    passesThrough: inside.every((item) => item.passesThrough),
    reason: inside.find(({ reason }) => reason)?.reason ?? null,
    isReasonSaid: inside.every(({ reason, isReasonSaid }) => !reason || isReasonSaid),
    problems,
    facts: [last.shapeText, 'closed', ...problems.map(({ severity, message }) => `${severity}: ${message}`)],
    cost,
    groups: commonGroups(inside),
    members: inside.flatMap((item) => (item.members.length > 0 ? item.members : [item])),
    outputKey: last.outputKey,
    thumbnails: 0,
    foldKey,
  };
}

function commonGroups(items: readonly Item[]): Item['groups'] {
  const first = items[0]!.groups;
  let depth = first.length;
  for (const { groups } of items) {
    let same = 0;
    while (same < depth && groups[same]?.key === first[same]!.key) same++;
    depth = same;
  }
  return first.slice(0, depth);
}

/** The kind that most of the work is done by, else the first. */
function mainKind(items: readonly Item[]): LayerKind {
  const weight = new Map<LayerKind, number>();
  for (const { kind, cost } of items) {
    const work = typeof cost.multiplyAccumulates === 'number' ? cost.multiplyAccumulates : 0;
    weight.set(kind, (weight.get(kind) ?? 0) + work);
  }
  const order = Object.keys(kindNames);
  return [...weight].sort(
    ([a, workA], [b, workB]) => workB - workA || order.indexOf(a) - order.indexOf(b),
  )[0]![0];
}

export function sumOfCosts(items: readonly Item[]): Cost {
  const sum = (name: keyof Cost): WireQuantity | null => {
    let total = 0;
    for (const { cost } of items) {
      const value = cost[name];
      if (typeof value !== 'number') return null;
      total += value;
    }
    return total;
  };
  return {
    params: sum('params'),
    multiplyAccumulates: sum('multiplyAccumulates'),
    activationBytes: sum('activationBytes'),
  };
}
