/** Everything that is shown of the models, worked out once for each change. Pure. */
import { compareModels, type ModelComparison } from '../../model-graph/comparison/compare';
import { alignStages, type Stage, stagesOf } from '../../model-graph/comparison/stages';
import { type ComparedTotals, totalsOf } from '../../model-graph/comparison/totals';
import type { WireModelGraph } from '../../protocol/modelGraph';
import type { ComparedModel } from '../../protocol/webview';
import type { Alignment } from './host';
import { type ModelMarks, marksOf } from './marks';
import { type StageRow, stageRows } from './StageBars';

export interface KnownModel extends ComparedModel {
  graph: WireModelGraph;
}

export interface Compared {
  models: KnownModel[];
  comparison: ModelComparison;
  stages: Stage[][];
  totals: ComparedTotals[];
}

export function knownModels(models: readonly ComparedModel[]): KnownModel[] {
  return models.flatMap((model) =>
    model.content.state === 'known' ? [{ ...model, graph: model.content.graph }] : [],
  );
}

export function compared(models: KnownModel[]): Compared {
  const graphs = models.map(({ graph }) => graph);
  const comparison = compareModels(graphs);
  return {
    models,
    comparison,
    stages: comparison.models.map(stagesOf),
    totals: graphs.map((graph, model) => totalsOf(graph, comparison.models[model]!)),
  };
}

/** `reference`: a model's key, or null for each with its left neighbour. */
export function marked({ models, comparison }: Compared, reference: string | null): ModelMarks[] {
  const at = models.findIndex(({ key }) => key === reference);
  return marksOf(comparison, at < 0 ? undefined : at);
}

/** Versions of one model stand beside each other layer by layer, different architectures size by size. */
export function naturalAlignment(marks: readonly ModelMarks[]): Alignment {
  return marks.every(({ reference, isRelated }) => reference === undefined || isRelated) ? 'layer' : 'size';
}

export function stageRowsOf({ stages }: Compared, alignment: Alignment): StageRow[] {
  return stageRows(alignStages(stages, alignment === 'number' ? 'number' : 'size'));
}

/** Distinct names: `model (a.ts)` and `model (b.ts)` where both are called `model`. */
export function displayNames(models: readonly KnownModel[]): string[] {
  const withOrigin = models.map(({ name, origin }) =>
    models.filter((other) => other.name === name).length > 1 ? `${name} (${origin})` : name,
  );
  return withOrigin.map((name, index) => {
    const before = withOrigin.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name} ${before + 1}`;
  });
}
