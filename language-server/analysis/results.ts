/** What several runs of a program say, as one: what agrees, and what differs as alternatives. */
import type ts from 'typescript';
import { layerNodeWriter, newNesting, toModelGraph } from '../../model-graph/fromTopology';
import type { LayerNode, ModelGraph, Problem, SourceLocation } from '../../model-graph/graph';
import { type Layer, Model } from '../../model-graph/wired';
import type { Creation } from './evaluator/evaluation';

/** A call in the source that creates a layer, and every layer it creates. */
export interface LayerSite {
  location: SourceLocation;
  /** In order of creation, along the first way through the program. */
  layers: LayerNode[];
  /** What other outcomes of conditions that are not known create here instead. */
  alternatives: LayerNode[];
}

export interface Analysis {
  /** In source order, then in order of creation. */
  models: ModelGraph[];
  sites: LayerSite[];
  /** Created but part of no model that is shown. */
  unattached: LayerNode[];
  problems: Problem[];
  /** Files that were looked at, found or not. */
  dependencies: string[];
  /** Set when the program was too long to be followed to its end. */
  incomplete?: string;
}
/** How many other ways a model may come out are shown. */
const maximumAlternatives = 8;

export interface Run {
  creations: Creation[];
  problems: Problem[];
  /** The uncalled function that a problem was found in. */
  problemRoots: ReadonlyMap<Problem, ts.Node>;
  outcomes: boolean[];
  decisions: { name: string; outcome: boolean }[];
  /** Functions that the program itself called. */
  called: ReadonlySet<ts.Node>;
  dependencies: Set<string>;
  steps: number;
  /** The problems from this one on may be due to two conditions of one name having been taken for one. */
  likenedAt?: Problem;
  incomplete?: string;
  reached?: Set<string>;
}

export function merge(path: string, runs: Run[]): Analysis {
  leaveOutUncalled(runs);
  const dependencies = new Set<string>();
  const sites = new Map<string, LayerSite>();
  const models: ModelGraph[] = [];
  const unattached: LayerNode[] = [];
  /** By the place that makes them; only a place that makes several has them compared. */
  const seenModels = new Map<string, { first: ModelGraph; keys?: Set<string> }>();
  const alternatives = new Map<string, number>();
  const problems = new Map<string, Problem>();

  runs.forEach((run, runIndex) => {
    for (const dependency of run.dependencies) dependencies.add(dependency);
    const wired = run.creations.flatMap(({ layer, via }) =>
      layer instanceof Model ? [{ model: layer, via }] : [],
    );
    const nesting = newNesting(); // costs change while a program runs, not afterwards
    const attached = new Map<Layer, LayerNode>();
    const nestedModels = new Set(
      wired.flatMap(({ model }) => model.layers.filter((layer) => layer instanceof Model)),
    );
    for (const { model, via } of wired) {
      const graph = toModelGraph(model, modelId(model, models.length), nesting);
      model.layers.forEach((layer, index) => {
        const node = graph.layers[index]!;
        // An input layer that a model makes for its first layer is not among its layers.
        if (!attached.has(layer)) attached.set(layer, node);
      });
      if (nestedModels.has(model) && model.location?.path !== path) continue;
      const place = model.location ? locationKey(model.location) : '';
      const seen = seenModels.get(place);
      // Along another way through the program a model may have other numbers in its names, and nothing else.
      const keysOf = (other: ModelGraph): string[] => {
        const key = fingerprint({ ...other, id: '' });
        return [key, withoutNumbers(key)];
      };
      if (seen) {
        seen.keys ??= new Set(keysOf(seen.first));
        const [key, plainKey] = keysOf(graph) as [string, string];
        if (seen.keys.has(runIndex === 0 ? key : plainKey)) continue;
        seen.keys.add(key).add(plainKey);
      } else seenModels.set(place, { first: graph });
      // Of the ways a model may come out where conditions are not known, a few are shown.
      const others = alternatives.get(place) ?? 0;
      if (runIndex > 0 && others >= maximumAlternatives) continue;
      if (runIndex > 0) alternatives.set(place, others + 1);
      // A model that a helper in another file makes belongs to the call here that asked for it.
      if (model.location?.path === path) models.push(graph);
      else if (via) models.push({ ...graph, location: via });
      else if (ownsLayerIn(graph, path)) models.push(graph);
    }
    const writeNode = layerNodeWriter();
    const ofRun = new Map<string, LayerNode[]>();
    for (const { layer, location } of run.creations) {
      if (layer instanceof Model) continue;
      const node = attached.get(layer) ?? writeNode(layer);
      if (location.path !== path) continue;
      const key = locationKey(location);
      const list = ofRun.get(key) ?? [];
      list.push(node);
      ofRun.set(key, list);
      if (!sites.has(key)) sites.set(key, { location, layers: [], alternatives: [] });
      if (runIndex === 0 && !attached.has(layer)) unattached.push(node);
    }
    for (const [key, nodes] of ofRun) {
      const site = sites.get(key)!;
      if (site.layers.length === 0) {
        site.layers = nodes;
        continue;
      }
      const known = new Set([...site.layers, ...site.alternatives].map(factsKey));
      for (const node of nodes) {
        if (known.has(factsKey(node))) continue;
        known.add(factsKey(node));
        site.alternatives.push(node);
      }
    }
    for (const problem of run.problems) {
      const key = `${problemKey(problem)} ${problem.message}`;
      const known = problems.get(key);
      // Of layers made in a loop, one may only be warned of what makes tfjs refuse the next.
      if (known && (known.severity === 'error' || problem.severity !== 'error')) continue;
      const shown = conditional(problem, run, runs);
      if (shown) problems.set(key, shown);
    }
  });

  // A layer in a loop or a function that is called often may be fine in one round and wrong in another: say it once.
  for (const site of sites.values()) preferKnown(site);
  return {
    models,
    sites: [...sites.values()].sort((left, right) => compareLocations(left.location, right.location)),
    unattached,
    problems: [...problems.values()],
    dependencies: [...dependencies],
    ...(runs[0]?.incomplete ? { incomplete: runs[0].incomplete } : {}),
  };
}

