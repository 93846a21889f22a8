import * as vscode from 'vscode';
import type { InstallNativeBackendResult } from '../../protocol/sidecar';
import type { ComputeContext } from '../context';
import { type MessageAction, UserFacingError } from '../errors';
import { backendSetting, pinBackend } from '../settings';
import { requireTrust } from '../trust';

let isUnderWay = false;

/** Puts TensorFlow's own library into the extension's storage, after asking, and computes with it from then on. */
export async function installNativeBackend(context: ComputeContext): Promise<void> {
  requireTrust('Installing the native backend');
  if (isUnderWay)
    throw new UserFacingError('The native backend is being installed already.', [], 'information');
  if (!(await isWanted())) return;
  isUnderWay = true;
  try {
    const result = await install(context);
    if (!result.cancelled) await use(context, result);
  } finally {
    isUnderWay = false;
  }
}

async function isWanted(): Promise<boolean> {
  const install = 'Install';
  const answer = await vscode.window.showInformationMessage(
    "Install TensorFlow's own library for Layerwise?",
    {
      modal: true,
      detail: [
        'Training and classification become several times faster for most models.',
        'This downloads @tensorflow/tfjs-node from npm, and TensorFlow as that package does it or from PyPI: about 300 MB, and 1.2 GB on disk. Where there is an NVIDIA graphics card, the package for it and CUDA: about 3 GB.',
        "It goes to the storage of Layerwise alone; your project and the rest of this machine stay as they are. It runs the package's own install script.",
      ].join('\n\n'),
    },
    install,
  );
  return answer === install;
}

async function install({ compute, log, reporter }: ComputeContext): Promise<InstallNativeBackendResult> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Installing the native backend',
    cancellable: true,
  };
  try {
    return await vscode.window.withProgress(options, (progress, token) => {
      let last = 0;
      let lastTitle = '';
      return compute.installNativeBackend(({ step, steps, title, detail }) => {
        progress.report({
          message: `${title}${detail ? `: ${detail}` : ''} (step ${step} of ${steps})`,
          increment: ((step - last) / steps) * 100,
        });
        last = step;
        if (title !== lastTitle) log.info(`Installing the native backend: ${title}`);
        lastTitle = title;
      }, token);
    });
  } catch (error) {
    if (!(error instanceof UserFacingError)) throw error;
    throw new UserFacingError(error.message, [openLogFile(compute.nativeBackendLog), reporter.showLog]);
  }
}

/** The process starts again, with what was installed. */
async function use(context: ComputeContext, { verdict }: InstallNativeBackendResult): Promise<void> {
  const { compute, training, reporter, log } = context;
  log.info(verdict);
  const showLog = openLogFile(compute.nativeBackendLog);
  if (training.isRunning) {
    reporter.show('information', `${verdict} It is used from the next start of the compute process on.`, [
      {
        title: 'Restart Compute Process',
        run: () => vscode.commands.executeCommand('layerwise.restartSidecar'),
      },
      showLog,
    ]);
    return;
  }
  const { backend } = await compute.restart();
  if (backend.startsWith('tensorflow')) {
    reporter.show('information', `${verdict} Layerwise computes with it now.`, [showLog]);
    return;
  }
  const pinned = backendSetting();
  reporter.show(
    'information',
    `${verdict} Layerwise computes with ${backend}, as the setting says \`${pinned}\`.`,
    [
      {
        title: 'Use TensorFlow',
        run: async () => {
          await pinBackend('auto');
          await compute.restart();
        },
      },
      showLog,
    ],
  );
}

function openLogFile(file: vscode.Uri): MessageAction {
  return { title: 'Open Log File', run: () => vscode.window.showTextDocument(file) };
}
