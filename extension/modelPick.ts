import * as vscode from 'vscode';
import { shapeText } from '../model-graph/shapeText';
import type { ModelCommandArguments } from '../protocol/languageServer';
import type { WireModelGraph, WireQuantity } from '../protocol/modelGraph';
import { UserFacingError } from './errors';
import { modelAt } from './highlight';
import type { Services } from './services';
import { isSourceLanguage } from './tensorflowEvidence';
import { baseName } from './text';

function paramsText(params: WireQuantity | null): string {
  if (params === null) return 'parameters unknown';
  return `${typeof params === 'number' ? params.toLocaleString('en-US') : params} parameters`;
}

/** One line about a model. */
export function modelSummary({ inputShapes, outputShapes, totals }: WireModelGraph): string {
  return `${shapeText(inputShapes[0])} → ${shapeText(outputShapes[0])} · ${paramsText(totals.params)}`;
}

/** The document a command is about: the one it names, else the one people look at. */
export function commandDocument(
  context: Pick<Services, 'editor'> & { diagrams: { readonly document: vscode.Uri | undefined } },
  args: ModelCommandArguments | undefined,
): vscode.Uri {
  if (args?.uri) return vscode.Uri.parse(args.uri);
  const active = vscode.window.activeTextEditor?.document;
  const document =
    active && isSourceLanguage(active.languageId)
      ? active.uri
      : (context.diagrams.document ?? context.editor.document);
  if (document) return document;
  throw new UserFacingError(
    'Open a TypeScript or JavaScript file that builds a TensorFlow.js model first.',
    [],
    'information',
  );
}

/** All models of a document; an error when it has none. */
export async function modelsOf(
  context: Pick<Services, 'models'>,
  document: vscode.Uri,
): Promise<WireModelGraph[]> {
  // The server answers for documents it has open.
  await vscode.workspace.openTextDocument(document);
  const { graphs } = await context.models.get(document);
  if (graphs.length > 0) return graphs;
  throw new UserFacingError(
    `No TensorFlow.js model was found in ${baseName(document)}. Layerwise looks for tf.sequential() and tf.model() calls.`,
    [],
    'information',
  );
}

/** The model that the cursor is about, where an editor shows the document. */
export function modelAtCursor(document: vscode.Uri, graphs: readonly WireModelGraph[]): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.uri.toString() !== document.toString()) return undefined;
  const isDocument = (path: string) => vscode.Uri.parse(path).toString() === document.toString();
  const { line, character } = editor.selection.active;
  return modelAt(graphs, isDocument, { line, character });
}

/** The model a command means: the one it names, the only one, else the one that is picked. Undefined when none is. */
export async function pickModel(
  document: vscode.Uri,
  graphs: readonly WireModelGraph[],
  modelId: string | undefined,
  title: string,
): Promise<WireModelGraph | undefined> {
  const named = graphs.find(({ id }) => id === modelId);
  if (named) return named;
  if (graphs.length === 1) return graphs[0];
  const atCursor = modelAtCursor(document, graphs);
  const items = graphs.map((graph) => ({ label: graph.name, description: modelSummary(graph), graph }));
  items.sort((a, b) => Number(b.graph.id === atCursor) - Number(a.graph.id === atCursor));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: `${baseName(document)} builds ${graphs.length} models`,
    matchOnDescription: true,
  });
  return picked?.graph;
}
