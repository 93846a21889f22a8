/**
 * Which layers of a drawn model are those of a model that ran. A value may only be shown at a layer that computed it: the
 * two must agree from the input up to there in classes, shapes and weights, by name or, where names differ because each
 * program counts its own, by place. Pure.
 */
import type { WireModelGraph, WireShape } from '../protocol/modelGraph';
import { type LayerUse, layerUses, outputKey, useKey } from './layerUses';
import { shapeText } from './shapeText';

/** A layer's output, as a run tells of it. */
export interface SeenLayer {
  /** As in `Classification.layers`. */
  name: string;
  className: string;
  /** Without the batch. */
  shape: readonly number[];
}

export interface LayerMatch {
  /**
   * Names of seen layers by the keys of the drawn ones; a nested model has that of its output. Empty for an input that is
   * no layer of the model that ran: what it holds is the picture itself.
   */
  names: Map<string, string>;
  /** The first layer that is not the same, in plain words; undefined: none differs. */
  difference?: string;
}

/** `ran`: the model that ran, where its file can be read; else `seen` alone must do, and names must agree. */
export function matchLayers(
  drawn: WireModelGraph,
  ran: WireModelGraph | undefined,
  seen: readonly SeenLayer[],
): LayerMatch {
  const uses = layerUses(drawn);
  const seenByName = new Map(seen.map((layer) => [layer.name, layer]));
  const partner = ran ? partnersIn(uses, layerUses(ran)) : undefined;
  const names = new Map<string, string>();
  const pairs: Pairs = { partners: new Map(), partnered: new Set() };
  let difference: string | undefined;
  for (const [index, use] of uses.entries()) {
    const other = partner?.(index);
    const name = partner ? other?.name : use.name;
    const layer = name === undefined ? undefined : seenByName.get(name);
    if (!layer && isPicture(use, other)) {
      names.set(use.key, '');
      if (other) {
        pairs.partners.set(use.key, other.key);
        pairs.partnered.add(other.key);
      }
      continue;
    }
    // What depends on a layer that differs saw other values; that is no difference of its own.
    const dependsOnOther = use.inbound.some((key) => !names.has(key));
    const why = dependsOnOther ? '' : differs(use, other, layer, pairs);
    if (why !== undefined) {
      if (why) difference ??= why;
      continue;
    }
    names.set(use.key, name!);
    if (other) {
      pairs.partners.set(use.key, other.key);
      pairs.partnered.add(other.key);
    }
  }
  if (ran && difference === undefined) {
    const surplus = layerUses(ran).length - uses.length;
    if (surplus > 0) difference = `it has ${surplus} more layer${surplus === 1 ? '' : 's'}`;
  }
  addNested(drawn, '', names);
  return { names, ...(difference === undefined ? {} : { difference }) };
}

/** A model's layers as if they had run. */
export function asSeen(graph: WireModelGraph): SeenLayer[] {
  return layerUses(graph).map(({ name, layer, shape }) => ({
    name,
    className: layer.className,
    shape: (shape ?? []).slice(1).map((size) => (typeof size === 'number' ? size : -1)),
  }));
}

interface Pairs {
  /** The key of each use's partner, and all of these. */
  partners: Map<string, string>;
  partnered: Set<string>;
}

/** By name where all names are known there, else by place. */
function partnersIn(
  uses: readonly LayerUse[],
  others: readonly LayerUse[],
): (index: number) => LayerUse | undefined {
  const byName = new Map(others.map((other) => [other.name, other]));
  if (uses.every(({ name }) => byName.has(name))) return (index) => byName.get(uses[index]!.name);
  // A sequential model may begin with an input layer of its own, or not.
  const shift = leadingInput(others) - leadingInput(uses);
  return (index) => others[index + shift];
}

function leadingInput([first]: readonly LayerUse[]): number {
  return first?.layer.kind === 'input' ? 1 : 0;
}

