import * as vscode from 'vscode';
import type { WireModelGraph } from '../../protocol/modelGraph';
import { UserFacingError } from '../errors';
import type { LanguageServer } from '../languageClient/languageServer';
import { isModelFile } from '../modelFiles';
import type { ModelStore } from '../modelStore';
import { baseName } from '../text';
import { textAt } from './git';
import { type ModelSource, runModelUri } from './modelSource';

/** What reading needs. */
export interface ModelReaders {
  readonly models: ModelStore;
  readonly server: LanguageServer;
}

/** All models of a program or a saved file, whether it is open or not. Throws with a message for people. */
export async function modelsInFile(readers: ModelReaders, uri: vscode.Uri): Promise<WireModelGraph[]> {
  // The server answers for the programs that it has open.
  if (!isModelFile(uri)) await openProgram(uri);
  const { graphs, failure } = await readers.models.get(uri);
  if (failure !== undefined) throw new UserFacingError(failure);
  return graphs;
}

async function openProgram(uri: vscode.Uri): Promise<void> {
  try {
    await vscode.workspace.openTextDocument(uri);
  } catch {
    throw new UserFacingError(`${baseName(uri)} cannot be read: it was moved or removed, or is no text.`);
  }
}

/** The model that a source stands for, as it is now. Throws with a message for people. */
export async function readModel(readers: ModelReaders, source: ModelSource): Promise<WireModelGraph> {
  switch (source.kind) {
    case 'file': {
      const uri = vscode.Uri.parse(source.uri);
      return pick(await modelsInFile(readers, uri), source, baseName(uri));
    }
    case 'revision': {
      const uri = vscode.Uri.parse(source.uri);
      const where = `${baseName(uri)} at ${source.hash.slice(0, 7)}`;
      const text = await textAt(uri, source.hash);
      if (text === null)
        throw new UserFacingError(
          `${where} cannot be read: it did not exist there, or VS Code's Git does not know its repository.`,
        );
      const languageId = languageOf(uri);
      const { graphs } = await readers.server.revisionGraphs(uri, {
        languageId,
        text,
        revision: source.hash,
      });
      return pick(graphs, source, where);
    }
    case 'run': {
      const [graph] = await modelsInFile(readers, runModelUri(source.folder));
      if (graph) return graph;
      throw new UserFacingError(`The run ${source.label} holds no model.`);
    }
  }
}

/** By its id, else by its name, else the only one. */
function pick(
  graphs: readonly WireModelGraph[],
  { modelId, name }: { modelId?: string; name: string },
  where: string,
): WireModelGraph {
  const found =
    graphs.find(({ id }) => id === modelId) ??
    graphs.find((graph) => graph.name === name) ??
    (graphs.length === 1 ? graphs[0] : undefined);
  if (found) return found;
  throw new UserFacingError(
    graphs.length === 0
      ? `${where} builds no TensorFlow.js model.`
      : `${where} has no model \`${name}\`. It has ${graphs.map((graph) => `\`${graph.name}\``).join(', ')}.`,
  );
}

function languageOf(uri: vscode.Uri): string {
  const key = uri.toString();
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
  if (open) return open.languageId;
  if (/\.html?$/i.test(uri.path)) return 'html';
  const language = /\.[cm]?tsx?$/i.test(uri.path) ? 'typescript' : 'javascript';
  return /x$/i.test(uri.path) ? `${language}react` : language;
}
