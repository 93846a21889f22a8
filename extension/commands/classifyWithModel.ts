import * as vscode from 'vscode';
import { browseForModel } from '../classify/chooseModel';
import type { ComputeContext } from '../context';
import { requireTrust } from '../trust';
import { classifyImage } from './classifyImage';

/** Classifies with a model file: the one that is clicked in the Explorer, else one that is asked for. */
export async function classifyWithModel(context: ComputeContext, argument?: unknown): Promise<void> {
  requireTrust('Classifying');
  const modelPath = argument instanceof vscode.Uri ? argument.fsPath : await browseForModel();
  if (modelPath !== undefined) await classifyImage(context, { modelPath });
}
