import * as vscode from 'vscode';
import { chooseLabels, choosePictures } from '../classify/chooseFiles';
import { chooseModel, rememberModel } from '../classify/chooseModel';
import { Classifying } from '../classify/classifying';
import { type ClassifyRecord, ClassifyStore } from '../classify/classifyStore';
import { ModelChoices } from '../classify/modelChoices';
import { findPictures, imageExtensions, isPictureName, type NewPicture } from '../classify/pictures';
import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { type ClassifyActions, ClassifyPanel } from '../panels/classifyPanel';
import { baseName } from '../text';
import { requireTrust } from '../trust';

/** What is known of what to classify; a model that is not known is asked for, pictures are chosen in the panel. */
export interface ClassifyArguments {
  imagePath?: string;
  /** Pictures that are not simply files. */
  pictures?: readonly NewPicture[];
  /** A run's folder, a model.json, or an .onnx file. */
  modelPath?: string;
}

/**
 * Classifies pictures and shows what each layer saw. Called with nothing (the panel takes pictures in many ways), from
 * the Explorer (with a picture or a folder, and everything that is selected), or with paths.
 */
export async function classifyImage(
  context: ComputeContext,
  argument?: vscode.Uri | ClassifyArguments,
  selected?: readonly unknown[],
): Promise<void> {
  requireTrust('Classifying');
  const known = argument instanceof vscode.Uri ? {} : (argument ?? {});
  const uris =
    argument instanceof vscode.Uri
      ? await picturesOf(argument, selected)
      : known.imagePath === undefined
        ? []
        : [vscode.Uri.file(known.imagePath)];
  const { pictures, notes } = await findPictures(uris, 'file');
  pictures.push(...(known.pictures ?? []));
  if (pictures.length === 0 && notes.length > 0) throw new UserFacingError(notes.join(' '));
  const modelPath = known.modelPath ?? (await chooseModel(context, whatOf(pictures)));
  if (modelPath === undefined) return;
  await rememberModel(context, modelPath);
  const panel = context.classifyPanel.open('Classify', (view) => createClassifyPanel(context, view));
  const { classifying } = panel;
  if (classifying.model?.path !== modelPath) await classifying.useModel(modelPath, pictures, notes);
  else if (pictures.length > 0) await classifying.add(pictures, notes);
  else await classifying.classifySelected();
}

/** The panel as it was in the window before; undefined where it cannot come back. */
export async function restoreClassifyPanel(
  context: ComputeContext,
  view: vscode.WebviewPanel,
): Promise<ClassifyPanel | undefined> {
  if (!vscode.workspace.isTrusted) return undefined;
  const record = await storeOf(context).load();
  return record && createClassifyPanel(context, view, record);
}

function createClassifyPanel(
  context: ComputeContext,
  view: vscode.WebviewPanel,
  record?: ClassifyRecord,
): ClassifyPanel {
  const { compute, diagrams, extension, reporter } = context;
  const store = storeOf(context);
  const sources = [
    ...(record?.pictures ?? []).map(({ source }) => source),
    ...(record?.compared ? [record.compared.params.picture] : []),
    ...diagrams.pictureSources,
  ];
  reporter.background('Deleting pictures that are shown no more', () => store.forgetAllBut(sources))();
  const choices = new ModelChoices(extension.workspaceState);
  const classifying = new Classifying({ compute, store, choices, reporter }, record);
  const actions: ClassifyActions = {
    chooseModel: async () => {
      const path = await chooseModel(context, 'pictures');
      if (path !== undefined) await rememberModel(context, path);
      return path;
    },
    choosePictures: (what) => choosePictures(extension.globalState, what),
    chooseLabels,
  };
  return new ClassifyPanel(context, view, compute, classifying, actions, record?.compared);
}

function storeOf({ extension }: ComputeContext): ClassifyStore {
  return new ClassifyStore(extension.storageUri ?? extension.globalStorageUri);
}

/** The pictures and folders of a selection in the Explorer. */
async function picturesOf(clicked: vscode.Uri, selected: readonly unknown[] = []): Promise<vscode.Uri[]> {
  const uris = selected.filter((uri) => uri instanceof vscode.Uri);
  const all = uris.length > 1 ? uris : [clicked];
  const usable: vscode.Uri[] = [];
  for (const uri of all) if (isPictureName(uri.path) || (await isFolder(uri))) usable.push(uri);
  if (usable.length > 0) return usable;
  throw new UserFacingError(
    `${baseName(clicked)} is no picture that Layerwise reads (${imageExtensions.join(', ')}).`,
  );
}

async function isFolder(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    ({ type }) => (type & vscode.FileType.Directory) !== 0,
    () => false,
  );
}

function whatOf(pictures: readonly NewPicture[]): string {
  const [first] = pictures;
  if (!first) return 'pictures';
  return pictures.length === 1 ? first.name : `${pictures.length} pictures`;
}
