import assert from 'node:assert/strict';
import { fromClassify, type LookQuestion } from '../../protocol/webview';
import { activationOf, classifyResult } from './fixtures/runs';
import { openPanel, type Panel, type PanelOptions, startHarness, stopHarness, visibleText } from './harness';
import type { ThemeName } from './themes';

const result = classifyResult();

async function openResult(options: PanelOptions = {}): Promise<Panel> {
  const panel = await openPanel('classify', options);
  await panel.send({ type: 'result', imageName: 'seven.png', modelName: 'lenet5', result });
  return panel;
}

type Asked = { type: 'ask'; question: number; session: string; about: LookQuestion };

async function asked(panel: Panel): Promise<Asked[]> {
  return (await panel.posted()).filter(({ type }) => type === 'ask') as unknown as Asked[];
}

/** Answers the webview's latest question about a layer's maps. */
async function answer(
  panel: Panel,
  name: string,
  layer: { name: string; shape: number[] } = result.layers.find((candidate) => candidate.name === name)!,
  data = activationOf(layer),
): Promise<void> {
  const of = ({ about }: Asked) => about.kind === 'maps' && about.layer === name;
  while (!(await asked(panel)).some(of)) await panel.page.waitForTimeout(20);
  const { question } = (await asked(panel)).filter(of).at(-1)!;
  await panel.send({ type: 'answer', question, answer: { kind: 'maps', shape: layer.shape, data } });
}

async function fetched(panel: Panel): Promise<string[]> {
  return (await asked(panel)).flatMap(({ about }) => (about.kind === 'maps' ? [about.layer] : []));
}

