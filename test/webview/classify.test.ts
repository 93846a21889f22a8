import assert from 'node:assert/strict';
import type { ExplainCellResult } from '../../protocol/sidecar';
import { fromClassify, type LookQuestion } from '../../protocol/webview';
import { cellsOfEveryKind, convolutionCell } from './fixtures/looking';
import { activationOf, classifyResult } from './fixtures/runs';
import { openPanel, type Panel, type PanelOptions, startHarness, stopHarness, visibleText } from './harness';
import type { ThemeName } from './themes';

const result = classifyResult();
const classes = ['7', '9', '2', '3', '1', '0', '4', '8', '5', '6'];

async function openResult(options: PanelOptions = {}): Promise<Panel> {
  const panel = await openPanel('classify', options);
  await panel.send({ type: 'result', picture: 'p1', imageName: 'seven.png', modelName: 'lenet5', result });
  return panel;
}

type Asked = { type: 'ask'; question: number; session: string; about: LookQuestion };

async function asked(panel: Panel): Promise<Asked[]> {
  return (await panel.posted()).filter(({ type }) => type === 'ask') as unknown as Asked[];
}

/** Answers the webview's latest question about a layer's maps. */
/** The webview's latest question that `of` is true for, waited for. */
async function question(panel: Panel, of: (about: LookQuestion) => boolean): Promise<Asked> {
  for (;;) {
    const latest = (await asked(panel)).findLast(({ about }) => of(about));
    if (latest) return latest;
    await panel.page.waitForTimeout(20);
  }
}

/** Answers the webview's latest question about a layer's maps. */
async function answer(
  panel: Panel,
  name: string,
  layer: { name: string; shape: number[]; layout?: string } = result.layers.find(
    (candidate) => candidate.name === name,
  )!,
  data = activationOf(layer),
): Promise<void> {
  const asking = await question(panel, (about) => about.kind === 'maps' && about.layer === name);
  const { shape, layout } = layer;
  await panel.send({
    type: 'answer',
    question: asking.question,
    answer: { kind: 'maps', shape, ...(layout ? { layout } : {}), data },
  });
}

/** Answers the webview's question about a cell. */
async function explain(panel: Panel, index: number[], explanation: ExplainCellResult): Promise<void> {
  const asking = await question(
    panel,
    (about) => about.kind === 'cell' && about.index.join() === index.join(),
  );
  await panel.send({ type: 'answer', question: asking.question, answer: { kind: 'cell', explanation } });
}

/** The names of all classes. */
async function giveClasses(panel: Panel): Promise<void> {
  const { question: asking } = await question(panel, ({ kind }) => kind === 'classes');
  const labels = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  const probabilities = labels.map((_, index) => (index === 7 ? 0.962 : 0.038 / 9));
  await panel.send({ type: 'answer', question: asking, answer: { kind: 'classes', labels, probabilities } });
}

/** Values rise from cell to cell, the first ones below zero where the method knows that. */
function attributionAnswer(method: 'gradCam' | 'integratedGradients', classIndex: number): object {
  const side = method === 'gradCam' ? 4 : 32;
  const lowest = method === 'gradCam' ? 0 : -0.5;
  return {
    kind: 'attribution',
    method,
    classIndex,
    height: side,
    width: side,
    data: Float32Array.from({ length: side * side }, (_, i) => i / side / side + lowest),
    score: 12.5,
    note: 'As computed for the test.',
  };
}

async function fetched(panel: Panel): Promise<string[]> {
  return (await asked(panel)).flatMap(({ about }) => (about.kind === 'maps' ? [about.layer] : []));
}

async function chooseColors(panel: Panel, title: string): Promise<void> {
  await panel.page.locator('vscode-dropdown[aria-label="Colours"]').click();
  await panel.page.locator('vscode-option', { hasText: title }).first().click();
  await panel.page.waitForTimeout(60);
}

