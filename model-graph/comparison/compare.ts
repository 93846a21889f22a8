/**
 * Several models side by side: which layer of one is which layer of another, and what differs. Rows are aligned from one
 * model to the next; any two of them can then be compared. Pure.
 */
import type { WireModelGraph } from '../../protocol/modelGraph';
import { shapeText } from '../shapeText';
import { align } from './align';
import { type ComparedLayer, layersOf } from './layers';
import { type Change, differingSettings, settingsOf } from './settings';

/**
 * What became of a layer. `changed`: its class, its configuration or what it is fed with. `renamed`: its name alone.
 * `resized`: it is the same, but what comes before it gives it another size.
 */
export type Difference = 'same' | 'renamed' | 'resized' | 'changed' | 'added' | 'removed';

export interface AlignedRow {
  /** One for each model, in their order; undefined: it has no such layer. */
  layers: (ComparedLayer | undefined)[];
}

export interface RowDifference {
  difference: Difference;
  /** Configuration, class, name, inputs. */
  changes: Change[];
  /** Output, parameters, multiply-accumulates. */
  consequences: Change[];
}

export interface ModelComparison {
  /** Every model's layers, in the order in which they are aligned. */
  models: ComparedLayer[][];
  rows: AlignedRow[];
}

export interface DifferenceCounts {
  same: number;
  renamed: number;
  resized: number;
  changed: number;
  added: number;
  removed: number;
}

export function compareModels(graphs: readonly WireModelGraph[]): ModelComparison {
  const models = graphs.map(layersOf);
  let rows: AlignedRow[] = (models[0] ?? []).map((layer) => ({ layers: [layer] }));
  for (let at = 1; at < models.length; at++) rows = addModel(rows, models[at]!, at);
  return { models, rows };
}

/** Every row stands for the nearest model to the left that has it. */
function addModel(rows: readonly AlignedRow[], layers: readonly ComparedLayer[], at: number): AlignedRow[] {
  const standing = rows.map(({ layers: known }) => known.findLast((layer) => layer !== undefined)!);
  const likeness = new Likeness();
  const [first, second] = [standing.map(likeness.describe), layers.map(likeness.describe)];
  const pairs = align(first.length, second.length, (f, s) => likeness.of(first[f]!, second[s]!), {
    first: (index) => first[index]!.identity,
    second: (index) => second[index]!.identity,
  });
  return pairs.map(([row, layer]): AlignedRow => {
    const known = row === undefined ? new Array<undefined>(at).fill(undefined) : rows[row]!.layers;
    return { layers: [...known, layer === undefined ? undefined : layers[layer]] };
  });
}

// ------------------------------------------------------------------------------------------------------- similarity

interface Described {
  layer: ComparedLayer;
  /** Equal for layers of the same class with the same configuration. */
  signature: string;
  /** With the name, where the program gives one. */
  identity: string;
  /** Null: tfjs made it up. */
  givenName: string | null;
  settings: ReadonlyMap<string, string>;
}

/** Initializers and the like matter least for what a layer is. */
const lesser = /Initializer$|Regularizer$|Constraint$|^seed$|^trainable$/;

/** How alike two layers are: 0 (never the same) to about 1.1. */
class Likeness {
  private readonly known = new Map<string, number>();

  readonly describe = (layer: ComparedLayer): Described => {
    const settings = settingsOf(layer.layer);
    const signature = `${layer.layer.className} ${JSON.stringify([...settings].sort())}`;
    const givenName = isGeneratedName(layer.layer) ? null : layer.layer.name;
    return { layer, settings, signature, givenName, identity: `${signature} ${givenName ?? ''}` };
  };

  of(first: Described, second: Described): number {
    const configured = this.configured(first, second);
    if (configured === 0) return 0;
    const named = first.givenName !== null && first.givenName === second.givenName ? 0.15 : 0;
    const shaped = JSON.stringify(first.layer.shape) === JSON.stringify(second.layer.shape) ? 0.05 : 0;
    return configured + named + shaped;
  }

  private configured(first: Described, second: Described): number {
    const key = `${first.signature}\n${second.signature}`;
    let value = this.known.get(key);
    if (value === undefined) {
      value = configuredAlike(first, second);
      this.known.set(key, value);
    }
    return value;
  }
}

function configuredAlike(first: Described, second: Described): number {
  const [a, b] = [first.layer.layer, second.layer.layer];
  if (a.kind === 'input' || b.kind === 'input') return a.kind === b.kind ? 0.9 : 0;
  if (first.signature === second.signature) return 0.9;
  if (a.className !== b.className) return a.kind === b.kind && a.kind !== 'custom' ? 0.25 : 0;
  let [alike, all] = [0, 0];
  for (const property of new Set([...first.settings.keys(), ...second.settings.keys()])) {
    const weight = lesser.test(property) ? 0.25 : 1;
    all += weight;
    if (first.settings.get(property) === second.settings.get(property)) alike += weight;
  }
  return 0.45 + 0.4 * (all === 0 ? 1 : alike / all);
}

/** tfjs makes names like `conv2d_Conv2D1` itself. */
function isGeneratedName({ name, className }: { name: string; className: string }): boolean {
  const tail = name.slice(name.lastIndexOf('_') + 1);
  const snake = className.replace(/([a-z0-9])([A-Z])(?=[a-z])/g, '$1_$2').toLowerCase();
  return (
    (tail.startsWith(className) && /^\d*$/.test(tail.slice(className.length))) ||
    new RegExp(`^${snake}(_\\d+)?$`).test(name) ||
    /^input_?\d*$/i.test(name)
  );
}

