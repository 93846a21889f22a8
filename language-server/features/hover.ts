/** The card of the layer or model whose creating call is under the pointer. */
import { type Hover, MarkupKind, type Position } from 'vscode-languageserver';
import type { Range } from '../../model-graph/graph';
import type { Observed } from '../analysis/observe';
import type { DocumentAnalysis } from '../analysisService';
import { layerCard, modelCard, observationCard } from './layerCard';

const maximumCards = 4;

export function hover(analysis: DocumentAnalysis, position: Position): Hover | null {
  const candidates: { range: Range; card: () => string }[] = [
    ...analysis.models.flatMap((model) =>
      model.location && !analysis.sites.some((site) => site.location === model.location)
        ? [{ range: model.location.range, card: () => modelCard(model) }]
        : [],
    ),
    ...analysis.sites.map((site) => ({
      range: site.location.range,
      card: () => layerCard(site, analysis.models),
    })),
  ];
  const innermost = candidates
    .filter(({ range }) => contains(range, position))
    .reduce<(typeof candidates)[number] | undefined>(
      (best, candidate) => (!best || isWithin(candidate.range, best.range) ? candidate : best),
      undefined,
    );
  return innermost
    ? { contents: { kind: MarkupKind.Markdown, value: innermost.card() }, range: innermost.range }
    : null;
}

/** The card of what a variable or property holds: it goes before the card of the call around it. */
export function nameHover(observed: Observed, range: Range): Hover {
  const cards = observed.values.slice(0, maximumCards).map((value) => observationCard(observed.name, value));
  const more = observed.values.length - cards.length;
  if (more > 0) cards.push(`… and ${more} more`);
  return { contents: { kind: MarkupKind.Markdown, value: cards.join('\n\n---\n\n') }, range };
}

function compare(left: Position, right: Position): number {
  return left.line - right.line || left.character - right.character;
}

function contains(range: Range, position: Position): boolean {
  return compare(range.start, position) <= 0 && compare(position, range.end) <= 0;
}

function isWithin(inner: Range, outer: Range): boolean {
  return compare(outer.start, inner.start) <= 0 && compare(inner.end, outer.end) <= 0;
}