/** The red of every pixel of every map. */
function reds(panel: Panel): Promise<number[][]> {
  return panel.page.evaluate(() =>
    [...document.querySelectorAll<HTMLCanvasElement>('.map canvas')].map((canvas) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return [...data].filter((_, i) => i % 4 === 0);
    }),
  );
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
    assert.deepEqual(await panel.page.locator('.class-label').allTextContents(), classes);
    assert.deepEqual(await panel.page.locator('.class-value').allTextContents(), [
      '96.2 %',
      '2.1 %',
      '0.9 %',
      '0.4 %',
      '0.2 %',
      '0.1 %',
      '0.1 %',
      '0.030 %',
      '0.010 %',
      '0.0 %',
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
    assert.match(await visibleText(panel.page.locator('.seen-as')), /inverted to bright on black/);
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
    assert.equal(await layer.locator('.map').nth(3).getAttribute('aria-label'), 'Channel 3, dead: all zeros');
    assert.match(await visibleText(layer), /1 of 6 channels dead for this picture/);
    assert.match(await visibleText(layer), /28×28×6/);
  });

  it('colours values by viridis over the range of the layer', async () => {
    panel = await openPanel('classify');
    const small = {
      ...result,
      layers: [{ ...result.layers[0]!, name: 'tiny', shape: [1, 3, 2], min: -1, max: 3 }],
    };
    await panel.send({ type: 'result', picture: 'p1', imageName: 'a.png', modelName: 'm', result: small });
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

  it('draws maps whose channels come first, and each channel over its own range', async () => {
    panel = await openPanel('classify');
    const layer = { ...result.layers[0]!, name: 'first', shape: [2, 1, 3], layout: 'channelsFirst' as const };
    await panel.send({
      type: 'result',
      picture: 'p1',
      imageName: 'a.png',
      modelName: 'm',
      result: { ...result, format: 'onnx', layers: [layer] },
    });
    await answer(panel, 'first', layer, new Float32Array([0, 1, 2, 10, 20, 30]));
    await panel.page.getByRole('button', { name: 'Of channel' }).click();
    await chooseColors(panel, 'Grey');
    assert.deepEqual(await reds(panel), [
      [0, 128, 255],
      [0, 128, 255],
    ]);
    await panel.page.getByRole('button', { name: 'Range of layer' }).click();
    assert.deepEqual(await reds(panel), [
      [0, 9, 17],
      [85, 170, 255],
    ]);
    await panel.page.getByRole('button', { name: 'Fixed' }).click();
    await panel.page.getByRole('textbox', { name: 'To' }).fill('2');
    assert.deepEqual(await reds(panel), [
      [0, 128, 255],
      [255, 255, 255],
    ]);
  });

  it('puts zero in the middle of diverging colours', async () => {
    panel = await openPanel('classify');
    const layer = { ...result.layers[0]!, name: 'signed', shape: [1, 3, 1] };
    await panel.send({
      type: 'result',
      picture: 'p1',
      imageName: 'a.png',
      modelName: 'm',
      result: { ...result, layers: [layer] },
    });
    await answer(panel, 'signed', layer, new Float32Array([-1, 0, 4]));
    await chooseColors(panel, 'Blue – red around 0');
    const [[negative, zero, positive]] = (await reds(panel)) as [[number, number, number]];
    assert.ok(zero > 240, `zero is white: ${zero}`);
    assert.ok(negative < zero && positive < zero, `${negative}, ${positive}`);
  });

  it('sorts channels by strength', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    await panel.page.getByRole('button', { name: 'By strength' }).click();
    const numbers = await panel.page.locator('.layer-maps').first().locator('.map-number').allTextContents();
    const values = activationOf(result.layers[0]!);
    const strength = (channel: number) =>
      values.reduce((sum, value, i) => sum + (i % 6 === channel ? Math.abs(value) : 0), 0);
    const expected = [0, 1, 2, 3, 4, 5].sort((a, b) => strength(b) - strength(a));
    assert.deepEqual(numbers.map(Number), expected);
    assert.equal(expected.at(-1), 3, 'the dead one last');
  });

  it('says the value under the pointer', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    const box = (await panel.page.locator('.map canvas').nth(1).boundingBox())!;
    await panel.page.mouse.move(box.x + (10.5 / 28) * box.width, box.y + (8.5 / 28) * box.height);
    const value = activationOf(result.layers[0]!)[(8 * 28 + 10) * 6 + 1]!;
    const shown = await panel.page.locator('.readout').textContent();
    assert.equal(
      shown,
      `conv2d_Conv2D1 · channel 1, row 8, column 10: ${String(Number(value.toPrecision(4))).replace('-', '−')}`,
    );
  });

  it('has a table of the channels', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    await panel.page.getByRole('button', { name: 'Table' }).first().click();
    const rows = panel.page.getByRole('table', { name: 'Channels of conv2d_Conv2D1' }).locator('tbody tr');
    assert.equal(await rows.count(), 6);
    assert.match(await visibleText(rows.nth(3)), /^3\s+0\s+0\s+0\s+0\s+100.0 %\s+dead$/);
  });

  it('takes the cell under the pointer apart, step by step, and goes deeper', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    const box = (await panel.page.locator('.map canvas').nth(1).boundingBox())!;
    await panel.page.mouse.click(box.x + 0.5, box.y + 0.5);
    await explain(panel, [0, 0, 1], convolutionCell());
    const dialog = panel.page.getByRole('dialog', { name: 'Cell 0, 0, 1 of conv2d_Conv2D1' });
    const explanation = convolutionCell();
    assert.match(await visibleText(dialog.locator('.result')), /relu\(.* \+ 0\.25\)/);
    const sums = await dialog.locator('.sums tr').allInnerTexts();
    assert.match(sums.at(-1)!, new RegExp(`^sum\\s+${Number(explanation.sum.toPrecision(4))}`));
    assert.equal(await dialog.locator('.matrix').first().locator('.outside').count(), 5, 'padding');

    // Nine products, the second channel, the bias, the activation.
    await dialog.getByRole('button', { name: 'To the start' }).click();
    assert.equal(await visibleText(dialog.locator('.player .number')), 'step 0 of 12');
    for (let step = 0; step < 9; step++) await dialog.getByRole('button', { name: 'One step on' }).click();
    assert.match(
      (await dialog.locator('.sums tr').allInnerTexts()).at(-1)!,
      new RegExp(`^sum so far\\s+${Number(explanation.channelSums[0]!.toPrecision(4))}`),
    );
    await dialog.getByRole('button', { name: 'One step on' }).click();
    await dialog.getByRole('button', { name: 'One step on' }).click();
    assert.match((await dialog.locator('.sums tr').allInnerTexts()).at(-1)!, /^sum\s/);
    // Nothing moves by itself for people who do not want that.
    assert.equal(await dialog.getByRole('button', { name: 'Play step by step' }).count(), 0);

    // The second channel is shown now; the patch's cell at row 1, column 2 is the input's at row 0, column 1.
    await dialog.locator('.matrix').first().locator('button', { hasText: '0.75' }).click();
    await explain(panel, [0, 1, 1], convolutionCell(0, 1));
    const deeper = panel.page.getByRole('dialog', { name: 'Cell 0, 1, 1 of conv2d_Conv2D1' });
    assert.equal(
      await deeper.getByRole('navigation', { name: 'The way here' }).getByRole('button').count(),
      1,
    );
    await panel.page.keyboard.press('Escape');
    await panel.page.waitForTimeout(100);
    assert.equal(await panel.page.getByRole('dialog').count(), 0);
  });

  const ways: [what: string, explanation: ExplainCellResult, says: RegExp, walksTo: number[]][] = [
    [
      'of ONNX, channels first',
      { ...convolutionCell(3, 5), className: 'Conv', inputShape: [2, 28, 28], layout: 'channelsFirst' },
      /^A 3×3 window of conv2d_Conv2D1, through 2 channels, times the kernel: /,
      [0, 3, 6],
    ],
    [
      'of a group of channels',
      {
        ...convolutionCell(3, 5),
        className: 'Conv',
        inputShape: [8, 28, 28],
        layout: 'channelsFirst',
        firstChannel: 4,
      },
      /, channels 4 … 5 of 8, times the kernel/,
      [4, 3, 6],
    ],
    [
      'transposed',
      { ...convolutionCell(3, 5), className: 'Conv2DTranspose' },
      /^The 3×3 cells of conv2d_Conv2D1 whose kernels reach this one/,
      [3, 6, 0],
    ],
    [
      'separable',
      { ...convolutionCell(3, 5), className: 'SeparableConv2D' },
      /times the kernel that depthwise and pointwise weights make together/,
      [3, 6, 0],
    ],
  ];
  for (const [what, explanation, says, walksTo] of ways) {
    it(`takes a convolution apart: ${what}`, async () => {
      panel = await openResult();
      await answer(panel, 'conv2d_Conv2D1');
      const box = (await panel.page.locator('.map canvas').nth(1).boundingBox())!;
      await panel.page.mouse.click(box.x + 0.5, box.y + 0.5);
      await explain(panel, [0, 0, 1], explanation);
      const dialog = panel.page.getByRole('dialog');
      assert.match(await visibleText(dialog.locator('.explanation > p').first()), says);
      await panel.screenshot(`classify-cell-${what}`);
      await dialog.locator('.matrix').first().locator('button', { hasText: '0.75' }).click();
      const { about } = await question(
        panel,
        (asked) =>
          asked.kind === 'cell' && asked.layer === 'conv2d_Conv2D1' && asked.index.join() === walksTo.join(),
      );
      assert.deepEqual((about as { index: number[] }).index, walksTo);
    });
  }

  it('takes a sequence apart as a picture of one row', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    const box = (await panel.page.locator('.map canvas').nth(1).boundingBox())!;
    await panel.page.mouse.click(box.x + 0.5, box.y + 0.5);
    const window = { top: 0, left: 4, height: 1, width: 3 };
    const numbers = { patch: [1, 2, 3], kernel: [1, 0, 1], channels: 1, channelSums: [4], bias: 0, sum: 4 };
    const cell = { ...convolutionCell(), ...numbers, className: 'Conv1D', window, inputShape: [9, 1] };
    await explain(panel, [0, 0, 1], cell);
    const dialog = panel.page.getByRole('dialog');
    assert.match(await visibleText(dialog.locator('.explanation > p').first()), /^A 1×3 window/);
    assert.equal(await dialog.locator('.matrix').first().locator('.outside').count(), 0);
    await dialog.locator('.matrix').first().locator('button').nth(1).click();
    await question(panel, (asked) => asked.kind === 'cell' && asked.index.join() === '5,0');
  });

  it('counts padding in a mean where the model does', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    const box = (await panel.page.locator('.map canvas').nth(1).boundingBox())!;
    await panel.page.mouse.click(box.x + 0.5, box.y + 0.5);
    const pooling = cellsOfEveryKind().find(({ kind }) => kind === 'pooling')!;
    await explain(panel, [0, 0, 1], {
      ...pooling,
      className: 'AveragePool',
      layout: 'channelsFirst',
      inputShape: [6, 28, 28],
      operation: 'average',
      inside: [false, true, false, true],
      countsPadding: true,
    } as ExplainCellResult);
    const text = await visibleText(panel.page.getByRole('dialog').locator('.explanation > p').first());
    assert.match(text, /channel 0; 2 cells outside of it count as zeros, where they are padding/);
  });

  it('plays the arithmetic, and pauses', async () => {
    panel = await openResult({ reducedMotion: false });
    await answer(panel, 'conv2d_Conv2D1');
    await panel.page.locator('.map').first().focus();
    await panel.page.keyboard.press('Enter');
    const { about } = await question(panel, ({ kind }) => kind === 'cell');
    await explain(panel, (about as { index: number[] }).index, convolutionCell());
    const step = async () => Number(/step (\d+)/.exec(await visibleText(panel.page.locator('.player')))![1]);
    await panel.page.getByRole('button', { name: 'Play step by step' }).click();
    await panel.page.waitForTimeout(1800);
    await panel.page.getByRole('button', { name: 'Pause' }).click();
    const paused = await step();
    assert.ok(paused >= 1 && paused < 12, `${paused}`);
    await panel.page.waitForTimeout(1200);
    assert.equal(await step(), paused);
  });

  it('moves the cell by arrow keys, and asks for the last one only', async () => {
    panel = await openResult();
    await answer(panel, 'conv2d_Conv2D1');
    await panel.page.locator('.map').nth(1).focus();
    await panel.page.keyboard.press('Enter');
    const values = activationOf(result.layers[0]!);
    const first = (await question(panel, ({ kind }) => kind === 'cell')).about as { index: number[] };
    const [row, column] = first.index as [number, number];
    const at = (y: number, x: number) => values[(y * 28 + x) * 6 + 1]!;
    const most = values.filter((_, i) => i % 6 === 1).reduce((a, b) => Math.max(a, b));
    assert.equal(at(row, column), most, 'the cell that says most');
    await panel.page.locator('.cell-map-frame').focus();
    await panel.page.keyboard.press('ArrowRight');
    await panel.page.keyboard.press('ArrowRight');
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('PageDown');
    const label = await panel.page.locator('.cell-map-frame').getAttribute('aria-label');
    assert.match(label!, new RegExp(`^Channel 2 of conv2d_Conv2D1, row ${row + 1}, column ${column + 2}:`));
    await explain(panel, first.index, convolutionCell());
    await explain(panel, [row + 1, column + 2, 2], convolutionCell());
    const cells = (await asked(panel)).filter(({ about }) => about.kind === 'cell');
    assert.equal(cells.length, 2, 'those between were skipped');
  });

  for (const theme of ['light', 'dark', 'high-contrast'] satisfies ThemeName[]) {
    it(`explains cells of every kind, accessibly, in ${theme}`, async () => {
      panel = await openResult({ theme });
      await answer(panel, 'conv2d_Conv2D1');
      for (const [i, explanation] of cellsOfEveryKind().entries()) {
        await panel.page.locator('.map').nth(i).focus();
        await panel.page.keyboard.press('Enter');
        const { about } = await question(
          panel,
          (candidate) => candidate.kind === 'cell' && candidate.index.at(-1) === i,
        );
        await explain(panel, (about as { index: number[] }).index, explanation);
        await panel.page.locator('.explanation').waitFor();
        await panel.checkAccessibility('dialog');
        await panel.screenshot(`classify-cell-${explanation.kind}-${theme}`);
        await panel.page.keyboard.press('Escape');
        await panel.page.waitForTimeout(50);
      }
    });
  }

  it('asks for Grad-CAM at once, for any class and layer, and never shows one answer for another', async () => {
    panel = await openResult();
    await panel.page.getByRole('button', { name: 'Attribution' }).click();
    await giveClasses(panel);
    const first = await question(panel, ({ kind }) => kind === 'attribution');
    assert.deepEqual(first.about, { kind: 'attribution', method: 'gradCam', classIndex: 7 });
    await panel.send({ type: 'answer', question: first.question, answer: attributionAnswer('gradCam', 7) });
    // The strongest of 4×4 cells is the last: the lower right ninth has most of it.
    const shares = await panel.page.locator('.ninths td.number').allTextContents();
    const numbers = shares.map((share) => Number.parseInt(share, 10));
    assert.equal(numbers.indexOf(Math.max(...numbers)), 8, shares.join());

    const classes = panel.page.getByLabel('Class', { exact: true });
    const choose = async (text: string) => {
      await classes.fill(text);
      await panel.page.keyboard.press('Enter');
      await panel.page.waitForTimeout(60);
    };
    await choose('9');
    assert.equal(await panel.page.locator('.attribution-pictures').count(), 0, 'class 9 is another question');
    const second = await question(panel, (about) => about.kind === 'attribution' && about.classIndex === 9);
    await panel.send({ type: 'answer', question: second.question, answer: attributionAnswer('gradCam', 9) });
    assert.match(await visibleText(panel.page.locator('.attribution-pictures')), /What speaks for nine/);
    await choose('seven');
    assert.match(await visibleText(panel.page.locator('.attribution-pictures')), /What speaks for seven/);
    const questions = (await asked(panel)).filter(({ about }) => about.kind === 'attribution');
    assert.equal(questions.length, 2, 'the first answer is kept');
    await choose('unicorn');
    assert.match(
      await visibleText(panel.page.locator('.attribution-controls')),
      /No class is called “unicorn”/,
    );
    await panel.page.getByRole('button', { name: 'Occlusion' }).click();
    assert.equal(await panel.page.locator('.attribution-pictures').count(), 0);
  });

  it('tells how far an occlusion is, and cancels it', async () => {
    panel = await openResult();
    await panel.page.getByRole('button', { name: 'Attribution' }).click();
    await panel.page.getByRole('button', { name: 'Occlusion' }).click();
    await panel.page.getByRole('button', { name: 'Compute' }).click();
    const asking = await question(
      panel,
      (about) => about.kind === 'attribution' && about.method === 'occlusion',
    );
    await panel.send({
      type: 'progress',
      question: asking.question,
      fraction: 0.4,
      message: 'place 90 of 225',
    });
    const bar = panel.page.getByRole('progressbar', { name: 'Computing the attribution' });
    assert.equal(await bar.getAttribute('value'), '0.4');
    assert.match(await visibleText(panel.page.locator('.task')), /place 90 of 225/);
    await panel.page.getByRole('button', { name: 'Cancel' }).click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'cancel', question: asking.question });
    await panel.send({ type: 'refused', question: asking.question, message: 'Cancelled.', cancelled: true });
    await panel.page.getByRole('button', { name: 'Compute' }).waitFor();
    assert.equal(await panel.page.locator('.notice.error').count(), 0);
  });

  it('offers occlusion alone for ONNX models, and says why', async () => {
    panel = await openPanel('classify');
    const onnx = { ...result, format: 'onnx' as const };
    await panel.send({ type: 'result', picture: 'p1', imageName: 'a.png', modelName: 'm', result: onnx });
    await panel.page.getByRole('button', { name: 'Attribution' }).click();
    assert.match(await visibleText(panel.page.locator('.attribution')), /onnxruntime does not compute/);
    assert.equal(await panel.page.getByRole('button', { name: 'Grad-CAM' }).count(), 0);
  });

  for (const theme of ['light', 'dark', 'high-contrast'] satisfies ThemeName[]) {
    it(`draws attributions accessibly in ${theme}`, async () => {
      panel = await openResult({ theme });
      await panel.page.getByRole('button', { name: 'Attribution' }).click();
      await giveClasses(panel);
      await panel.page.getByRole('button', { name: 'Integrated gradients' }).click();
      await panel.page.getByRole('button', { name: 'Compute' }).click();
      const asking = await question(
        panel,
        (about) => about.kind === 'attribution' && about.method === 'integratedGradients',
      );
      await panel.checkAccessibility('.attribution');
      await panel.send({
        type: 'answer',
        question: asking.question,
        answer: attributionAnswer('integratedGradients', 7),
      });
      await panel.checkAccessibility('.attribution');
      await panel.page.locator('.attribution').scrollIntoViewIfNeeded();
      await panel.screenshot(`classify-attribution-${theme}`);
    });
  }

  describe('compared', () => {
    const other = {
      ...result,
      session: 'compared-1',
      classes: result.classes.map((each) => ({
        ...each,
        probability: each.index === 9 ? 0.7 : each.index === 7 ? 0.2 : each.probability,
      })),
    };

    async function openComparison(options: PanelOptions = {}): Promise<Panel> {
      const opened = await openResult(options);
      await opened.page.getByRole('button', { name: 'Compare', exact: true }).click();
      await opened.send({ type: 'comparison', imageName: 'nine.png', modelName: 'lenet5', result: other });
      const layer = result.layers[0]!;
      for (const [session, sign] of [
        ['s1', 1],
        ['compared-1', -1],
      ] as const) {
        let asking: Asked | undefined;
        while (!asking) {
          await opened.page.waitForTimeout(20);
          asking = (await asked(opened)).find(
            (each) =>
              each.session === session && each.about.kind === 'maps' && each.about.layer === layer.name,
          );
        }
        const data = activationOf(layer).map((value) => sign * value);
        await opened.send({
          type: 'answer',
          question: asking.question,
          answer: { kind: 'maps', shape: layer.shape, data },
        });
      }
      return opened;
    }

    it('asks for another picture, another model, and the run before its training', async () => {
      panel = await openResult();
      await panel.page.getByRole('button', { name: 'Compare', exact: true }).click();
      for (const name of ['Another picture…', 'Another model…', 'The run before its training']) {
        await panel.page.getByRole('button', { name }).click();
      }
      assert.deepEqual((await panel.posted()).slice(-3), [
        { type: 'compareWith', what: 'picture' },
        { type: 'compareWith', what: 'model' },
        { type: 'compareWith', what: 'untrained' },
      ]);
      for (const message of await panel.posted()) fromClassify.parse(message);
      await panel.send({ type: 'comparisonFailed', message: 'It is no run of Layerwise.' });
      assert.match(await visibleText(panel.page.locator('.compare')), /It is no run of Layerwise/);
      await panel.page.getByRole('button', { name: 'Stop comparing' }).click();
      assert.deepEqual((await panel.posted()).at(-1), { type: 'stopComparing' });
    });

    it('shows the class scores with their differences, and the maps with theirs', async () => {
      panel = await openComparison();
      const rows = await panel.page.locator('.compared-classes tbody tr').allInnerTexts();
      assert.match(rows[0]!, /^7\s+96.2 %\s+20.0 %\s+−76.2 pp/);
      assert.match(rows[1]!, /^9\s+2.1 %\s+70.0 %\s+67.9 pp/);
      const triples = panel.page.locator('.triple');
      assert.equal(await triples.count(), 6);
      // B is A with the other sign, so that B − A is −2 A: where A is largest, the difference is most negative.
      const colours = await panel.page.evaluate(() =>
        [...document.querySelectorAll<HTMLCanvasElement>('.triple')]
          .slice(0, 1)
          .flatMap((triple) => [...triple.querySelectorAll('canvas')])
          .map((canvas) => [...canvas.getContext('2d')!.getImageData(10, 8, 1, 1).data].slice(0, 3)),
      );
      const value = activationOf(result.layers[0]!)[(8 * 28 + 10) * 6]!;
      assert.notDeepEqual(colours[0], colours[1]);
      const [red, , blue] = colours[2]!;
      assert.equal(value > 0, blue! > red!, `${value}: ${colours[2]}`);
      await panel.page.getByRole('button', { name: 'Stop comparing' }).click();
      assert.deepEqual((await panel.posted()).at(-1), { type: 'stopComparing' });
    });

    for (const theme of ['light', 'dark', 'high-contrast'] satisfies ThemeName[]) {
      it(`is accessible in ${theme}`, async () => {
        panel = await openComparison({ theme });
        await panel.checkAccessibility('.look');
        await panel.page.locator('.compare').scrollIntoViewIfNeeded();
        await panel.screenshot(`classify-compare-${theme}`);
      });
    }
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
      picture: 'p2',
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
    await panel.page.getByRole('button', { name: 'Open pictures…' }).click();
    await panel.page.getByRole('button', { name: 'Choose model…' }).click();
    assert.deepEqual((await panel.posted()).slice(-2), [
      { type: 'choosePictures', what: 'files' },
      { type: 'chooseModel' },
    ]);
    await panel.screenshot('classify-failed-light-1200');
  });

  it('comes back as it was after it was hidden', async () => {
    panel = await openResult();
    const state = await panel.state();
    await panel.close();
    panel = await openPanel('classify', { state });
    assert.deepEqual(await panel.page.locator('.class-label').allTextContents(), classes);
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
