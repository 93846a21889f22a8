/** Names of layers inside `getLayer('…')`: what may stand there, and where the layer of that name is created. */
import ts from 'typescript';
import {
  type CompletionItem,
  CompletionItemKind,
  type Location,
  type Position,
  type Range,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { formatShape } from '../../model-graph/dims';
import { type LayerNode, type ModelGraph, outputShapeOf } from '../../model-graph/graph';
import { ParsedFiles } from '../analysis/analyze';
import type { DocumentAnalysis } from '../analysisService';

/** Asked for at every quote that is typed: the document is analysed only where it matters. */
export async function layerNameCompletions(
  document: TextDocument,
  position: Position,
  analyse: () => Promise<DocumentAnalysis>,
): Promise<CompletionItem[]> {
  const asked = getLayerAt(document, position);
  if (!asked) return [];
  const items = new Map<string, CompletionItem>();
  for (const layer of layersOf((await analyse()).models, asked.receiver)) {
    if (items.has(layer.name)) continue;
    const shape = outputShapeOf(layer);
    items.set(layer.name, {
      label: layer.name,
      kind: CompletionItemKind.Field,
      detail: `${layer.className}${shape ? ` → ${formatShape(shape, { batch: false })}` : ''}`,
      // In the order of the model.
      sortText: String(items.size).padStart(5, '0'),
      textEdit: { range: asked.range, newText: layer.name },
    });
  }
  return [...items.values()];
}

export async function layerDefinitions(
  document: TextDocument,
  position: Position,
  analyse: () => Promise<DocumentAnalysis>,
): Promise<Location[]> {
  const asked = getLayerAt(document, position);
  if (!asked) return [];
  const places = new Map<string, Location>();
  for (const { name, location } of layersOf((await analyse()).models, asked.receiver)) {
    if (name !== asked.name || !location) continue;
    places.set(JSON.stringify(location), { uri: location.path, range: location.range });
  }
  return [...places.values()];
}

/** The layers of the models that the receiver is named after; of all models where none is. */
function layersOf(models: readonly ModelGraph[], receiver: string): LayerNode[] {
  const named = models.filter(({ name }) => name === receiver);
  return (named.length > 0 ? named : models).flatMap(({ layers }) => layers);
}

interface GetLayer {
  /** `model` of `this.model.getLayer('…')`. */
  receiver: string;
  name: string;
  /** Between the quotes. */
  range: Range;
}

function getLayerAt(document: TextDocument, position: Position): GetLayer | undefined {
  const text = document.getText();
  if (!text.includes('getLayer')) return undefined;
  const offset = document.offsetAt(position);
  const file = new ParsedFiles().parse(document.uri, text);
  const find = (node: ts.Node): ts.StringLiteralLike | undefined => {
    if (node.end < offset || node.getFullStart() > offset) return undefined;
    return ts.isStringLiteralLike(node) ? node : ts.forEachChild(node, find);
  };
  const literal = find(file);
  const call = literal?.parent;
  if (!literal || !call || !ts.isCallExpression(call) || call.arguments[0] !== literal) return undefined;
  const callee = call.expression;
  if (!ts.isPropertyAccessExpression(callee) || callee.name.text !== 'getLayer') return undefined;
  const start = literal.getStart() + 1;
  // While the closing quote is still to be typed, the name ends with what stands of it.
  const end = Math.min(start + literal.text.length, text.length);
  if (offset < start || offset > end) return undefined;
  const { expression } = callee;
  return {
    receiver: ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText(),
    name: literal.text,
    range: { start: document.positionAt(start), end: document.positionAt(end) },
  };
}
