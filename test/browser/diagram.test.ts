/** The diagram beside the code, and how both follow each other. */
import assert from 'node:assert/strict';
import { lenet5Hints } from '../harness/lenet5';
import { becomes, useWorkbench, type Workbench } from '../harness/workbench';

describe('the diagram', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  useWorkbench({ openFile: 'lenet5.ts' }, async (started) => {
    workbench = started;
    await workbench.waitForHints(lenet5Hints);
    await workbench.runCommand('Layerwise: Show Architecture');
    await workbench.webviewFrame('diagram');
  });

  it('lists every layer with its output and parameters', async () => {
    const frame = await workbench.webviewFrame('diagram');
    const rows = frame.locator('[aria-label="Layers as a table"] tbody tr');
    await rows.nth(7).waitFor({ state: 'attached' });
    const table = await rows.evaluateAll((all) =>
      all.map((row) => [...row.children].slice(1, 4).map(({ textContent }) => textContent?.trim())),
    );
    assert.deepEqual(table, [
      ['Conv2D', '28×28×6', '156'],
      ['AveragePooling2D', '14×14×6', '0'],
      ['Conv2D', '10×10×16', '2,416'],
      ['AveragePooling2D', '5×5×16', '0'],
      ['Conv2D', '1×1×120', '48,120'],
      ['Flatten', '120', '0'],
      ['Dense', '84', '10,164'],
      ['Dense', '10', '850'],
    ]);
    await frame.getByText('61,706', { exact: true }).first().waitFor();
  });

  it('draws every layer inside the panel', async () => {
    const frame = await workbench.webviewFrame('diagram');
    const layers = frame.locator('.picture .layer:not([data-layer=""])');
    assert.equal(await layers.count(), 8);
    for (const layer of await layers.all()) {
      const box = await layer.boundingBox();
      assert.ok(box && box.width > 4 && box.height > 4, `a visible size: ${JSON.stringify(box)}`);
    }
    await workbench.screenshot('diagram');
  });

  it('highlights the layer that the cursor stands in', async () => {
    const frame = await workbench.webviewFrame('diagram');
    const highlighted = () =>
      frame
        .locator('.picture .layer.highlighted')
        .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
    const third = await workbench.lineWith('filters: 16');
    await workbench.moveCursor(third, 30);
    const described = async () => (await highlighted()).map((label) => /10×10×16/.test(label ?? ''));
    await becomes('the highlighted layer', described, [true]);
    await workbench.moveCursor(await workbench.lineWith('units: 10,'), 30);
    await becomes('the layer that was highlighted', described, [false]);
  });

  it('selects the call in the source when a layer is opened', async () => {
    const line = await workbench.lineWith('filters: 16');
    const text = await workbench.textOfLine(line);
    const call = /tf\.layers\.conv2d\(.*\}\)/.exec(text);
    assert.ok(call, text);
    const frame = await workbench.webviewFrame('diagram');
    const layer = frame.locator('.picture .layer[aria-label*="10×10×16"]').first();
    // Its label is the layer's, too, and never hidden behind another sheet.
    await layer.locator('text').first().dblclick();
    await workbench.statusBar(`(${call[0].length} selected)`).waitFor();
    await workbench.statusBar(new RegExp(`Ln ${line},`)).waitFor();
    await workbench.screenshot('diagram-layer-opened');
  });

  it('follows what is typed', async () => {
    await workbench.page.locator('.tab[data-resource-name="lenet5.ts"]').first().click();
    await workbench.replaceInLine(await workbench.lineWith('units: 84'), 'units: 84', 'units: 90');
    const frame = await workbench.webviewFrame('diagram');
    const outputs = frame.locator('[aria-label="Layers as a table"] tbody tr:nth-child(7) td:nth-child(3)');
    await becomes('the dense layer', async () => await outputs.textContent(), '90');
  });
});
