/** Pictures brought to the Classify panel in every way, in the real workbench. */
import assert from 'node:assert/strict';
import type { Frame } from 'playwright-core';
import sharp from 'sharp';
import { colourModel } from '../harness/colourModel';
import { testDigit } from '../harness/digits';
import {
  appears,
  becomes,
  bestClass,
  eventually,
  useWorkbench,
  type Workbench,
  writeInto,
} from '../harness/workbench';

const plain = (background: string) =>
  sharp({ create: { width: 40, height: 40, channels: 3, background } })
    .png()
    .toBuffer();

describe('classifying pictures', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  useWorkbench(
    {
      openFile: 'lenet5.ts',
      prepare: async (folder) => {
        for (const digit of [2, 4, 7]) writeInto(folder, `digits/digit-${digit}.png`, await testDigit(digit));
        writeInto(folder, 'colours/red.png', await plain('#ff0000'));
        writeInto(folder, 'colours/blue.png', await plain('#0000ff'));
        writeInto(folder, 'colours.onnx', Buffer.from(colourModel()));
        writeInto(folder, 'labels.txt', 'rot\ngrün\nblau\n');
      },
    },
    (started) => {
      workbench = started;
    },
  );

  const tiles = (frame: Frame) => frame.locator('.tile .tile-class').allTextContents();

  it('draws a digit on the pad, and its scores follow', async () => {
    await workbench.runCommand('Layerwise: Classify Image');
    await workbench.pick('lenet5');
    const frame = await workbench.webviewFrame('classify');
    await frame.getByRole('button', { name: 'Draw', exact: true }).first().click({ timeout: 60_000 });
    await stroke(workbench, frame, [
      [0.52, 0.15],
      [0.5, 0.5],
      [0.48, 0.85],
    ]);
    await becomes(
      'what a vertical line is taken for',
      async () => (await bestClass(frame)).split(/\s/)[0],
      '1',
    );
    await frame.getByRole('button', { name: 'Clear' }).click();
    await stroke(workbench, frame, [
      [0.25, 0.2],
      [0.75, 0.2],
      [0.6, 0.5],
      [0.45, 0.85],
    ]);
    await becomes('what a seven is taken for', async () => (await bestClass(frame)).split(/\s/)[0], '7');
    // The drawing is a picture like any other: it is in the strip, and its layers can be looked into.
    await becomes('the drawing in the strip', async () => (await tiles(frame))[0]?.slice(0, 1), '7');
    assert.ok(await appears(frame.locator('.layer-maps').first(), 20_000));
    await workbench.screenshot('classify-drawing');
  });

  it('takes several pictures of the Explorer at once', async () => {
    await workbench.explorerCommand('digits', 'Classify Image');
    await workbench.pick('lenet5');
    const frame = await workbench.webviewFrame('classify');
    await becomes(
      'the classes of all pictures',
      async () => (await tiles(frame)).slice(1).map((text) => text.slice(0, 1)),
      ['2', '4', '7'],
    );
    assert.match(await bestClass(frame), /^2\b/);
    await frame.locator('.tile', { hasText: 'digit-4.png' }).click();
    await becomes('the picture that is looked into', async () => (await bestClass(frame)).slice(0, 1), '4');
    await workbench.screenshot('classify-several');
  });

  it('takes a picture that is pasted, and one that is dropped', async () => {
    const frame = await workbench.webviewFrame('classify');
    const before = await frame.locator('.tile').count();
    await bring(frame, 'paste', (await testDigit(7)).toString('base64'));
    await becomes('the number of pictures', () => frame.locator('.tile').count(), before + 1);
    await becomes('the class of the pasted picture', async () => (await bestClass(frame)).slice(0, 1), '7');
    await bring(frame, 'drop', (await testDigit(2)).toString('base64'));
    await becomes('the number of pictures', () => frame.locator('.tile').count(), before + 2);
    await becomes('the class of the dropped picture', async () => (await bestClass(frame)).slice(0, 1), '2');
    await bring(frame, 'drop', Buffer.from('no picture').toString('base64'));
    const message = frame.locator('.notice.error');
    await message.waitFor();
    assert.match((await message.textContent()) ?? '', /brought\.png.*not a picture/);
    assert.match(await bestClass(frame), /^2\b/, 'the last answer stays');
  });

  it('has it all again after a reload of the window', async () => {
    const frame = await workbench.webviewFrame('classify');
    await frame.locator('.tile').nth(4).click();
    await becomes('the picture that is looked into', async () => (await bestClass(frame)).slice(0, 1), '7');
    const count = await frame.locator('.tile').count();
    await workbench.reload();
    const again = await workbench.webviewFrame('classify', 120_000);
    await becomes('the number of pictures', () => again.locator('.tile').count(), count);
    await becomes('the answer', async () => (await bestClass(again)).slice(0, 1), '7');
    assert.equal(
      await again.locator('.tile canvas').count(),
      count - 1,
      'all thumbnails but the broken one’s',
    );
    // The pictures themselves are still there, to be looked into by a new process.
    await again.locator('.tile').nth(0).click();
    await becomes('the drawing, looked into', async () => (await bestClass(again)).slice(0, 1), '7');
    await becomes('the pad', () => again.locator('.pad canvas').count(), 1);
    await workbench.screenshot('classify-reloaded');
  });

  it('classifies with an ONNX model, and its preprocessing and labels can be chosen', async () => {
    await workbench.explorerCommand('colours.onnx', 'Classify Image With Model');
    const frame = await workbench.webviewFrame('classify');
    await frame.getByRole('heading', { name: 'colours', exact: true }).waitFor();
    await frame.getByRole('button', { name: 'Remove all' }).click();
    await workbench.explorerCommand('colours', 'Classify Image');
    await workbench.pick('colours.onnx');
    await becomes('the classes of both', async () => (await tiles(frame)).map((text) => text.slice(0, 7)), [
      'class 2',
      'class 0',
    ]);
    const before = await bestClass(frame);
    await frame.locator('.preprocessing summary').click();
    assert.match((await frame.locator('.preprocessing').textContent()) ?? '', /Guessed/);
    await frame.getByRole('button', { name: 'BGR' }).click();
    await becomes(
      'the classes, blue first',
      async () => (await tiles(frame)).map((text) => text.slice(0, 7)),
      ['class 0', 'class 2'],
    );
    const field = frame.getByRole('textbox', { name: 'Deviation' });
    await field.fill('0.2');
    await eventually('sharper scores', async () => {
      const percent = /([\d.]+) %/.exec(await bestClass(frame))?.[1];
      return Number(percent) > Number(/([\d.]+) %/.exec(before)?.[1]) + 20;
    });
    await workbench.screenshot('classify-onnx');
    await frame.getByRole('button', { name: 'Reset to the guess' }).click();
    await becomes('the scores as before', () => bestClass(frame), before);
  });
});

/** Draws a line on the pad with the mouse; places are shares of the pad. */
async function stroke(workbench: Workbench, frame: Frame, points: [x: number, y: number][]): Promise<void> {
  const pad = frame.getByRole('application', { name: /Drawing pad/ });
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  const { mouse } = workbench.page;
  const [first, ...rest] = points.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const);
  await mouse.move(...first!);
  await mouse.down();
  for (const point of rest) await mouse.move(...point, { steps: 8 });
  await mouse.up();
}

/** A picture that comes from outside, as the browser would bring it. */
async function bring(frame: Frame, how: 'paste' | 'drop', data: string): Promise<void> {
  await frame.evaluate(
    ({ event, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'brought.png', { type: 'image/png' }));
      const made =
        event === 'paste'
          ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
          : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
      document.body.dispatchEvent(made);
    },
    { event: how, base64: data },
  );
}
