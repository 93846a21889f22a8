/** When Layerwise wakes up, and what it starts then. First by name: once active, an extension stays so. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventually, layerwise, open, settle } from '../support';

describe('activation', () => {
  it('stays inactive in a workspace without an open TypeScript or JavaScript file', async () => {
    assert.ok(vscode.workspace.workspaceFolders, 'a folder is open');
    await settle();
    assert.equal(layerwise().isActive, false);
  });

  it('starts no process for a file without TensorFlow.js', async () => {
    await open('plain.ts');
    await eventually('activation', () => layerwise().isActive);
    await settle();
    assert.equal(layerwise().exports.serverState(), 'stopped');
    assert.equal(layerwise().exports.sidecarState(), 'stopped');
    assert.equal(layerwise().exports.sidecarPid(), undefined);
  });

  it('registers every command that package.json declares', async () => {
    const declared: string[] = layerwise().packageJSON.contributes.commands.map(
      ({ command }: { command: string }) => command,
    );
    assert.ok(declared.length > 0);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      declared.filter((command) => !registered.has(command)),
      [],
    );
  });

  it('starts the language server, but no compute process, for a file with TensorFlow.js', async () => {
    await open('lenet5.ts');
    await eventually('language server', () => layerwise().exports.serverState() === 'running');
    assert.equal(layerwise().exports.sidecarState(), 'stopped');
  });
});
