/** What filled the drawings is there again after the window was reloaded: beside the code, and in a saved model's editor. */
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import path from 'node:path';
import { testDigit } from '../harness/digits';
import { residualOnnx } from '../harness/onnxFile';
import {
  becomes,
  closeBrowser,
  pictureFailures,
  startWorkbench,
  type Workbench,
  writeInto,
} from '../harness/workbench';

describe('pictures in drawings, after a reload', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  before(async () => {
    workbench = await startWorkbench({
      openFile: 'lenet5.ts',
      prepare: async (folder) => {
        writeInto(folder, 'residual.onnx', residualOnnx());
        writeInto(folder, 'pictures/seven.png', await testDigit(7));
      },
    });
  });
  after(async () => {
    await workbench?.stop();
    await closeBrowser();
  });
  pictureFailures(() => workbench);

  const showTab = (title: string) => workbench.page.locator('.tab', { hasText: title }).first().click();
  /** The number of layers that show what they saw, in each drawing on screen: the smaller first. */
  const filled = async () => {
    const counts: number[] = [];
    for (const frame of workbench.page.frames()) {
      const layers = frame.locator('main.diagram .layer').filter({ has: frame.locator('image') });
      const count = await layers.count().catch(() => 0);
      if (count > 0) counts.push(count);
    }
    return counts.sort((a, b) => a - b);
  };
  const notices = async () => {
    const texts: string[] = [];
    for (const frame of workbench.page.frames()) {
      texts.push(
        ...(await frame
          .locator('.picture-bar .notice.error')
          .allTextContents()
          .catch(() => [])),
      );
    }
    return texts;
  };

  it('fills both with one picture', async () => {
    await workbench.runCommand('Layerwise: Show Architecture');
    const diagram = await workbench.webviewFrame('diagram');
    await diagram.getByText('61,706', { exact: true }).first().waitFor();
    await workbench.explorerCommand('pictures/seven.png', 'Classify Image');
    await workbench.pick('lenet5');
    const classify = await workbench.webviewFrame('classify');
    await classify.locator('.layer-maps').first().waitFor();
    await workbench.openFile('residual.onnx');
    await workbench.explorerCommand('residual.onnx', 'Classify Image With Model');
    await classify.locator('.layer-maps[data-layer="stem"]').waitFor();
    await showTab('Architecture: lenet5.ts');
    await becomes('the filled layers', filled, [9, 9]);
  });

  it('has them again', async () => {
    await workbench.reload();
    await becomes('the filled layers', filled, [9, 9], 60_000);
    assert.equal(await workbench.page.locator('.notifications-toasts .notification-list-item').count(), 0);
    await workbench.screenshot('diagrams-filled-again');
  });

  it('leaves no second tab of a panel that nobody has looked at since', async () => {
    const tabs = () => workbench.page.locator('.tab', { hasText: /^Classify/ }).count();
    assert.equal(await tabs(), 1);
    await workbench.explorerCommand('pictures/seven.png', 'Classify Image');
    await workbench.pick('lenet5');
    const classify = await workbench.webviewFrame('classify');
    await classify.locator('.layer-maps').first().waitFor();
    await becomes('the number of tabs', tabs, 1);
    await showTab('Architecture: lenet5.ts');
  });

  it('says so when the picture is gone', async () => {
    const file = path.join(workbench.folder, 'pictures/seven.png');
    renameSync(file, `${file}.away`);
    await workbench.reload();
    await becomes('the number of messages', async () => (await notices()).length, 2, 60_000);
    for (const text of await notices()) {
      assert.match(text, /seven\.png filled this drawing before .*does not exist/s);
    }
    assert.deepEqual(await filled(), []);
    await workbench.screenshot('diagrams-picture-gone');
  });

  it('does not bring back what was removed', async () => {
    renameSync(
      path.join(workbench.folder, 'pictures/seven.png.away'),
      path.join(workbench.folder, 'pictures/seven.png'),
    );
    for (const frame of workbench.page.frames()) {
      const remove = frame.getByRole('button', { name: 'Remove the picture from the drawing' });
      if ((await remove.count().catch(() => 0)) > 0) await remove.click();
    }
    await becomes('the messages', notices, []);
    await workbench.reload();
    const diagram = await workbench.webviewFrame('diagram', 120_000);
    await diagram
      .getByText('61,706', { exact: true })
      .or(diagram.getByText('754', { exact: true }))
      .first()
      .waitFor();
    assert.equal(await diagram.locator('.picture-bar').count(), 0);
  });
});
