/** What is drawn for a layer, or for several that are folded into one. Pure. */
import { type ComparedLayer, isVector } from '../../model-graph/comparison/layers';
import { isSameResolution } from '../../model-graph/comparison/stages';
import type { WireDim, WireShape } from '../../protocol/modelGraph';
import { classWithWindow } from '../diagram/scene';
import { formatCount, formatDim, formatShape, formatSizes, plural } from '../shared/format';
import { type LayerKind, shortClassName } from '../shared/kinds';

export interface DrawnItem {
  /** Unique within its model. */
  key: string;
  model: number;
  kind: LayerKind;
  /** `Conv2D 3×3/2, 64`. */
  title: string;
  /** The layers that it stands for, in order. */
  members: ComparedLayer[];
  spatial: WireShape | null;
  channels: WireDim;
  /** Changes values but no sizes: a line is enough. */
  isThin: boolean;
  /** Opens what is folded; null for a layer of its own. */
  foldKey: string | null;
}

const thinKinds: readonly LayerKind[] = ['activation', 'normalization', 'regularization'];

export function itemOf(model: number, layer: ComparedLayer): DrawnItem {
  return {
    key: layer.key,
    model,
    kind: layer.layer.kind,
    title: notationOf(layer),
    members: [layer],
    spatial: layer.spatial,
    channels: layer.channels,
    isThin:
      thinKinds.includes(layer.layer.kind) &&
      layer.shape !== null &&
      formatShape(layer.shape) === formatShape(layer.inputShape),
    foldKey: null,
  };
}

/** As papers write it: the class, its window, `/` its stride, the channels that it puts out. */
export function notationOf({ layer, shape, channels }: ComparedLayer): string {
  const { config, kind } = layer;
  if (kind === 'input') return `Input ${formatShape(shape)}`;
  const name = classWithWindow(layer);
  const strides =
    kind === 'pooling' && same(config['strides'], config['poolSize'] ?? 2) ? 1 : config['strides'];
  const stride =
    strides === undefined || strides === null || same(strides, 1) ? '' : `/${sizesText(strides)}`;
  switch (kind) {
    case 'convolution':
      return `${name}${stride}, ${formatDim(channels)}`;
    case 'pooling':
      return `${name}${stride}`;
    case 'dense':
    case 'recurrent':
    case 'embedding':
      return `${name} ${formatDim(channels)}`;
    case 'regularization':
      return typeof config['rate'] === 'number' ? `${name} ${config['rate']}` : name;
    case 'reshaping':
      return isVectorShape(shape) ? `${name} ${formatDim(channels)}` : name;
    default:
      return name;
  }
}

/** Without what its colour tells already: `3×3, 64` of a convolution, `max 2×2` of a pooling, `4096` of a dense layer. */
export function shortTitleOf({ title, kind }: Pick<DrawnItem, 'title' | 'kind'>): string {
  if (kind === 'pooling')
    return title.replace(
      /^(Global)?(Max|Avg)Pool/,
      (_, global, operation: string) => `${global ? 'global ' : ''}${operation.toLowerCase()}`,
    );
  const [, rest] = /^[A-Z]\w* (\d.*)$/.exec(title) ?? [];
  return rest ?? title;
}

function isVectorShape(shape: WireShape | null): boolean {
  return shape?.length === 2;
}

function same(value: unknown, other: unknown): boolean {
  return sizesText(value) === sizesText(other);
}

/** `2` for 2 and [2, 2]; `2×1`. */
function sizesText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return new Set(value).size === 1 ? String(value[0]) : value.map(String).join('×');
}

/** `224×224`; empty for vectors. */
export function resolutionText(spatial: WireShape | null): string {
  if (!spatial) return '?';
  return isVector(spatial) ? '' : formatSizes(spatial);
}

// --------------------------------------------------------------------------------------------------------- folding

/** More layers than these in one model, and what repeats is folded. */
export const foldAbove = 60;
const longestUnit = 16;
/** A cell of a stage shows at most so many. */
const mostInCell = 14;

