/** A folder that is not trusted: what runs no code works, what runs code waits. */
import assert from 'node:assert/strict';
import { closeBrowser, pictureFailures, startWorkbench, type Workbench } from '../harness/workbench';
import { lenet5Hints } from './lenet5';

describe('an untrusted folder', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  before(async () => {
    workbench = await startWorkbench({ workspaceTrust: true });
    await workbench.dialog
      .getByText('No, I don\u2019t trust')
      .or(workbench.dialog.getByText("No, I don't trust"))
      .first()
      .click();
    await workbench.openFile('lenet5.ts');
  });
  after(async () => {
    await workbench?.stop();
    await closeBrowser();
  });
  pictureFailures(() => workbench);

  it('has hints', async () => {
    await workbench.waitForHints(lenet5Hints);
    await workbench.statusBar('Restricted Mode').waitFor();
  });

  it('neither offers training nor starts a process', async () => {
    assert.equal(await workbench.offersCommand('Layerwise: Show Architecture'), true);
    assert.equal(await workbench.offersCommand('Layerwise: Train Model'), false);
    assert.deepEqual(workbench.computeProcesses(), []);
    await workbench.screenshot('untrusted');
  });
});
