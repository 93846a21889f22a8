/** The real process, as the extension starts it; ended after each test, whatever happened. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackendName, TrainingEvent, TrainingOptions } from '../../../protocol/sidecar';
import { connectSidecar, type SidecarConnection, type SidecarLaunch } from '../../../sidecar/connect';

export const root = path.resolve(__dirname, '../../..');
export const script = path.join(root, 'dist/sidecar.js');

const running = new Set<SidecarConnection>();
const folders: string[] = [];
/** Builds the bundle, unless it is newer than its sources. */
export function buildSidecar(this: Mocha.Context): void {
  this.timeout(120_000);
  const builtAt = existsSync(script) ? statSync(script).mtimeMs : 0;
  const sources = ['sidecar', 'protocol', 'model-graph'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true }).map((file) =>
      path.join(root, folder, String(file)),
    ),
  );
  if (sources.every((file) => statSync(file).mtimeMs < builtAt)) return;
  execFileSync(process.execPath, ['scripts/build.mjs', '--only', 'sidecar'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** With the backend chosen. */
export async function startSidecar(backend: BackendName | 'auto' = 'wasm'): Promise<SidecarConnection> {
  const sidecar = launchSidecar();
  await sidecar.request('initialize', { backend, searchFolders: [] });
  return sidecar;
}

export function launchSidecar(more: Partial<SidecarLaunch> = {}): SidecarConnection {
  const sidecar = connectSidecar({ command: process.execPath, args: [script], ...more });
  running.add(sidecar);
  void sidecar.exited.then(() => running.delete(sidecar));
  return sidecar;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'layerwise-sidecar-'));
  folders.push(folder);
  return folder;
}

/** For `afterEach`. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...running].map((sidecar) => sidecar.shutdown()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export const shortTraining: TrainingOptions = { epochs: 1, batchSize: 64, validationSplit: 0.1, seed: 7 };

export function eventsOf(sidecar: SidecarConnection): TrainingEvent[] {
  const events: TrainingEvent[] = [];
  sidecar.onTrainingEvent((event) => events.push(event));
  return events;
}

export function nextEvent(sidecar: SidecarConnection, kind: TrainingEvent['kind']): Promise<TrainingEvent> {
  return new Promise((resolve) => {
    const listening = sidecar.onTrainingEvent((event) => {
      if (event.kind !== kind) return;
      listening.dispose();
      resolve(event);
    });
  });
}