describe('classify', function () {
  this.timeout(60_000);
  before(startHarness);
  after(stopHarness);

  let panel: Panel;
  afterEach(async () => {
    await panel?.close();
  });

  it('shows the picture as the network sees it, and the classes', async () => {
    panel = await openResult({ theme: 'light' });
    assert.deepEqual(await panel.page.locator('.class-label').allTextContents(), ['7', '9', '2', '3', '1']);
    assert.deepEqual(await panel.page.locator('.class-value').allTextContents(), [
      '96.2 %',
      '2.1 %',
      '0.9 %',
      '0.4 %',
      '0.2 %',
    ]);
    const picture = await panel.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.picture canvas')!;
      const at = (x: number, y: number) => [...canvas.getContext('2d')!.getImageData(x, y, 1, 1).data];
      return {
        size: [canvas.width, canvas.height],
        stroke: at(15, 9),
        ground: at(0, 0),
        rendering: getComputedStyle(canvas).imageRendering,
      };
    });
    assert.deepEqual(picture, {
      size: [32, 32],
      stroke: [255, 255, 255, 255],
      ground: [0, 0, 0, 255],
      rendering: 'pixelated',
    });
    assert.match(await visibleText(panel.page.locator('figcaption')), /inverted to bright on black/);
  });

  it('fetches layers only as they come into sight', async () => {
    panel = await openResult({ height: 500 });
    const first = await fetched(panel);
    assert.ok(first.includes('conv2d_Conv2D1'));
    assert.ok(!first.includes('wide'), first.join());
    for (const message of await panel.posted()) fromClassify.parse(message);
    await panel.page.locator('.layer-maps').last().scrollIntoViewIfNeeded();
    await panel.page.waitForTimeout(200);
    const all = await fetched(panel);
    assert.ok(all.includes('wide'));
    assert.equal(new Set(all).size, all.length, 'each once');
  });

  it('draws every channel of a layer and marks dead ones', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    const layer = panel.page.getByRole('region', { name: /^conv2d_Conv2D1/ });
    assert.equal(await layer.locator('.map').count(), 6);
    assert.equal(await layer.locator('.map.dead').count(), 1);
    assert.equal(
      await layer.locator('.map').nth(3).getAttribute('aria-label'),
      'Channel 3, dead: all zeros; enlarge',
    );
    assert.match(await visibleText(layer), /1 of 6 channels dead for this picture/);
    assert.match(await visibleText(layer), /28×28×6/);
  });

  it('colours values by viridis over the range of the layer', async () => {
    panel = await openPanel('classify');
    const small = {
      ...result,
      layers: [{ ...result.layers[0]!, name: 'tiny', shape: [1, 3, 2], min: -1, max: 3 }],
    };
    await panel.send({ type: 'result', imageName: 'a.png', modelName: 'm', result: small });
    // Channel 0: −1, 1, 3; channel 1: 3, −1, NaN.
    await answer(panel, 'tiny', small.layers[0], new Float32Array([-1, 3, 1, -1, 3, Number.NaN]));
    const colours = await panel.page.evaluate(() =>
      [...document.querySelectorAll<HTMLCanvasElement>('.map canvas')].map((canvas) => [
        ...canvas.getContext('2d')!.getImageData(0, 0, 3, 1).data,
      ]),
    );
    const [lowest, middle, highest, broken] = [
      [68, 1, 84, 255],
      [33, 144, 141, 255],
      [253, 231, 37, 255],
      [255, 0, 255, 255],
    ];
    const near = (actual: number[], expected: number[]) =>
      actual.every((value, index) => Math.abs(value - expected[index]!) <= 2);
    assert.ok(near(colours[0]!, [...lowest!, ...middle!, ...highest!]), `${colours[0]}`);
    assert.ok(near(colours[1]!, [...highest!, ...lowest!, ...broken!]), `${colours[1]}`);
  });

  it('says the value under the pointer', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    const box = (await panel.page.locator('.map canvas').nth(1).boundingBox())!;
    await panel.page.mouse.move(box.x + (10.5 / 28) * box.width, box.y + (8.5 / 28) * box.height);
    const value = activationOf(result.layers[0]!)[(8 * 28 + 10) * 6 + 1]!;
    const shown = await panel.page.locator('.pointed').first().textContent();
    assert.equal(
      shown,
      `channel 1, row 8, column 10: ${String(Number(value.toPrecision(4))).replace('-', '−')}`,
    );
  });

  it('enlarges a map and walks through the channels', async () => {
    panel = await openResult({ theme: 'light' });
    await answer(panel, 'conv2d_Conv2D1');
    await panel.page.locator('.map').nth(1).click();
    const dialog = panel.page.getByRole('dialog');
    assert.equal(await dialog.getAttribute('aria-label'), 'Channel 1 of conv2d_Conv2D1');
    await panel.screenshot('classify-enlarged-light-1200');
    await panel.checkAccessibility();
    await panel.page.keyboard.press('ArrowRight');
    assert.equal(await dialog.getAttribute('aria-label'), 'Channel 2 of conv2d_Conv2D1');
    await panel.page.keyboard.press('Escape');
    await panel.page.waitForTimeout(100);
    assert.equal(await panel.page.getByRole('dialog').count(), 0);
  });

  it('walks the maps by arrow keys', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    await panel.page.locator('.map').first().focus();
    await panel.page.keyboard.press('ArrowRight');
    await panel.page.keyboard.press('ArrowRight');
    assert.match(
      (await panel.page.evaluate(() => document.activeElement?.getAttribute('aria-label')))!,
      /^Channel 2/,
    );
  });

  it('shows the first maps of a wide layer, and all on demand', async () => {
    panel = await openResult();
    await panel.page.locator('.layer-maps').last().scrollIntoViewIfNeeded();
    await answer(panel, 'wide');
    const maps = panel.page.locator('.layer-maps').last().locator('.map');
    assert.equal(await maps.count(), 64);
    await panel.page.getByRole('button', { name: 'Show all 512 channels' }).click();
    assert.equal(await maps.count(), 512);
  });

  it('draws vectors as bars and strips', async () => {
    panel = await openResult();
    await panel.page.locator('.layer-maps').nth(7).scrollIntoViewIfNeeded();
    for (const name of ['conv2d_Conv2D3', 'dense_Dense1', 'dense_Dense2']) await answer(panel, name);
    assert.equal(await panel.page.locator('.unit-bar').count(), 10);
    assert.equal(await panel.page.locator('.strip canvas').count(), 2);
  });

  it('ignores maps of an earlier picture', async () => {
    panel = await openResult();
    const { question } = (await asked(panel))[0]!;
    await panel.send({
      type: 'result',
      imageName: 'eight.png',
      modelName: 'lenet5',
      result: { ...result, session: 's2' },
    });
    const layer = result.layers[0]!;
    await panel.send({
      type: 'answer',
      question,
      answer: { kind: 'maps', shape: layer.shape, data: activationOf(layer) },
    });
    assert.equal(await panel.page.locator('.map').count(), 0);
  });

  it('tells which layer was selected, and shows the one that was selected elsewhere', async () => {
    panel = await openResult();
    await panel.page.getByRole('button', { name: 'conv2d_Conv2D1', exact: true }).click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'layerSelected', layer: 'conv2d_Conv2D1' });
    await panel.send({ type: 'selectLayer', layer: 'wide' });
    const selected = panel.page.locator('.layer-maps.selected');
    assert.match((await selected.getAttribute('aria-label'))!, /^wide, .*selected$/);
    const inSight = await selected.evaluate((element) => element.getBoundingClientRect().top < innerHeight);
    assert.ok(inSight);
  });

  it('says that it works, and what failed', async () => {
    panel = await openPanel('classify', { theme: 'light' });
    await panel.send({ type: 'working', message: 'Loading the model…' });
    assert.match(await visibleText(panel.page.locator('main')), /Loading the model…/);
    await panel.send({
      type: 'failed',
      message: 'seven.txt is not a picture. Choose a PNG, JPEG, WebP or GIF file.',
    });
    assert.match(await visibleText(panel.page.locator('main')), /is not a picture/);
    await panel.checkAccessibility();
    await panel.page.getByRole('button', { name: 'Choose image…' }).click();
    await panel.page.getByRole('button', { name: 'Choose model…' }).click();
    assert.deepEqual((await panel.posted()).slice(-2), [{ type: 'chooseImage' }, { type: 'chooseModel' }]);
    await panel.screenshot('classify-failed-light-1200');
  });

  it('comes back as it was after it was hidden', async () => {
    panel = await openResult();
    const state = await panel.state();
    await panel.close();
    panel = await openPanel('classify', { state });
    assert.deepEqual(await panel.page.locator('.class-label').allTextContents(), ['7', '9', '2', '3', '1']);
    await panel.page.waitForTimeout(300);
    assert.ok((await fetched(panel)).includes('conv2d_Conv2D1'));
    await answer(panel, 'conv2d_Conv2D1');
    assert.equal(await panel.page.locator('.map').count(), 6);
  });

  for (const theme of ['light', 'dark', 'high-contrast'] satisfies ThemeName[]) {
    it(`has no accessibility violation in ${theme}, wide and narrow`, async () => {
      for (const width of [1200, 500]) {
        panel = await openResult({ theme, width, height: 900 });
        for (const [index, { name }] of result.layers.entries()) {
          await panel.page.locator('.layer-maps').nth(index).scrollIntoViewIfNeeded();
          await answer(panel, name);
        }
        await panel.page.evaluate(() => scrollTo(0, 0));
        await panel.checkAccessibility();
        await panel.screenshot(`classify-${theme}-${width}`);
        if (width === 1200) await panel.close();
      }
    });
  }
});