/**
 * What follows itself is drawn once: `Conv2D 3×3, BatchNorm, ReLU ×3`. `signature`: equal for what may be folded together.
 */
export function foldRepeats(
  items: readonly DrawnItem[],
  signature: (item: DrawnItem) => string,
  opened: ReadonlySet<string>,
): DrawnItem[] {
  const signatures = items.map(signature);
  const folded: DrawnItem[] = [];
  for (let at = 0; at < items.length; ) {
    const repeat = longestRepeat(signatures, at);
    const first = items[at]!;
    // A longer repetition may begin within a short one: a stem that looks like the first layer of the first block.
    const isLess =
      repeat !== undefined &&
      Array.from({ length: repeat.length * repeat.count - 1 }, (_, index) =>
        longestRepeat(signatures, at + index + 1),
      ).some((other) => other && other.length * other.count > 2 * repeat.length * repeat.count);
    if (!repeat || isLess || opened.has(`repeat ${first.key}`)) {
      folded.push(first);
      at++;
      continue;
    }
    const inside = items.slice(at, at + repeat.length * repeat.count);
    folded.push(standIn(inside, inside.slice(0, repeat.length), repeat.count));
    at += inside.length;
  }
  if (folded.length <= mostInCell) return folded;
  const [head, tail] = [folded.slice(0, mostInCell - 6), folded.slice(-5)];
  const between = folded.slice(head.length, folded.length - tail.length);
  const key = `between ${between[0]!.key}`;
  if (opened.has(key)) return folded;
  return [...head, { ...standIn(between, [], 1), key, foldKey: key }, ...tail];
}

/** The helper function that all of them come from. */
function blockOf(unit: readonly DrawnItem[]): string | undefined {
  const labels = unit.map(
    ({ members }) => members[0]!.layer.groups.findLast(({ kind }) => kind === 'function')?.label,
  );
  return unit.length > 1 && labels.every((label) => label === labels[0]) ? labels[0] : undefined;
}

function longestRepeat(
  signatures: readonly string[],
  start: number,
): { length: number; count: number } | undefined {
  let best: { length: number; count: number } | undefined;
  for (let length = 1; length <= longestUnit && start + 2 * length <= signatures.length; length++) {
    if (signatures[start] !== signatures[start + length]) continue;
    let end = start + length;
    while (end < signatures.length && signatures[end] === signatures[end - length]) end++;
    const count = Math.floor((end - start) / length);
    if (count >= 2 && (!best || count * length > best.count * best.length)) best = { length, count };
  }
  return best;
}

function standIn(inside: readonly DrawnItem[], unit: readonly DrawnItem[], count: number): DrawnItem {
  const [first, last] = [inside[0]!, inside.at(-1)!];
  const members = inside.flatMap((item) => item.members);
  const main = inside.find(({ kind }) => kind === 'convolution') ?? first;
  const names = [
    ...new Set(
      unit.map(({ title, members: [layer] }) =>
        unit.length === 1 ? title : shortClassName(layer!.layer.className),
      ),
    ),
  ];
  const block = blockOf(unit);
  const what = block ?? (names.length > 3 ? `${names.slice(0, 2).join(', ')}, …` : names.join(', '));
  const key = `repeat ${first.key}`;
  return {
    key,
    model: first.model,
    kind: main.kind,
    title: unit.length === 0 ? `… ${plural(members.length, 'more layer')}` : `${what} ×${formatCount(count)}`,
    members,
    spatial: last.spatial,
    channels: last.channels,
    isThin: false,
    foldKey: key,
  };
}

/** Rows that are the same in all columns, folded into one. */
export function foldedRun(model: number, items: readonly DrawnItem[]): DrawnItem {
  const last = items.at(-1)!;
  const key = `run ${items[0]!.key}`;
  return {
    ...standIn(items, [], 1),
    model,
    key,
    title: `… ${plural(items.length, 'layer')} alike`,
    spatial: last.spatial,
    foldKey: key,
  };
}

export { isSameResolution };
