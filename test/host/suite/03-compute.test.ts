/** Training, and what happens when the compute process dies. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunFile } from '../../../protocol/sidecar';
import { eventually, layerwise, open, settle, uriOf, workspaceFolder } from '../support';

/** All runs on disk, oldest first. */
function runs(): RunFile[] {
  const folder = path.join(workspaceFolder(), '.layerwise/runs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name, 'run.json'))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as RunFile);
}

async function setEpochs(epochs: number): Promise<void> {
  await vscode.workspace
    .getConfiguration('layerwise')
    .update('training.epochs', epochs, vscode.ConfigurationTarget.Workspace);
}

async function train(): Promise<void> {
  await vscode.commands.executeCommand('layerwise.trainModel', {
    uri: uriOf('lenet5.ts').toString(),
    start: true,
  });
}

describe('the compute process', function () {
  this.timeout(180_000);
  before(() => open('lenet5.ts'));
  after(() => setEpochs(1));

  it('can be killed in the middle of a training; the next training works', async () => {
    const { sidecarState, sidecarPid } = layerwise().exports;
    await setEpochs(1000);
    await train();
    await eventually('a run on disk', () => runs().some(({ status }) => status === 'running'));
    assert.equal(sidecarState(), 'running');
    const pid = sidecarPid();
    assert.ok(pid, 'there is a process');
    process.kill(pid, 'SIGKILL');
    // A clear state: nothing runs, and nothing claims to.
    await eventually('the loss of the process is noticed', () => sidecarState() === 'stopped');
    assert.equal(sidecarPid(), undefined);
    await settle();

    await setEpochs(1);
    await train();
    await eventually('a new process', () => sidecarState() === 'running' && sidecarPid() !== pid);
    const finished = await eventually(
      'a finished run',
      () => runs().find(({ status }) => status === 'finished'),
      150_000,
    );
    assert.equal(finished.epochs.length, 1);
    assert.ok(Number.isFinite(finished.epochs[0]?.loss));
  });

  it('is another process after a restart on request', async () => {
    const { sidecarPid, isTraining } = layerwise().exports;
    // With one under way the command asks first.
    await eventually('the end of the training', () => !isTraining());
    const before = sidecarPid();
    await vscode.commands.executeCommand('layerwise.restartSidecar');
    await eventually('another process', () => sidecarPid() !== undefined && sidecarPid() !== before);
  });
});
