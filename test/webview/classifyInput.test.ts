import assert from 'node:assert/strict';
import type { Classification } from '../../protocol/sidecar';
import { fromClassify } from '../../protocol/webview';
import { lenetModel, mobilenetModel, stripes, tile } from './fixtures/inputs';
import { classifyResult } from './fixtures/runs';
import { openPanel, type Panel, type PanelOptions, startHarness, stopHarness, visibleText } from './harness';
import type { ThemeName } from './themes';

const themes = ['light', 'dark', 'high-contrast'] satisfies ThemeName[];

/** A thousand classes for a picture of 224×224 in colour. */
function photoResult(): Classification {
  const result = classifyResult();
  const { pixels } = stripes(2);
  const small = Buffer.from(pixels, 'base64');
  const large = Buffer.alloc(224 * 224 * 3);
  for (let at = 0; at < 224 * 224; at++) {
    const [x, y] = [Math.floor(((at % 224) / 224) * 64), Math.floor((Math.floor(at / 224) / 224) * 48)];
    small.copy(large, at * 3, (y * 64 + x) * 3, (y * 64 + x) * 3 + 3);
  }
  const probabilities = Array.from({ length: 1000 }, (_, rank) => 0.5 * 0.5 ** rank);
  return {
    ...result,
    session: 'photo',
    model: 'mobilenet',
    format: 'onnx',
    classCount: 1000,
    labels: 'ImageNet’s, assumed since there are 1,000 classes',
    classes: probabilities.map((probability, rank) => ({
      label: rank === 0 ? 'tabby, tabby cat' : rank === 700 ? 'Egyptian cat' : `thing ${rank}`,
      index: (rank + 281) % 1000,
      probability,
    })),
    input: {
      ...result.input,
      width: 224,
      height: 224,
      channels: 3,
      pixels: large.toString('base64'),
      preprocessing: '451×300 png, resized and cropped to 224×224, values v become v/255',
      encoding: mobilenetModel().ownEncoding,
    },
    layers: [],
  };
}

async function openInputs(options: PanelOptions = {}): Promise<Panel> {
  const panel = await openPanel('classify', { width: 1100, height: 1000, ...options });
  await panel.send({
    type: 'inputs',
    model: lenetModel(),
    selected: 'seven',
    pictures: [
      tile('seven', { truth: '7' }),
      tile('nine', { truth: '9' }),
      tile('broken', { best: undefined, failure: 'This is not a picture that can be read.' }),
      tile('waiting', { best: undefined }),
    ],
  });
  for (const [number, id] of ['seven', 'nine', 'waiting'].entries())
    await panel.send({ type: 'thumbnail', id, thumbnail: stripes(number) });
  await panel.send({
    type: 'result',
    picture: 'seven',
    imageName: 'seven.png',
    modelName: 'lenet5',
    result: { ...classifyResult(), layers: [] },
  });
  return panel;
}

async function openPhoto(options: PanelOptions = {}): Promise<Panel> {
  const panel = await openPanel('classify', { width: 1100, height: 1000, ...options });
  await panel.send({ type: 'inputs', model: mobilenetModel(), selected: 'cat', pictures: [tile('cat')] });
  await panel.send({
    type: 'result',
    picture: 'cat',
    imageName: 'cat.png',
    modelName: 'mobilenet',
    result: photoResult(),
  });
  return panel;
}

const last = async (panel: Panel, type: string) =>
  (await panel.posted()).filter((message) => message.type === type).at(-1)!;

/** Waits for a request for scores, and answers it. */
async function answerScores(panel: Panel, probabilities: number[]): Promise<Record<string, unknown>> {
  const asked = async () => (await panel.posted()).filter(({ type }) => type === 'score');
  const known = answered.get(panel) ?? 0;
  for (let tries = 0; (await asked()).length <= known; tries++) {
    assert.ok(tries < 100, 'scores are asked for');
    await panel.page.waitForTimeout(20);
  }
  const all = await asked();
  const message = all.at(-1)!;
  answered.set(panel, all.length);
  await panel.send({
    type: 'scores',
    request: message['request'],
    probabilities: Float32Array.from(probabilities),
  });
  return message;
}
const answered = new WeakMap<Panel, number>();

const eight = [0, 0, 0, 0, 0, 0, 0, 0.1, 0.9, 0];

