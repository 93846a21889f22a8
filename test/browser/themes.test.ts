/** Pictures for people: code, diagram and comparison in a light, a dark and a high contrast theme. */
import assert from 'node:assert/strict';
import { lenet5Hints } from '../harness/lenet5';
import { closeBrowser, pictureFailures, startWorkbench, themes, type Workbench } from '../harness/workbench';

describe('themes', function () {
  this.timeout(240_000);
  let workbench: Workbench | undefined;
  afterEach(async () => {
    await workbench?.stop();
    workbench = undefined;
  });
  after(() => closeBrowser());
  pictureFailures(() => workbench);

  for (const theme of Object.keys(themes) as (keyof typeof themes)[]) {
    it(`draws in ${themes[theme]}`, async () => {
      workbench = await startWorkbench({ theme, openFile: 'lenet5.ts' });
      await workbench.waitForHints(lenet5Hints);
      await workbench.runCommand('Layerwise: Show Architecture');
      const frame = await workbench.webviewFrame('diagram');
      await frame.locator('.picture .layer').first().waitFor();
      const kind = await frame.locator('body').getAttribute('data-vscode-theme-kind');
      const expected = { light: 'vscode-light', dark: 'vscode-dark', highContrast: 'vscode-high-contrast' };
      assert.equal(kind, expected[theme]);
      await workbench.screenshot(`theme-${theme}`);
      await workbench.runCommand('Layerwise: Compare Models');
      await workbench.tick('alexnet.ts', 'vgg16.ts', 'vgg19.ts');
      const comparison = await workbench.webviewFrame('comparison');
      await comparison.locator('.head').nth(3).waitFor();
      await workbench.screenshot(`theme-${theme}-comparison`);
    });
  }
});
