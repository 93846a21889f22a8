/** A folder that is not trusted: what runs no code works, what runs code waits. */
import assert from 'node:assert/strict';
import { lenet5Hints } from '../harness/lenet5';
import { eventually, useWorkbench, type Workbench } from '../harness/workbench';

describe('an untrusted folder', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  useWorkbench({ workspaceTrust: true }, async (started) => {
    workbench = started;
    // VS Code's server asks no question; it starts in Restricted Mode and offers trust in a banner.
    await workbench.statusBar('Restricted Mode').waitFor();
    await workbench.openFile('lenet5.ts');
  });

  it('has hints', async () => {
    await workbench.waitForHints(lenet5Hints);
  });

  it('explains why training waits, and starts no process', async () => {
    await workbench.runCommand('Layerwise: Train Model');
    await workbench.notification(/until you trust the workspace/).waitFor();
    assert.deepEqual(workbench.computeProcesses(), []);
    await workbench.screenshot('untrusted');
  });

  it('trains as soon as the folder is trusted', async () => {
    await workbench
      .notification(/until you trust/)
      .locator('.monaco-button', { hasText: 'Manage Trust' })
      .click();
    const trust = workbench.page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ });
    await trust.first().click();
    await workbench.statusBar('Restricted Mode').waitFor({ state: 'detached' });
    await workbench.openFile('lenet5.ts');
    await workbench.runCommand('Layerwise: Train Model');
    await eventually('the compute process', () => workbench.computeProcesses().length === 1);
    await workbench.webviewFrame('training');
  });
});
