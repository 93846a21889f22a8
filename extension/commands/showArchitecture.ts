import * as vscode from 'vscode';
import type { ModelCommandArguments } from '../../protocol/languageServer';
import type { LayerwiseContext } from '../context';
import { isModelFile } from '../modelFiles';
import { commandDocument, modelAtCursor, modelsOf } from '../modelPick';

/**
 * Draws the document's models beside the code. From the editor's title and the Explorer it is called with a URI, also that
 * of a saved model, from a lens with a model.
 */
export async function showArchitecture(
  context: LayerwiseContext,
  argument?: ModelCommandArguments | vscode.Uri,
): Promise<void> {
  const named = argument instanceof vscode.Uri ? { uri: argument.toString() } : argument;
  const uri = commandDocument(context, named);
  // What is wrong with a saved model is said in its place in the panel.
  if (isModelFile(uri)) return context.diagrams.show({ uri });
  const graphs = await modelsOf(context, uri);
  const modelId = named?.modelId ?? modelAtCursor(uri, graphs);
  await context.diagrams.show({ uri, modelId });
}
