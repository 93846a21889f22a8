/**
 * Stages: what a network computes at one resolution. A pooling ends the stage whose maps it shrinks; a convolution with
 * strides, or whatever makes maps larger, begins one; vectors are the last. Pure.
 */
import type { WireQuantity, WireShape } from '../../protocol/modelGraph';
import { type ComparedLayer, isVector } from './layers';

export interface Stage {
  layers: ComparedLayer[];
  kind: 'input' | 'maps' | 'vectors';
  /** Rows and columns of its maps; null where there are none, or they are not known. */
  spatial: WireShape | null;
  params: WireQuantity | null;
  multiplyAccumulates: WireQuantity | null;
  activationBytes: WireQuantity | null;
  /** Layers with weights on the longest way from an input to its end. */
  depth: number;
}

/** Maps that differ by less than this factor belong to one resolution: unpadded convolutions only trim them. */
const sameResolution = 1.45;

/** `layers` as `layersOf` gives them: each after what feeds it. */
export function stagesOf(layers: readonly ComparedLayer[]): Stage[] {
  const numbers = numberStages(layers);
  const found = new Map<number, ComparedLayer[]>();
  for (const layer of layers) {
    const number = numbers.get(layer.key)!;
    const known = found.get(number);
    if (known) known.push(layer);
    else found.set(number, [layer]);
  }
  return [...found].sort(([a], [b]) => a - b).map(([, inside]) => stageOf(inside));
}

interface Place {
  stage: number;
  /** Where what it feeds is: a pooling ends its stage. */
  next: number;
}

function numberStages(layers: readonly ComparedLayer[]): Map<string, number> {
  const places = new Map<string, Place>();
  const byKey = new Map(layers.map((layer) => [layer.key, layer]));
  for (const layer of layers) {
    const feeding = layer.inbound.flatMap((key) => {
      const [place, source] = [places.get(key), byKey.get(key)];
      return place && source ? [{ place, source }] : [];
    });
    places.set(layer.key, placeOf(layer, feeding));
  }
  // A vector that maps are scaled by (squeeze and excitation) belongs to those maps.
  const consumers = new Map<string, ComparedLayer[]>();
  for (const layer of layers) {
    for (const key of layer.inbound) consumers.set(key, [...(consumers.get(key) ?? []), layer]);
  }
  for (const layer of [...layers].reverse()) {
    if (!layer.spatial || !isVector(layer.spatial)) continue;
    for (const consumer of consumers.get(layer.key) ?? []) {
      const [own, other] = [places.get(layer.key)!, places.get(consumer.key)!];
      if (other.stage < own.stage) places.set(layer.key, { ...own, stage: other.stage });
    }
  }
  return new Map([...places].map(([key, { stage }]) => [key, stage]));
}

function placeOf(layer: ComparedLayer, feeding: { place: Place; source: ComparedLayer }[]): Place {
  if (layer.layer.kind === 'input') return { stage: 0, next: 1 };
  if (feeding.length === 0) return { stage: 1, next: 1 };
  const alike = feeding.filter(({ source }) => isSameResolution(source.spatial, layer.spatial));
  const before = alike.length > 0 ? alike : feeding;
  const furthest = before.reduce((a, b) => (b.place.next > a.place.next ? b : a));
  const begins = furthest.place.next > furthest.place.stage;
  if (alike.length > 0) return { stage: furthest.place.next, next: furthest.place.next };
  if (layer.layer.kind === 'pooling') {
    const { next } = furthest.place;
    return { stage: next, next: next + 1 };
  }
  const stage = furthest.place.next + (begins ? 0 : 1);
  return { stage, next: stage };
}

/** Sizes that are not known are taken to be the same. */
export function isSameResolution(a: WireShape | null, b: WireShape | null): boolean {
  if (!a || !b) return true;
  if (isVector(a) || isVector(b)) return isVector(a) && isVector(b);
  const [first, second] = [resolutionOf(a), resolutionOf(b)];
  if (first === null || second === null) return true;
  return Math.max(first, second) / Math.min(first, second) < sameResolution;
}

/** The mean size along the axes; null where it is not known as a number. */
export function resolutionOf(spatial: WireShape | null): number | null {
  if (!spatial || spatial.length === 0) return null;
  let product = 1;
  for (const size of spatial) {
    if (typeof size !== 'number' || size <= 0) return null;
    product *= size;
  }
  return product ** (1 / spatial.length);
}

