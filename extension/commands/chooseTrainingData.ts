import * as vscode from 'vscode';
import type { DataSource } from '../../protocol/sidecar';
import { bundledDigits } from '../trainingData';
import type { SetupForm } from '../trainingSetup';

/** Asks what a model should be trained on, and puts it into its form. */
export async function chooseTrainingData(form: SetupForm): Promise<void> {
  const data = await pickTrainingData();
  if (data) await form.changeData(data);
}

async function pickTrainingData(): Promise<DataSource | undefined> {
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: '$(package) Bundled digits',
        detail: '10,000 digits of MNIST that come with Layerwise',
        choose: async () => bundledDigits,
      },
      {
        label: '$(file-media) Folder of pictures…',
        detail: 'A sub-folder for each class, pictures of any size',
        choose: () => pickFolder('folder', 'Folder with a sub-folder of pictures for each class'),
      },
      {
        label: '$(file-binary) MNIST or Fashion-MNIST folder…',
        detail: 'idx files: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-…; .gz too',
        choose: () => pickFolder('idx', 'Folder with idx files'),
      },
      {
        label: '$(table) Table…',
        detail: 'A .csv file, one example a line',
        choose: pickTable,
      },
    ],
    { title: 'Train on which data?', placeHolder: 'What is in it is shown before the training starts' },
  );
  return picked?.choose();
}

async function pickFolder(kind: 'folder' | 'idx', title: string): Promise<DataSource | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title,
      openLabel: 'Train on It',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  return folder && { kind, folder: folder.fsPath };
}

async function pickTable(): Promise<DataSource | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: 'Which table?',
      openLabel: 'Train on It',
      filters: { 'Comma-separated values': ['csv', 'tsv'] },
    })) ?? [];
  return file && { kind: 'csv', file: file.fsPath };
}
