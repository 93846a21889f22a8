/** A model whose sizes its source leaves open, as it is made with sizes that people gave. */
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { ModelGraph } from '../model-graph/graph';
import { substituteSymbols, symbolsOf } from '../model-graph/substituteSymbols';
import type { SizedModelResult } from '../protocol/languageServer';
import { toWire, type WireModelGraph } from '../protocol/modelGraph';
import type { AnalysisService } from './analysisService';

/** See `sizedModelMethod`. */
export async function sizedModel(
  service: AnalysisService,
  document: TextDocument,
  modelId: string,
  sizes: Readonly<Record<string, number>>,
): Promise<SizedModelResult> {
  const { models } = await service.analysisOf(document);
  const model = models.find(({ id }) => id === modelId);
  if (!model) return { graph: null };
  const { builder, models: called } = await service.calledWith(
    document,
    model,
    new Map(Object.entries(sizes)),
  );
  const made = called?.filter((one) => placeOf(one) === placeOf(model)) ?? [model];
  const graph = made.length === 1 && made[0] ? decided(substituteSymbols(toWire(made[0]), sizes)) : null;
  return { graph, builder: builder ?? model.label ?? model.name };
}

function decided(graph: WireModelGraph): WireModelGraph | null {
  return symbolsOf(graph).length === 0 ? graph : null;
}

function placeOf({ location }: ModelGraph): string {
  return JSON.stringify(location);
}
