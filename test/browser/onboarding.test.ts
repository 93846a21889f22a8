/** What people who have just installed Layerwise do first. */
import { lenet5Hints } from '../harness/lenet5';
import { useWorkbench, type Workbench } from '../harness/workbench';

describe('the first steps', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  useWorkbench({}, (started) => {
    workbench = started;
  });

  it('a walkthrough leads through them', async () => {
    await workbench.runCommand('Welcome: Open Walkthrough...');
    await workbench.pick('Get Started with Layerwise');
    const step = workbench.page.locator('.getting-started-step', { hasText: 'Shapes while you type' });
    await step.first().waitFor();
    await workbench.screenshot('walkthrough');
  });

  it('an example opens as a new file, with its hints', async () => {
    await workbench.runCommand('Layerwise: New Model from Example');
    await workbench.pick('LeNet-5');
    await workbench.waitForHints(lenet5Hints);
    await workbench.screenshot('new-from-example');
  });
});