// ------------------------------------------------------------------------------------------------------ differences

/** What differs in each row from model `from` to model `to`; null for rows that neither has. */
export function differencesBetween(
  { models, rows }: ModelComparison,
  from: number,
  to: number,
): (RowDifference | null)[] {
  const wiring = new Wiring(models, rows, from, to);
  return rows.map(({ layers }) => {
    const [before, after] = [layers[from], layers[to]];
    if (!before && !after) return null;
    if (!before) return { difference: 'added', changes: [], consequences: [] };
    if (!after) return { difference: 'removed', changes: [], consequences: [] };
    return differenceOf(before, after, wiring);
  });
}

function differenceOf(before: ComparedLayer, after: ComparedLayer, wiring: Wiring): RowDifference {
  const [a, b] = [before.layer, after.layer];
  const changes: Change[] = [];
  if (a.className !== b.className) changes.push({ property: 'class', from: a.className, to: b.className });
  changes.push(...differingSettings(a, b));
  changes.push(...wiring.change(before, after));
  const consequences = [
    changeOf('output', shapeText(before.shape), shapeText(after.shape)),
    changeOf('parameters', countText(before.params), countText(after.params)),
    changeOf(
      'multiply-accumulates',
      countText(before.multiplyAccumulates),
      countText(after.multiplyAccumulates),
    ),
  ].filter((change) => change !== null);
  const given = (layer: ComparedLayer['layer']) => (isGeneratedName(layer) ? null : layer.name);
  const [oldName, newName] = [given(a), given(b)];
  const renamed = oldName !== newName && (oldName !== null || newName !== null);
  const difference: Difference =
    changes.length > 0 ? 'changed' : consequences.length > 0 ? 'resized' : renamed ? 'renamed' : 'same';
  if (renamed) changes.push({ property: 'name', from: a.name, to: b.name });
  return { difference, changes, consequences };
}

function changeOf(property: string, from: string, to: string): Change | null {
  return from === to ? null : { property, from, to };
}

function countText(count: ComparedLayer['params']): string {
  return count === null ? '?' : typeof count === 'number' ? count.toLocaleString('en-US') : count;
}

/** What feeds a layer: the nearest layers before it that both models have, whatever was put between. */
class Wiring {
  private readonly rowOf = [new Map<string, number>(), new Map<string, number>()] as const;
  private readonly byKey;
  private readonly feeding = [new Map<string, number[]>(), new Map<string, number[]>()] as const;
  private readonly nameOfRow: (row: number) => string;

  constructor(models: readonly ComparedLayer[][], rows: readonly AlignedRow[], from: number, to: number) {
    rows.forEach(({ layers }, row) => {
      const [before, after] = [layers[from], layers[to]];
      if (!before || !after) return;
      this.rowOf[0].set(before.key, row);
      this.rowOf[1].set(after.key, row);
    });
    this.byKey = [models[from]!, models[to]!].map(
      (layers) => new Map(layers.map((layer) => [layer.key, layer])),
    );
    this.nameOfRow = (row) => rows[row]!.layers[to]!.layer.name;
  }

  change(before: ComparedLayer, after: ComparedLayer): Change[] {
    const [old, now] = [this.rowsFeeding(0, before), this.rowsFeeding(1, after)];
    if (old.join() === now.join()) return [];
    // Without anything in common before them there is nothing to compare.
    if (old.length === 0 || now.length === 0) return [];
    const text = (rows: number[]) => rows.map(this.nameOfRow).join(', ');
    return [{ property: 'inputs', from: text(old), to: text(now) }];
  }

  private rowsFeeding(side: 0 | 1, layer: ComparedLayer): number[] {
    const rows = layer.inbound.flatMap((key) => this.nearest(side, key));
    return [...new Set(rows)].sort((a, b) => a - b);
  }

  private nearest(side: 0 | 1, key: string): number[] {
    const known = this.feeding[side].get(key);
    if (known) return known;
    const row = this.rowOf[side].get(key);
    // Against circles in broken models.
    this.feeding[side].set(key, []);
    const inbound = this.byKey[side]!.get(key)?.inbound ?? [];
    const found = row === undefined ? inbound.flatMap((one) => this.nearest(side, one)) : [row];
    const unique = [...new Set(found)];
    this.feeding[side].set(key, unique);
    return unique;
  }
}

export function countDifferences(differences: readonly (RowDifference | null)[]): DifferenceCounts {
  const counts: DifferenceCounts = { same: 0, renamed: 0, resized: 0, changed: 0, added: 0, removed: 0 };
  for (const one of differences) if (one) counts[one.difference]++;
  return counts;
}

/**
 * Whether one model is a version of the other: most layers stand on the same place with the same configuration. Between
 * different architectures a mark at every layer would say nothing.
 */
export function areRelated(counts: DifferenceCounts): boolean {
  const { same, renamed, resized, changed, added, removed } = counts;
  const kept = same + renamed + resized;
  const all = kept + changed + added + removed;
  return all > 0 && (kept + 0.5 * changed) / all >= 0.55;
}