function stageOf(layers: ComparedLayer[]): Stage {
  const isInput = layers.every(({ layer }) => layer.kind === 'input');
  const shown = layers.filter(({ layer }) => layer.kind !== 'pooling');
  const settled = (shown.length > 0 ? shown : layers).filter(({ spatial }) => spatial !== null);
  const vectors = settled.length > 0 && settled.every(({ spatial }) => isVector(spatial!));
  const sum = (name: 'params' | 'multiplyAccumulates' | 'activationBytes') =>
    sumOf(layers.map((layer) => layer[name]));
  return {
    layers,
    kind: isInput ? 'input' : vectors ? 'vectors' : 'maps',
    spatial: vectors ? null : (settled.find(({ spatial }) => !isVector(spatial!))?.spatial ?? null),
    params: sum('params'),
    multiplyAccumulates: sum('multiplyAccumulates'),
    activationBytes: sum('activationBytes'),
    depth: layers.reduce((most, { depth }) => Math.max(most, depth), 0),
  };
}

/** Null where one of them is not known as a number. */
export function sumOf(values: readonly (WireQuantity | null)[]): number | null {
  let total = 0;
  for (const value of values) {
    if (typeof value !== 'number') return null;
    total += value;
  }
  return total;
}

/** How stages are put beside each other: those of the same size, or those of the same number. */
export type StageOrder = 'size' | 'number';

/** Rows of stages, one for each model; undefined: it has none there. */
export function alignStages(models: readonly Stage[][], by: StageOrder): (Stage | undefined)[][] {
  return by === 'number' ? alignByNumber(models) : alignBySize(models);
}

/** The input first and the vectors last, whatever is between. */
function alignByNumber(models: readonly Stage[][]): (Stage | undefined)[][] {
  const parts = models.map((stages) => {
    const last = stages.at(-1)?.kind === 'vectors' && stages.length > 1 ? stages.at(-1) : undefined;
    const rest = last ? stages.slice(0, -1) : stages;
    const first = rest[0]?.kind === 'input' ? rest[0] : undefined;
    return { first, middle: first ? rest.slice(1) : rest, last };
  });
  const most = Math.max(0, ...parts.map(({ middle }) => middle.length));
  const rows = [
    parts.map(({ first }) => first),
    ...Array.from({ length: most }, (_, at) => parts.map(({ middle }) => middle[at])),
    parts.map(({ last }) => last),
  ];
  return rows.filter((row) => row.some((stage) => stage !== undefined));
}

/** One model after the other is laid beside those before it, so that as many sizes as possible fall together. */
function alignBySize(models: readonly Stage[][]): (Stage | undefined)[][] {
  let rows: (Stage | undefined)[][] = [];
  // The one with most stages gives the rows.
  const order = models.map((_, at) => at).sort((a, b) => models[b]!.length - models[a]!.length || a - b);
  for (const at of order) {
    const stages = models[at]!;
    const scores = rows.map((row) =>
      stages.map((stage) => {
        const known = row.filter((other) => other !== undefined);
        return known.reduce((sum, other) => sum + stageLikeness(other, stage), 0) / known.length;
      }),
    );
    const merged: (Stage | undefined)[][] = [];
    const empty = () => new Array<Stage | undefined>(models.length).fill(undefined);
    for (const [row, stage] of bestPath(rows.length, stages.length, scores)) {
      const next = row === undefined ? empty() : [...rows[row]!];
      if (stage !== undefined) next[at] = stages[stage];
      merged.push(next);
    }
    rows = merged;
  }
  return rows;
}

function stageLikeness(a: Stage, b: Stage): number {
  if (a.kind !== b.kind) return -1;
  if (a.kind !== 'maps') return 1;
  const [first, second] = [resolutionOf(a.spatial), resolutionOf(b.spatial)];
  if (first === null || second === null) return 0.1;
  return 1 - 2 * Math.abs(Math.log2(first / second));
}

function bestPath(
  rows: number,
  columns: number,
  score: number[][],
): [number | undefined, number | undefined][] {
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1));
  for (let row = 1; row <= rows; row++) {
    for (let column = 1; column <= columns; column++) {
      const paired = best[row - 1]![column - 1]! + score[row - 1]![column - 1]!;
      best[row]![column] = Math.max(paired, best[row - 1]![column]!, best[row]![column - 1]!);
    }
  }
  const path: [number | undefined, number | undefined][] = [];
  let [row, column] = [rows, columns];
  while (row > 0 || column > 0) {
    const here = best[row]![column]!;
    if (row > 0 && column > 0 && here === best[row - 1]![column - 1]! + score[row - 1]![column - 1]!)
      path.push([--row, --column]);
    else if (column > 0 && (row === 0 || here === best[row]![column - 1]!)) path.push([undefined, --column]);
    else path.push([--row, undefined]);
  }
  return path.reverse();
}
