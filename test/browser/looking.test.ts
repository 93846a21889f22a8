/** Inside the network in the real workbench: a digit through LeNet-5, the cat through MobileNet. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { testDigit } from '../harness/digits';
import {
  becomes,
  bestClass,
  eventually,
  root,
  useWorkbench,
  type Workbench,
  writeInto,
} from '../harness/workbench';

const mobileNet = process.env['LAYERWISE_MOBILENET_JSON'];

describe('looking inside', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  useWorkbench(
    {
      openFile: 'lenet5.ts',
      prepare: async (folder) => {
        writeInto(folder, 'pictures/seven.png', await testDigit(7));
        writeInto(folder, 'pictures/cat.png', readFileSync(path.join(root, 'examples/images/chelsea.png')));
        if (mobileNet === undefined) return;
        for (const name of readdirSync(path.dirname(mobileNet))) {
          writeInto(folder, `mobilenet/${name}`, readFileSync(path.join(path.dirname(mobileNet), name)));
        }
      },
    },
    (started) => {
      workbench = started;
    },
  );

  /** The number of colours in each map of a layer. */
  const coloursOf = (frame: Frame, layer: string) =>
    frame.locator(`[data-layer="${layer}"] .map canvas`).evaluateAll((all) =>
      (all as HTMLCanvasElement[]).map((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      }),
    );

  it('shows the maps of a digit, and takes a cell apart down to the picture', async () => {
    await workbench.explorerCommand('pictures/seven.png', 'Classify Image');
    await workbench.pick('lenet5');
    const frame = await workbench.webviewFrame('classify');
    await becomes('the digit', async () => (await bestClass(frame)).slice(0, 1), '7');
    const first = frame.locator('.layer-maps').first();
    await first.scrollIntoViewIfNeeded();
    const name = (await first.getAttribute('data-layer'))!;
    await becomes('the number of maps', async () => (await coloursOf(frame, name)).length, 6);
    assert.ok((await coloursOf(frame, name)).every((count) => count > 10));
    await workbench.screenshot('looking-maps');

    const second = frame.locator('.layer-maps').nth(2);
    await second.scrollIntoViewIfNeeded();
    await second.locator('.map').first().click();
    const dialog = frame.locator('dialog');
    const result = dialog.locator('.result');
    // tanh(sum) is what the layer put out: the arithmetic on real weights agrees with TensorFlow.js.
    await result.filter({ hasText: 'tanh(' }).waitFor();
    const [, computed, put] = /= (−?[\d.e−]+)the layer put out (−?[\d.e−]+)/.exec(
      (await result.textContent()) ?? '',
    )!;
    assert.equal(computed, put);
    assert.equal(await dialog.locator('.sums tbody tr').count(), 8, 'six channels, bias, sum');
    await workbench.screenshot('looking-cell');
    for (const expected of [/average_pooling/i, /conv2d/i, /The picture/]) {
      await dialog.locator('.matrix button:not([aria-label*=" 0: "])').first().click();
      await eventually(`a cell of ${expected}`, async () =>
        expected.test((await dialog.locator('h2').textContent()) ?? '') ? true : undefined,
      );
      await dialog.locator('[aria-busy="false"] .result').waitFor();
    }
    assert.match((await dialog.locator('.result').textContent()) ?? '', /·/);
    await workbench.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('compares two models on the same picture', async () => {
    const frame = await workbench.webviewFrame('classify');
    await frame.getByRole('button', { name: 'Compare', exact: true }).click();
    await frame.locator('vscode-button', { hasText: 'Another model…' }).click();
    await workbench.pick('lenet5');
    await frame.locator('.triple').first().waitFor();
    assert.equal(await frame.locator('.triple').count(), 6);
    assert.match(
      (await frame.locator('.compared-maps').textContent()) ?? '',
      /100\.0 % of the cells are equal/,
    );
    await frame.locator('.compared-answers').scrollIntoViewIfNeeded();
    await frame.locator('.triple').last().scrollIntoViewIfNeeded();
    await workbench.screenshot('looking-compare');
  });

  it('compares the two again after a reload of the window, and says so when the model is gone', async () => {
    const run = path.join(workbench.folder, '.layerwise/runs/of-its-own');
    cpSync(path.join(root, 'media/models/lenet5-mnist'), run, { recursive: true });
    const record = JSON.parse(readFileSync(path.join(run, 'run.json'), 'utf8'));
    writeFileSync(path.join(run, 'run.json'), JSON.stringify({ ...record, model: 'of-its-own' }));
    const before = await workbench.webviewFrame('classify');
    await before.locator('vscode-button', { hasText: 'Another model…' }).click();
    await workbench.pick('of-its-own');
    await before.locator('.side', { hasText: 'of-its-own' }).waitFor();

    renameSync(run, `${run}.away`);
    await workbench.reload();
    const without = await workbench.webviewFrame('classify', 120_000);
    const notice = without.locator('.compare .notice.error');
    await notice.waitFor();
    assert.match(
      await notice.innerText(),
      /before the window was reloaded cannot be shown again.*of-its-own.*no such run or model/s,
    );
    await workbench.screenshot('looking-compare-gone');

    renameSync(`${run}.away`, run);
    await workbench.reload();
    const frame = await workbench.webviewFrame('classify', 120_000);
    await frame.locator('.side', { hasText: 'of-its-own' }).waitFor();
    await becomes('the number of compared maps', () => frame.locator('.triple').count(), 6);
    assert.match(
      (await frame.locator('.compared-maps').textContent()) ?? '',
      /100\.0 % of the cells are equal/,
    );
    assert.equal(await workbench.page.locator('.notifications-toasts .notification-list-item').count(), 0);
    await frame.getByRole('button', { name: 'Stop comparing' }).click();
    await frame.getByRole('button', { name: 'Maps', exact: true }).click();
  });

  it('lays Grad-CAM on the cat, and has it again after the panel was hidden', async function () {
    if (mobileNet === undefined) this.skip();
    await workbench.explorerCommand('mobilenet/model.json', 'Classify Image With Model');
    const frame = await workbench.webviewFrame('classify');
    await frame
      .getByRole('heading', { name: /mobilenet/i })
      .first()
      .waitFor();
    await frame.getByRole('button', { name: 'Remove all' }).click();
    await workbench.explorerCommand('pictures/cat.png', 'Classify Image');
    await workbench.pick('model.json');
    await becomes('the cat', async () => /tabby|Egyptian cat/.test(await bestClass(frame)), true);
    const convolution = frame.locator('.layer-maps', { hasText: 'Conv2D' }).first();
    await convolution.scrollIntoViewIfNeeded();
    const name = (await convolution.getAttribute('data-layer'))!;
    await eventually('maps of the cat', async () =>
      (await coloursOf(frame, name)).some((count) => count > 50) ? true : undefined,
    );
    await workbench.screenshot('looking-cat-maps');
    await frame.getByRole('button', { name: 'Attribution', exact: true }).click();
    await frame.locator('.attribution-pictures').waitFor();
    await frame.locator('.attribution').scrollIntoViewIfNeeded();
    // The cat's face is in the middle and above; the corners below are blanket.
    const shares = (await frame.locator('.ninths td.number').allTextContents()).map(Number.parseFloat);
    assert.ok(shares[6]! + shares[8]! < 20, `little on the blanket: ${shares}`);
    await workbench.screenshot('looking-gradcam');
    await workbench.openFile('lenet5.ts');
    await workbench.page.getByRole('tab', { name: /^Classify: cat/ }).click();
    const again = await workbench.webviewFrame('classify');
    await again.locator('.attribution-pictures').waitFor();
  });
});
