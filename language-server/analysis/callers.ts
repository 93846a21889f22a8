/**
 * A builder that one file exports and another calls: the layers that the call makes, shown where the builder stands.
 * Only what is exact is taken: where a caller does not know its arguments either, the builder's own names say more.
 */
import { layerNodeWriter, toModelGraph } from '../../model-graph/fromTopology';
import type { LayerNode, ModelGraph, SourceLocation } from '../../model-graph/graph';
import { type Layer, Model } from '../../model-graph/wired';
import { type Analysis, type AnalysisOptions, analyze, type LayerSite, type ModuleHost } from './analyze';
import type { Creation } from './evaluator/evaluation';
import { factsKey, locationKey } from './results';

/** Starts the id of the group that says which call of another file made a layer. */
export const callerGroup = 'caller:';

/** What one file's calls make in another. */
export interface CallerAnalysis {
  sites: Map<string, LayerSite>;
  models: Map<string, ModelGraph[]>;
  dependencies: string[];
}

/** Whether calls from other files could say more than the file itself does. */
export function wantsCallers(analysis: Analysis): boolean {
  return analysis.sites.some((site) => !isExact(site.layers));
}

/** Analyses the program at `callerPath` for the layers that it makes by way of the file at `path`. */
export function analyzeCaller(
  path: string,
  callerPath: string,
  callerText: string,
  host: ModuleHost,
  options: AnalysisOptions,
): CallerAnalysis {
  const sites = new Map<string, LayerSite>();
  const models = new Map<string, ModelGraph[]>();
  const onRun = (creations: readonly Creation[]) => collect(path, creations, sites, models);
  const { dependencies } = analyze(callerPath, callerText, host, { ...options, onRun });
  return { sites, models, dependencies };
}

function collect(
  path: string,
  creations: readonly Creation[],
  sites: Map<string, LayerSite>,
  models: Map<string, ModelGraph[]>,
): void {
  if (!creations.some(({ location }) => location.path === path)) return;
  const writeNode = layerNodeWriter();
  const nodes = new Map<Layer, LayerNode>();
  for (const { layer, location, via } of creations) {
    if (!(layer instanceof Model)) continue;
    const graph = toModelGraph(layer, layer.name);
    layer.layers.forEach((inner, index) => {
      if (!nodes.has(inner)) nodes.set(inner, graph.layers[index]!);
    });
    if (!via || location.path !== path || graph.verdict.kind !== 'exact') continue;
    const key = locationKey(location);
    const known = models.get(key) ?? [];
    if (known.every((one) => summary(one) !== summary(graph))) models.set(key, [...known, graph]);
  }
  const ofRun = new Map<string, LayerSite>();
  for (const { layer, location, via } of creations) {
    if (layer instanceof Model || !via || location.path !== path) continue;
    const node = nodes.get(layer) ?? writeNode(layer);
    if (node.verdict.kind !== 'exact') continue;
    const key = locationKey(location);
    const site = ofRun.get(key) ?? { location, layers: [], alternatives: [] };
    ofRun.set(key, site);
    site.layers.push({ ...node, groups: [groupOf(via), ...node.groups] });
  }
  for (const [key, site] of ofRun) {
    const first = sites.get(key);
    if (!first) sites.set(key, site);
    else first.alternatives.push(...distinct([...first.layers, ...first.alternatives], site.layers));
  }
}

function groupOf({ path, range }: SourceLocation): LayerNode['groups'][number] {
  const name = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  const line = range.start.line + 1;
  return { id: `${callerGroup}${path}:${line}`, kind: 'function', label: `${name}:${line}` };
}

/** The file's analysis with what the callers make: in place of what it does not know, and besides what it does. */
export function withCallers(own: Analysis, callers: readonly CallerAnalysis[]): Analysis {
  if (callers.every(({ sites }) => sites.size === 0)) return own;
  return {
    ...own,
    sites: own.sites.map((site) => {
      const key = locationKey(site.location);
      return callers.reduce<LayerSite>((known, caller) => {
        const found = caller.sites.get(key);
        return found ? joined(known, found) : known;
      }, site);
    }),
    models: own.models.flatMap((model) => modelsOf(model, callers)),
    dependencies: [...new Set([own, ...callers].flatMap(({ dependencies }) => dependencies))],
  };
}

function joined(known: LayerSite, found: LayerSite): LayerSite {
  if (!isExact(known.layers)) return found;
  return {
    ...known,
    layers: [...known.layers, ...distinct([...known.layers, ...known.alternatives], found.layers)],
    alternatives: [
      ...known.alternatives,
      ...distinct([...known.layers, ...known.alternatives, ...found.layers], found.alternatives),
    ],
  };
}

/** A model that is not known is shown as its callers make it, once for every size that they ask for. */
function modelsOf(model: ModelGraph, callers: readonly CallerAnalysis[]): ModelGraph[] {
  if (model.verdict.kind === 'exact' || !model.location) return [model];
  const key = locationKey(model.location);
  const found = new Map<string, ModelGraph>();
  for (const graph of callers.flatMap(({ models }) => models.get(key) ?? [])) {
    if (!found.has(summary(graph))) found.set(summary(graph), graph);
  }
  if (found.size === 0) return [model];
  return [...found.values()].slice(0, 4).map((graph, index) => ({
    ...graph,
    name: model.name,
    id: index === 0 ? model.id : `${model.id}~${index + 1}`,
  }));
}

function summary(graph: ModelGraph): string {
  return JSON.stringify([graph.inputShapes, graph.outputShapes, graph.totals, graph.layers.length]);
}

function isExact(layers: readonly LayerNode[]): boolean {
  return layers.every(({ verdict }) => verdict.kind === 'exact');
}

/** Of `layers`, those that say something that `known` does not, each once. */
function distinct(known: readonly LayerNode[], layers: readonly LayerNode[]): LayerNode[] {
  const seen = new Set(known.map(factsKey));
  return layers.filter((layer) => {
    const key = factsKey(layer);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
