/** Train LeNet-5 on the digits that come with Layerwise, then classify a digit that no training has seen. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { testDigit } from '../harness/digits';
import { lenet5Hints } from '../harness/lenet5';
import { appears, becomes, eventually, useWorkbench, type Workbench, writeInto } from '../harness/workbench';

describe('training and classification', function () {
  this.timeout(360_000);
  let workbench: Workbench;
  useWorkbench(
    {
      openFile: 'lenet5.ts',
      settings: { 'layerwise.training.epochs': 2 },
      prepare: async (folder) => {
        writeInto(folder, 'pictures/seven.png', await testDigit(7));
        writeInto(folder, 'pictures/broken.png', 'This is a text, whatever its name says.\n');
      },
    },
    async (started) => {
      workbench = started;
      await workbench.waitForHints(lenet5Hints);
    },
  );

  it('trains, and the loss falls', async () => {
    assert.deepEqual(workbench.computeProcesses(), [], 'no compute process before the first use');
    await workbench.runCommand('Layerwise: Train Model');
    const frame = await workbench.webviewFrame('training');
    const start = frame.getByRole('button', { name: 'Start training' });
    await frame.getByText('9,000 training and 1,000 validation digits').first().waitFor();
    await workbench.screenshot('training-form');
    await start.click();
    await frame.getByRole('progressbar').waitFor();
    await workbench.screenshot('training-running');
    await frame.locator('.phase', { hasText: 'Finished' }).waitFor({ timeout: 240_000 });
    const losses = await frame
      .locator('[aria-label="Table of epochs"] tbody tr td:nth-child(2)')
      .evaluateAll((cells) => cells.map(({ textContent }) => Number(textContent)));
    assert.equal(losses.length, 2, `two epochs: ${losses}`);
    assert.ok(losses[0]! > losses[1]!, `the loss falls: ${losses}`);
    await workbench.screenshot('training-finished');
  });

  it('classifies an unseen digit from the Explorer and shows what each layer saw', async () => {
    await workbench.explorerCommand('pictures/seven.png', 'Classify Image');
    // The run that was just made stands first.
    await workbench.pick('lenet5');
    const frame = await workbench.webviewFrame('classify');
    const best = frame.locator('[aria-label="Classes"] h2');
    await best.waitFor();
    assert.match((await best.textContent()) ?? '', /^7\b/);
    const probability = /([\d.]+)\s*%/.exec((await best.textContent()) ?? '');
    assert.ok(Number(probability?.[1]) > 50, `it is sure: ${probability?.[0]}`);

    const firstMaps = frame.locator('.layer-maps').first();
    await firstMaps.scrollIntoViewIfNeeded();
    // 28×28×6: six maps, each drawn with more than one colour.
    const maps = firstMaps.locator('canvas:not(.color-bar canvas)');
    await becomes('the number of maps', () => maps.count(), 6);
    const colours = await maps.evaluateAll((all) =>
      (all as HTMLCanvasElement[]).map((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      }),
    );
    assert.ok(
      colours.every((count) => count > 10),
      `colours in each map: ${colours}`,
    );
    await workbench.screenshot('classify');
  });

  it('says what is wrong with a file that is no image', async () => {
    await workbench.explorerCommand('pictures/broken.png', 'Classify Image');
    await workbench.pick('lenet5');
    const frame = await workbench.webviewFrame('classify');
    const message = frame.locator('.notice.error');
    await message.waitFor();
    const text = (await message.textContent()) ?? '';
    assert.match(text, /broken\.png/);
    assert.ok(!/\bat .*:\d+:\d+/.test(text), `no stack: ${text}`);
    await workbench.screenshot('classify-broken-file');
  });

  it('survives the death of the compute process in the middle of a training', async () => {
    await workbench.openFile('lenet5.ts');
    await workbench.runCommand('Layerwise: Train Model');
    const frame = await workbench.webviewFrame('training');
    await frame.getByRole('button', { name: 'Start training' }).click();
    await frame.locator('.phase', { hasText: /^Training/ }).waitFor();
    const [pid] = await eventually('a compute process', () => {
      const processes = workbench.computeProcesses();
      return processes.length > 0 ? processes : undefined;
    });
    process.kill(pid!, 'SIGKILL');
    await workbench.notification(/interrupted/i).waitFor();
    await frame.locator('.phase', { hasText: 'Interrupted' }).waitFor();
    await workbench.screenshot('training-interrupted');

    // VS Code answers, the hints are there, and the next command starts a new process.
    await workbench.openFile('lenet5.ts');
    await workbench.waitForHints(lenet5Hints);
    await workbench.explorerCommand('pictures/seven.png', 'Classify Image');
    await workbench.pick('lenet5');
    const classes = await workbench.webviewFrame('classify');
    // The broken picture's message goes with the answer for the next one.
    await classes.locator('.notice.error').waitFor({ state: 'detached' });
    assert.ok(await appears(classes.locator('[aria-label="Classes"] h2', { hasText: /^7\b/ }), 60_000));
    assert.equal(workbench.computeProcesses().length, 1);
    assert.notEqual(workbench.computeProcesses()[0], pid);
  });

  it('leaves no compute process behind when VS Code’s extension host is killed', async () => {
    const [pid] = workbench.computeProcesses();
    const host = Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
    assert.ok(host > 1, 'the extension host has started it');
    process.kill(host, 'SIGKILL');
    await eventually('its end', () => !workbench.computeProcesses().includes(pid!));
  });
});