/** An input that is no layer of the model that ran (sequential ones), or one that is none of its nodes (ONNX). */
function isPicture(use: LayerUse, other: LayerUse | undefined): boolean {
  if (use.layer.kind !== 'input' || use.inbound.length > 0) return false;
  if (!other) return true;
  const sizes = other.shape?.map((size) => (typeof size === 'number' ? size : -1));
  return other.layer.kind === 'input' && sizes !== undefined && mayBe(use.shape, sizes);
}

/** Why a layer is not the one that ran; undefined: it is. */
function differs(
  use: LayerUse,
  other: LayerUse | undefined,
  seen: SeenLayer | undefined,
  { partners, partnered }: Pairs,
): string | undefined {
  const here = `\`${use.layer.name}\` (${use.layer.className} ${shapeText(use.shape)})`;
  if (!seen) return `${here} is not in it`;
  const there = `\`${seen.name}\` (${seen.className} ${seen.shape.join('×')})`;
  if (use.layer.className !== seen.className || !mayBe(use.shape, seen.shape))
    return `${here} is ${there} in it`;
  if (!other) return undefined;
  if (!sameWeights(use, other)) return `${here} has other weights than ${there}`;
  const changed = changedProperty(use, other);
  if (changed !== undefined) return `${here} has another \`${changed}\` than ${there}`;
  // An input that one of the two does not list as a layer has no partner.
  const wanted = use.inbound.flatMap((key) => partners.get(key) ?? []);
  const read = other.inbound.filter((key) => partnered.has(key));
  const isWired = wanted.length === read.length && wanted.every((key, index) => key === read[index]);
  return isWired ? undefined : `${here} reads other layers than ${there}`;
}

/** Sizes that are not known as numbers may be any. */
function mayBe(shape: WireShape | null, seen: readonly number[]): boolean {
  if (!shape) return false;
  // ONNX: not every tensor has a batch that could be left out.
  return [shape.slice(1), shape].some(
    (sizes) =>
      sizes.length === seen.length &&
      sizes.every((size, axis) => typeof size !== 'number' || size === seen[axis]),
  );
}

function sameWeights({ layer: a }: LayerUse, { layer: b }: LayerUse): boolean {
  return (
    a.weights.length === b.weights.length &&
    a.weights.every(({ shape }, index) =>
      shape.every((size, axis) => {
        const known = b.weights[index]!.shape[axis];
        return typeof size !== 'number' || typeof known !== 'number' || size === known;
      }),
    )
  );
}

/** What changes values and need not change shapes. Both sides say `activation` where they have one. */
const decisive = [
  'activation',
  'recurrentActivation',
  'strides',
  'padding',
  'dilationRate',
  'poolSize',
  'axis',
];

function changedProperty({ layer: a }: LayerUse, { layer: b }: LayerUse): string | undefined {
  return decisive.find((name) => {
    const [here, there] = [a.config[name], b.config[name]];
    if (name === 'activation') return (here ?? 'linear') !== (there ?? 'linear');
    return here !== undefined && there !== undefined && !sameSetting(here, there);
  });
}

/** `2` and `[2, 2]` are the same. */
function sameSetting(a: unknown, b: unknown): boolean {
  const [left, right] = [a, b].map((value) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  const length = Math.max(left!.length, right!.length);
  return Array.from({ length }).every((_, index) => {
    const [one, other] = [left!, right!].map((values) => values[values.length === 1 ? 0 : index]);
    return one === other || typeof one !== typeof other;
  });
}

/** A closed nested model shows what leaves it. */
function addNested(graph: WireModelGraph, prefix: string, names: Map<string, string>): void {
  for (const layer of graph.layers) {
    if (!layer.nested) continue;
    for (let call = 0; call < Math.max(1, layer.calls.length); call++) {
      const key = prefix + useKey(layer.id, call);
      const end = outputKey(layer.nested);
      const name = end === undefined ? undefined : names.get(`${key}/${end}`);
      if (name !== undefined) names.set(key, name);
      addNested(layer.nested, `${key}/`, names);
    }
  }
}
