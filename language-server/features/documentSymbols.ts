/** Models and their layers in the outline. */
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver';
import { formatShape } from '../../model-graph/dims';
import { outputShapeOf } from '../../model-graph/graph';
import type { DocumentAnalysis } from '../analysisService';

export function documentSymbols(analysis: DocumentAnalysis, uri: string): DocumentSymbol[] {
  return analysis.models.flatMap((model) => {
    if (model.location?.path !== uri) return [];
    const children = model.layers.flatMap((layer): DocumentSymbol[] => {
      if (layer.location?.path !== uri) return [];
      const shape = outputShapeOf(layer);
      const { range } = layer.location;
      return [
        {
          name: layer.name,
          detail: `${layer.className}${shape ? ` → ${formatShape(shape, { batch: false })}` : ''}`,
          kind: SymbolKind.Field,
          range,
          selectionRange: range,
        },
      ];
    });
    const { range } = model.location;
    // An outline wants a parent to hold its children.
    const whole = children.reduce((all, child) => union(all, child.range), range);
    return [
      {
        name: model.name,
        detail: `${model.kind} model`,
        kind: SymbolKind.Object,
        range: whole,
        selectionRange: range,
        children,
      },
    ];
  });
}

function union(left: DocumentSymbol['range'], right: DocumentSymbol['range']): DocumentSymbol['range'] {
  const before = (a: DocumentSymbol['range']['start'], b: typeof a) =>
    a.line - b.line || a.character - b.character;
  return {
    start: before(left.start, right.start) <= 0 ? left.start : right.start,
    end: before(left.end, right.end) >= 0 ? left.end : right.end,
  };
}