describe('classify: pictures and scores', function () {
  this.timeout(60_000);
  before(startHarness);
  after(stopHarness);

  let panel: Panel;
  afterEach(async () => {
    for (const message of await panel.posted()) fromClassify.parse(message);
    await panel?.close();
  });

  it('shows every picture with what it is taken for, and walks them by keys', async () => {
    panel = await openInputs();
    assert.match(
      await visibleText(panel.page.locator('.run-header')),
      /takes 32×32 grey · TensorFlow\.js · .* · memory: weights 0\.2 MB, layers’ outputs 0\.03 MB/,
    );
    const strip = panel.page.getByRole('region', { name: 'Pictures' });
    assert.match(
      await visibleText(strip.locator('.strip-summary')),
      /4 pictures, 1 of 2 with a known class right, 1 failed/,
    );
    assert.equal(await strip.locator('.tile canvas').count(), 3);
    assert.match(await visibleText(strip.locator('.tile').nth(1)), /7 96 % ✗ 9/);
    await strip.locator('.tile').first().focus();
    await panel.page.keyboard.press('ArrowRight');
    await panel.page.keyboard.press('Enter');
    assert.deepEqual(await last(panel, 'select'), { type: 'select', id: 'nine' });
    await panel.page.keyboard.press('Delete');
    assert.deepEqual(await last(panel, 'remove'), { type: 'remove', id: 'nine' });
  });

  it('takes files that are dropped and pasted, and places within VS Code', async () => {
    panel = await openInputs();
    const bring = (kind: 'files' | 'uris' | 'paste') =>
      panel.page.evaluate((what) => {
        const transfer = new DataTransfer();
        if (what === 'uris') {
          transfer.setData(
            'application/vnd.code.uri-list',
            'file:///home/ada/a.png\r\nfile:///home/ada/more',
          );
        } else transfer.items.add(new File([new Uint8Array([1, 2, 3])], 'a.png', { type: 'image/png' }));
        const over = new DragEvent('dragover', { dataTransfer: transfer, bubbles: true, cancelable: true });
        if (what !== 'paste') document.body.dispatchEvent(over);
        document.body.dispatchEvent(
          what === 'paste'
            ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
            : new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
        );
        return over.defaultPrevented;
      }, kind);
    assert.equal(await bring('files'), true, 'the drop is allowed');
    await panel.page.waitForTimeout(100);
    assert.deepEqual(await last(panel, 'addFiles'), {
      type: 'addFiles',
      origin: 'dropped',
      files: [{ name: 'a.png', data: 'AQID' }],
    });
    await bring('paste');
    await panel.page.waitForTimeout(100);
    assert.equal((await last(panel, 'addFiles'))['origin'], 'pasted');
    await bring('uris');
    assert.deepEqual((await last(panel, 'addUris'))['uris'], [
      'file:///home/ada/a.png',
      'file:///home/ada/more',
    ]);
  });

  it('draws by keyboard alone, scores at once and tells when the pen rests', async () => {
    panel = await openInputs();
    await panel.page.getByRole('group', { name: 'What to do' }).getByRole('button', { name: 'Draw' }).click();
    const pad = panel.page.getByRole('application', { name: /Drawing pad/ });
    await pad.focus();
    await panel.page.keyboard.press('Shift+ArrowUp');
    await panel.page.keyboard.press('Space');
    for (let i = 0; i < 3; i++) await panel.page.keyboard.press('Shift+ArrowDown');
    await panel.page.keyboard.press('Space');
    const asked = await answerScores(panel, eight);
    assert.equal((asked['picture'] as { kind: string }).kind, 'bytes');
    await panel.page.waitForTimeout(600);
    const drawn = await last(panel, 'drawn');
    assert.match((drawn['file'] as { data: string }).data, /^iVBOR/, 'a PNG');
    // White on black, where the pen went: MNIST's polarity.
    const [middle, corner] = await pad.locator('canvas').evaluate((canvas) => {
      const context = (canvas as HTMLCanvasElement).getContext('2d')!;
      return [context.getImageData(140, 140, 1, 1).data[0], context.getImageData(5, 5, 1, 1).data[0]];
    });
    assert.deepEqual([middle, corner], [255, 0]);
    await answerScores(panel, eight).catch(() => {});
    assert.match(await visibleText(panel.page.getByRole('region', { name: 'Classes' })), /^8 90\.0 %/);
    await panel.page.keyboard.press('Control+z');
    assert.ok(await panel.page.getByText('Draw a digit', { exact: true }).isVisible(), 'taken back');
    await panel.screenshot('classify-pad-dark');
  });

  it('comes back with the drawing after it was hidden', async () => {
    panel = await openInputs();
    await panel.page.getByRole('group', { name: 'What to do' }).getByRole('button', { name: 'Draw' }).click();
    await panel.page.getByRole('application').click({ position: { x: 100, y: 100 } });
    await panel.page.waitForTimeout(700);
    const { id } = (await last(panel, 'drawn')) as { id?: string };
    const state = await panel.state();
    await panel.close();
    panel = await openPanel('classify', { state });
    await panel.send({
      type: 'inputs',
      model: lenetModel(),
      selected: id,
      pictures: [tile(id!, { origin: 'drawn' })],
    });
    const white = await panel.page.locator('.pad canvas').evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      return data.filter((value, at) => at % 4 === 0 && value > 200).length;
    });
    assert.ok(white > 100, `${white} white pixels`);
    await panel.page.waitForTimeout(600);
    assert.ok(!(await panel.posted()).some(({ type }) => type === 'drawn'), 'nothing new was drawn');
  });

  it('moves the scores beside the original ones while it is painted over', async () => {
    panel = await openInputs({ theme: 'light' });
    await panel.page.getByRole('button', { name: 'What if' }).click();
    const surface = panel.page.getByRole('application');
    const box = (await surface.boundingBox())!;
    await panel.page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
    await panel.page.mouse.down();
    await panel.page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 3, { steps: 6 });
    await panel.page.mouse.up();
    await answerScores(panel, eight);
    await answerScores(panel, eight).catch(() => {});
    const { picture } = (await last(panel, 'score')) as unknown as {
      picture: { kind: string; data: string };
    };
    assert.equal(picture.kind, 'pixels');
    assert.equal(Buffer.from(picture.data, 'base64').length, 32 * 32);
    const classes = panel.page.getByRole('region', { name: 'Classes' });
    assert.match(await visibleText(classes), /before painting/);
    const changes = await classes
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('th, td.number')].map(({ textContent }) => textContent)),
      );
    assert.deepEqual(changes[0], ['7true class', '10.0 %', '▼ −86.2']);
    assert.deepEqual(changes[1], ['8', '90.0 %', '▲ +90.0']);
    await panel.screenshot('classify-what-if-light');
    await panel.checkAccessibility();
    await panel.page.getByRole('button', { name: 'Look inside' }).click();
    assert.equal((await last(panel, 'keepPainted'))['of'], 'seven');
  });

  it('says what of the preprocessing is a guess, and lets it be chosen', async () => {
    panel = await openPhoto({ theme: 'light' });
    const form = panel.page.locator('.preprocessing');
    assert.match(await visibleText(form.locator('summary')), /partly guessed/);
    await form.locator('summary').click();
    assert.match(await visibleText(form), /do not say: values, channel order, cropping/);
    await form.getByRole('button', { name: 'BGR' }).click();
    assert.deepEqual((await last(panel, 'chooseEncoding'))['choice'], { channelOrder: 'bgr' });
    await form.getByRole('textbox', { name: 'Mean' }).fill('0.5');
    await panel.page.waitForTimeout(500);
    assert.deepEqual((await last(panel, 'chooseEncoding'))['choice'], { scale: 1 / 255, offset: -0.5 });
    await form.getByRole('textbox', { name: 'Deviation' }).fill('0');
    assert.match(await visibleText(form), /Greater than 0/);
    await panel.send({
      type: 'inputs',
      model: mobilenetModel({ choice: { channelOrder: 'bgr' } }),
      selected: 'cat',
      pictures: [tile('cat')],
    });
    assert.match(await visibleText(form.locator('summary')), /chosen by you/);
    assert.doesNotMatch(await visibleText(form), /say: values, channel order/);
    await form.getByRole('button', { name: 'Reset to the guess' }).click();
    assert.equal((await last(panel, 'chooseEncoding'))['choice'], null);
  });

  it('finds any of a thousand classes, and says where their names come from', async () => {
    panel = await openPhoto();
    const classes = panel.page.getByRole('region', { name: 'Classes' });
    assert.match(await visibleText(classes), /Labels: ImageNet’s, assumed since there are 1,000 classes/);
    assert.equal(await classes.locator('tbody tr').count(), 10);
    await classes.getByRole('textbox', { name: /Search 1,000 classes/ }).fill('cat');
    assert.deepEqual(await classes.locator('.class-label').allTextContents(), [
      'tabby, tabby cat',
      'Egyptian cat',
    ]);
    await classes.getByRole('button', { name: 'Choose labels…' }).click();
    assert.deepEqual(await last(panel, 'chooseLabels'), { type: 'chooseLabels' });
  });

  it('paints over a photo in colour without delay', async () => {
    panel = await openPhoto();
    await panel.page.getByRole('button', { name: 'What if' }).click();
    await panel.page.getByRole('button', { name: 'Blur' }).click();
    const surface = panel.page.getByRole('application');
    const box = (await surface.boundingBox())!;
    await panel.page.mouse.move(box.x + 60, box.y + 60);
    await panel.page.mouse.down();
    await panel.page.mouse.move(box.x + 190, box.y + 190, { steps: 20 });
    await panel.page.mouse.up();
    // One question at a time, however often the picture changed meanwhile.
    assert.equal((await panel.posted()).filter(({ type }) => type === 'score').length, 1);
    await panel.screenshot('classify-what-if-photo-dark');
  });

  for (const theme of themes) {
    it(`has no accessibility violation in ${theme}, wide and narrow`, async () => {
      for (const width of [1100, 430]) {
        panel = await openInputs({ theme, width });
        await panel.page.locator('.preprocessing summary').click();
        await panel.checkAccessibility();
        await panel.screenshot(`classify-input-${theme}-${width}`);
        await panel.page
          .getByRole('group', { name: 'What to do' })
          .getByRole('button', { name: 'Draw' })
          .click();
        await panel.checkAccessibility();
        if (width === 1100) await panel.close();
      }
    });
  }
});