/**
 * What goes wrong only where conditions that are not known come out in one way may never go wrong, since the program
 * may see to it that they do not: no error, but worth a warning.
 */
function conditional(problem: Problem, run: Run, runs: Run[]): Problem | undefined {
  if (problem.severity !== 'error' || !problem.location) return problem;
  const key = problemKey(problem);
  const places = [problem.location, problem.thrownAt ?? problem.location].map(locationKey);
  const fine = runs.filter(
    (other) =>
      other !== run &&
      !other.problems.some((candidate) => problemKey(candidate) === key) &&
      places.some((place) => (other.reached ??= placesReached(other)).has(place)),
  );
  if (fine.length === 0) {
    // `kind === 'conv'` was asked of several, and taken to come out alike: perhaps it never does.
    const first = run.likenedAt ? run.problems.indexOf(run.likenedAt) : -1;
    const isLikened = first >= 0 && run.problems.indexOf(problem) >= first;
    const isEverywhere = runs.every(({ problems }) => problems.some((other) => problemKey(other) === key));
    return isLikened && !isEverywhere ? { ...problem, severity: 'warning' } : problem;
  }
  // What comes out here as it does nowhere where all is well; what was asked last, depends on the rest.
  const cause = run.decisions.findLast(({ name, outcome }) =>
    fine.every(({ decisions }) => decisions.find((decision) => decision.name === name)?.outcome !== outcome),
  );
  // That a builder's first layer lacks an input shape, or that a kind is none of those it knows, its callers see to.
  if (problem.code === 'missing-input-shape') return undefined;
  if (problem.code === 'not-a-layer' && cause?.outcome === false) return undefined;
  const where = cause ? ` This is so where \`${cause.name}\` is ${cause.outcome}.` : '';
  return { ...problem, severity: 'warning', message: problem.message + where };
}

/** Where layers are created and applied. */
function placesReached({ creations }: Run): Set<string> {
  const places = new Set<string>();
  for (const { layer, location } of creations) {
    places.add(locationKey(location));
    for (const call of layer.calls) if (call.location) places.add(locationKey(call.location));
  }
  return places;
}

function problemKey({ code, location }: Problem): string {
  return `${code} ${location ? locationKey(location) : ''}`;
}

/** Where one outcome loses track and another does not, what is known comes first. */
function preferKnown(site: LayerSite): void {
  const isKnown = ({ verdict }: LayerNode) => verdict.kind !== 'lost';
  if (site.layers.some(isKnown) || !site.alternatives.some(isKnown)) return;
  const { layers, alternatives } = site;
  site.layers = alternatives.filter(isKnown);
  site.alternatives = [...layers, ...alternatives.filter((node) => !isKnown(node))];
}

/** A function that is called along one way through the program is shown as it is called there, and never as uncalled. */
function leaveOutUncalled(runs: Run[]): void {
  for (const run of runs) {
    const isCalledElsewhere = (root: ts.Node | undefined) =>
      root !== undefined && runs.some((other) => other.called.has(root));
    run.creations = run.creations.filter(({ root }) => !isCalledElsewhere(root));
    run.problems = run.problems.filter((problem) => !isCalledElsewhere(run.problemRoots.get(problem)));
  }
}

/** Stable while the code around is edited: models keep their order far more often than their line. */
function modelId(model: Model, index: number): string {
  return `${model.named ? model.name : (model.label ?? model.name)}#${index}`;
}

function ownsLayerIn(graph: ModelGraph, path: string): boolean {
  return graph.layers.some((layer) => layer.location?.path === path);
}

export function locationKey({ path, range }: SourceLocation): string {
  return `${path}:${range.start.line}:${range.start.character}:${range.end.line}:${range.end.character}`;
}

function compareLocations(left: SourceLocation, right: SourceLocation): number {
  return (
    left.range.start.line - right.range.start.line || left.range.start.character - right.range.start.character
  );
}

export function factsKey(node: LayerNode): string {
  return fingerprint([
    node.className,
    node.calls.map((call) => call.outputShapes),
    node.params,
    node.verdict.kind,
  ]);
}

/** Without the numbers that tfjs gives names that are given none, and without how often a loop or function has run. */
function withoutNumbers(key: string): string {
  return key
    .replace(/"([a-z0-9_]+_[A-Z]\w*?|input|sequential_|model)\d+(?=(_input)?["/])/g, '"$1')
    .replace(/"run":\d+/g, '"run":0');
}

function fingerprint(value: unknown): string {
  return JSON.stringify(value);
}
