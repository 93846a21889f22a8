import * as vscode from 'vscode';
import type { BackendName } from '../../protocol/sidecar';
import type { ComputeContext } from '../context';
import { backendSetting, pinBackend } from '../settings';
import { backendReport, backendTitles, untried } from '../sidecar/backendReport';
import type { Compute } from '../sidecar/compute';
import { requireTrust } from '../trust';

type Choice = vscode.QuickPickItem & { run?: () => unknown };

const reportUri = vscode.Uri.from({ scheme: 'layerwise-backends', path: '/Compute Backends.md' });

/** Shows what computes, what else was tried and why it is not used. Starts the compute process to find out. */
export async function showBackend(context: ComputeContext): Promise<void> {
  requireTrust('Choosing a backend');
  const { compute } = context;
  const backend = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: 'Layerwise: trying the compute backends' },
    () => compute.start(),
  );
  const pinned = backendSetting();
  const picked = await vscode.window.showQuickPick<Choice>(
    [
      ...backend.tried.map((tried) => rung(tried.backend, tried)),
      ...untried(backend).map((name) => rung(name)),
      { label: 'What to do', kind: vscode.QuickPickItemKind.Separator },
      ...actions(context),
    ],
    {
      title: `Layerwise computes with ${backend.description}`,
      placeHolder: `${backend.device} · process ${compute.pid}. Choose a backend to pin it, or what to do`,
      matchOnDetail: true,
    },
  );
  await picked?.run?.();

  function rung(
    name: BackendName,
    tried?: { taken: boolean; reason: string; next?: string | undefined },
  ): Choice {
    const icon = !tried ? 'circle-outline' : tried.taken ? 'pass-filled' : 'circle-slash';
    const state = !tried ? 'not tried' : tried.taken ? 'in use' : 'not used';
    return {
      label: `$(${icon}) ${name}`,
      description: `${backendTitles[name]} · ${state}${pinned === name ? ', pinned' : ''}`,
      detail: tried
        ? [tried.reason, tried.next].filter(Boolean).join('. ')
        : pinned === 'auto'
          ? 'slower than what is in use'
          : 'the setting names another one',
      run: () => pin(name),
    };
  }

  async function pin(name: BackendName | 'auto'): Promise<void> {
    if (name === pinned) return;
    await pinBackend(name);
    await vscode.commands.executeCommand('layerwise.restartSidecar');
  }

  function actions({ reporter }: ComputeContext): Choice[] {
    return [
      ...(pinned === 'auto'
        ? []
        : [{ label: '$(wand) Take the fastest that works', run: () => pin('auto') }]),
      { label: '$(book) Explain in full', run: showReport },
      {
        label: '$(cloud-download) Install native backend…',
        description: "TensorFlow's own library, several times faster than WebAssembly for most models",
        run: () => vscode.commands.executeCommand('layerwise.installNativeBackend'),
      },
      {
        label: '$(debug-restart) Restart the compute process',
        description: 'tries all backends again',
        run: () => vscode.commands.executeCommand('layerwise.restartSidecar'),
      },
      { label: '$(output) Show the log', run: () => reporter.showLog.run() },
    ];
  }
}

async function showReport(): Promise<void> {
  await vscode.commands.executeCommand('markdown.showPreview', reportUri);
}

/** Serves the explanation as a document that nobody has to save, and keeps it current. */
export function registerBackendReport(compute: Compute): vscode.Disposable {
  const changes = new vscode.EventEmitter<vscode.Uri>();
  return vscode.Disposable.from(
    changes,
    compute.onDidChangeState((state) => {
      if (state === 'running') changes.fire(reportUri);
    }),
    vscode.workspace.registerTextDocumentContentProvider(reportUri.scheme, {
      onDidChange: changes.event,
      provideTextDocumentContent: () => {
        const { backend, memory, pid } = compute;
        return backend
          ? backendReport({ backend, memory, pid, pinned: backendSetting() })
          : 'The compute process does not run. **Layerwise: Show Compute Backends** starts it.';
      },
    }),
  );
}
