import * as vscode from 'vscode';
import type { ComputeContext } from '../context';
import { openSetting } from '../settings';
import { requireTrust } from '../trust';

/** Shows where training and classification compute, and what else was tried. Starts the compute process to find out. */
export async function showBackend(context: ComputeContext): Promise<void> {
  requireTrust('Choosing a backend');
  const { compute, reporter } = context;
  const backend = await compute.start();
  const tried = backend.tried.map(({ backend: name, taken, reason }) => ({
    label: `$(${taken ? 'pass-filled' : 'circle-slash'}) ${name}`,
    description: taken ? 'in use' : 'not used',
    detail: reason,
    run: undefined,
  }));
  const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & { run?: () => unknown }>(
    [
      ...tried,
      { label: '', kind: vscode.QuickPickItemKind.Separator },
      { label: '$(settings-gear) Choose another backend…', run: () => openSetting('sidecar.backend') },
      {
        label: '$(debug-restart) Restart the compute process',
        run: () => vscode.commands.executeCommand('layerwise.restartSidecar'),
      },
      { label: '$(output) Show the log', run: () => reporter.showLog.run() },
    ],
    {
      title: backend.description,
      placeHolder: `Node.js ${backend.versions.node.replace(/^v/, '')} · TensorFlow.js ${backend.versions.tfjs} · process ${compute.pid}`,
    },
  );
  await picked?.run?.();
}
