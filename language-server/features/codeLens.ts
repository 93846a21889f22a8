/** Totals and commands above the call that creates a model. */
import type { CodeLens } from 'vscode-languageserver';
import { formatExactCount, formatShape } from '../../model-graph/dims';
import type { ModelGraph } from '../../model-graph/graph';
import { commands, type ModelCommandArguments } from '../../protocol/languageServer';
import type { DocumentAnalysis } from '../analysisService';

export function codeLenses(analysis: DocumentAnalysis, uri: string): CodeLens[] {
  return analysis.models
    .filter((model) => model.location?.path === uri && model.layers.length > 0)
    .flatMap((model) => {
      const args: [ModelCommandArguments] = [{ uri, modelId: model.id }];
      const { range } = model.location!;
      return [
        { range, command: { title: totalsText(model), command: commands.showArchitecture, arguments: args } },
        {
          range,
          command: { title: 'Show Architecture', command: commands.showArchitecture, arguments: args },
        },
        { range, command: { title: 'Train', command: commands.trainModel, arguments: args } },
        { range, command: { title: 'Compare', command: commands.compareModels, arguments: args } },
      ];
    });
}

/** `lenet5: 32×32×1 → 10 · 61,706 parameters · 416,520 multiply-accumulates` */
function totalsText(model: ModelGraph): string {
  const shapes = (list: ModelGraph['inputShapes']) =>
    list.map((shape) => formatShape(shape, { batch: false })).join(', ') || '?';
  const { params, multiplyAccumulates } = model.totals;
  return [
    `${model.name}: ${shapes(model.inputShapes)} → ${shapes(model.outputShapes)}`,
    params === null ? 'parameters unknown' : `${formatExactCount(params)} parameters`,
    multiplyAccumulates === null ? '' : `${formatExactCount(multiplyAccumulates)} multiply-accumulates`,
  ]
    .filter(Boolean)
    .join(' · ');
}
