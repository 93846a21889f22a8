/** `→ 28×28×6 · 156` after every call that creates a layer. */
import { type InlayHint, InlayHintKind, MarkupKind, type Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { commands, type LayerCardArguments } from '../../protocol/languageServer';
import type { LayerSite } from '../analysis/analyze';
import type { DocumentAnalysis } from '../analysisService';
import type { Settings } from '../settings';
import { hintText } from './hintText';
import { layerCard } from './layerCard';

interface HintData {
  uri: string;
  line: number;
  character: number;
}

export function inlayHints(
  analysis: DocumentAnalysis,
  document: TextDocument,
  range: Range,
  options: Settings['inlayHints'],
): InlayHint[] {
  return analysis.sites
    .filter(
      ({ location }) =>
        location.range.end.line >= range.start.line && location.range.end.line <= range.end.line,
    )
    .filter((site) => site.layers.length > 0)
    .map((site) => {
      const { end } = site.location.range;
      const data: HintData = { uri: document.uri, ...end };
      const card: LayerCardArguments = { uri: document.uri, position: site.location.range.start };
      return {
        position: end,
        label: [
          {
            value: hintText(site, options),
            command: { title: 'Show Layer', command: commands.showLayerCard, arguments: [card] },
          },
        ],
        kind: InlayHintKind.Type,
        paddingLeft: true,
        data,
      };
    });
}

/** Fills in the tooltip, which is made only for the hint that someone points at. */
export function resolveInlayHint(hint: InlayHint, analysis: DocumentAnalysis): InlayHint {
  const site = siteEndingAt(analysis, hint.data as HintData);
  return site
    ? { ...hint, tooltip: { kind: MarkupKind.Markdown, value: layerCard(site, analysis.models) } }
    : hint;
}

resolveInlayHint.uriOf = (hint: InlayHint): string | undefined => (hint.data as HintData | undefined)?.uri;

function siteEndingAt(analysis: DocumentAnalysis, at: HintData): LayerSite | undefined {
  return analysis.sites.find(
    ({ location }) => location.range.end.line === at.line && location.range.end.character === at.character,
  );
}
