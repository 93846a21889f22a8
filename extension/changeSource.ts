import * as vscode from 'vscode';
import type { WireModelGraph } from '../protocol/modelGraph';
import { UserFacingError } from './errors';
import { revealSource } from './revealSource';

/** A number in the source that should be another one. */
export interface PropertyChange {
  layerId: string;
  property: string;
  from: number;
  to: number;
}

/**
 * Writes another number into the call that creates a layer, where it stands there exactly once as `property: from`;
 * otherwise shows the call and says what to change. The edit can be undone like any other.
 */
export async function changeLayerProperty(
  graph: WireModelGraph,
  { layerId, property, from, to }: PropertyChange,
  keepVisible: vscode.ViewColumn | undefined,
): Promise<void> {
  const location = graph.layers.find(({ id }) => id === layerId)?.location;
  if (!location) throw new UserFacingError(`The layer of ${graph.name} is not in a source file.`);
  const { start, end } = location.range;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(location.path));
  const call = new vscode.Range(start.line, start.character, end.line, end.character);
  const found = [...document.getText(call).matchAll(new RegExp(`\\b${property}\\s*:\\s*${from}\\b`, 'g'))];
  await revealSource(location, keepVisible);
  const [match] = found;
  if (found.length !== 1 || !match) {
    throw new UserFacingError(
      `Change \`${property}\` of this layer from ${from} to ${to}. Layerwise does not do it by itself, as the number is not written there.`,
      [],
      'information',
    );
  }
  const until = document.offsetAt(call.start) + match.index + match[0].length;
  const edit = new vscode.WorkspaceEdit();
  const number = new vscode.Range(
    document.positionAt(until - String(from).length),
    document.positionAt(until),
  );
  edit.replace(document.uri, number, String(to));
  await vscode.workspace.applyEdit(edit);
}
