import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { type WireModelGraph, wireModelGraph } from '../../protocol/modelGraph';
import { fromDiagram } from '../../protocol/webview';
import { resnet, vgg16 } from './fixtures/models';
import { openPanel, type Panel, type PanelOptions, startHarness, stopHarness, visibleText } from './harness';
import type { ThemeName } from './themes';

const fixtures = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures');
const lenet5 = (): WireModelGraph =>
  wireModelGraph.parse(JSON.parse(readFileSync(path.join(fixtures, 'lenet5.json'), 'utf8')));

type Problem = { severity: 'error' | 'warning'; message: string; layerId?: string };

async function openDiagram(
  graphs: WireModelGraph[],
  options: PanelOptions & { problems?: Problem[] } = {},
): Promise<Panel> {
  const panel = await openPanel('diagram', options);
  await showGraphs(panel, graphs, options.problems);
  return panel;
}

async function showGraphs(panel: Panel, graphs: WireModelGraph[], problems: Problem[] = []): Promise<void> {
  await panel.send({
    type: 'graphs',
    origin: 'program',
    canClassify: true,
    title: 'models.ts',
    graphs,
    problems,
  });
}

/** The lines under every shape, top to bottom, in the order of the drawing. */
function labels(page: Page): Promise<string[][]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.picture .layer')].map((layer) =>
      [...layer.querySelectorAll('text.label')].map((text) => (text.textContent ?? '').trim()),
    ),
  );
}

function layerIds(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.picture .layer')].map((layer) => layer.getAttribute('data-layer') ?? ''),
  );
}

/** Where the drawing is, and how large: zoom and pan, however they come about. */
async function place(page: Page): Promise<string> {
  return page.locator('.picture > g').evaluate((drawing) => {
    const { a, e, f } = (drawing as SVGGElement).getScreenCTM()!;
    return [a, e, f].map((value) => value.toFixed(2)).join();
  });
}

const chooseView = (page: Page, name: 'Feature maps' | 'Volumes' | 'Graph') =>
  page.getByRole('button', { name, exact: true }).click();

describe('diagram', function () {
  this.timeout(60_000);
  before(startHarness);
  after(stopHarness);

  let panel: Panel;
  afterEach(async () => {
    await panel?.close();
  });

  const lenetLabels = [
    ['Input', '32×32×1'],
    ['Conv2D 5×5', '28×28×6', '156 params'],
    ['AvgPool 2×2', '14×14×6'],
    ['Conv2D 5×5', '10×10×16', '2,416 params'],
    ['AvgPool 2×2', '5×5×16'],
    ['Conv2D 5×5', '1×1×120', '48,120 params'],
    ['Flatten', '120'],
    ['Dense', '84', '10,164 params'],
    ['Dense', '10', '850 params'],
  ];

  describe('LeNet-5', () => {
    it('is drawn as stacks of feature maps with the right numbers', async () => {
      panel = await openDiagram([lenet5()], { theme: 'light' });
      assert.deepEqual(await labels(panel.page), lenetLabels);
      // One sheet for every feature map.
      const sheets = await panel.page.evaluate(() =>
        [...document.querySelectorAll('.picture .layer')].map(
          (layer) => layer.querySelectorAll('.face.front').length,
        ),
      );
      assert.deepEqual(sheets.slice(0, 5), [1, 6, 6, 16, 16]);
      await panel.screenshot('lenet5-light-1200');
    });

    it('has every layer in volumes and in the graph, too', async () => {
      panel = await openDiagram([lenet5()]);
      await chooseView(panel.page, 'Volumes');
      assert.deepEqual(await labels(panel.page), lenetLabels);
      await panel.screenshot('lenet5-volumes-dark-1200');
      await chooseView(panel.page, 'Graph');
      assert.deepEqual(await layerIds(panel.page), ['', ...lenet5().layers.map(({ id }) => id)]);
      const shapes = await panel.page.locator('.edge-label').allTextContents();
      assert.deepEqual(shapes.sort(), lenetLabels.map(([, shape]) => shape!).sort());
    });

    it('says the totals', async () => {
      panel = await openDiagram([lenet5()]);
      const totals = await visibleText(panel.page.locator('.totals'));
      for (const number of ['61,706', '416,520', '32×32×1 → 10']) assert.ok(totals.includes(number), totals);
    });

    it('shows the details of the layer that is clicked, and asks for its source', async () => {
      panel = await openDiagram([lenet5()], { theme: 'high-contrast' });
      await panel.page.locator('[data-layer="conv2d_Conv2D2"]').click();
      const details = await visibleText(panel.page.getByRole('complementary'));
      for (const fact of [
        '14×14×6 → 10×10×16',
        '2,416',
        '240,000',
        '14×14',
        'stride 2',
        '5×5×6×16',
        '(14 − 5 + 0)/1 + 1 = 10',
        'tanh',
      ]) {
        assert.ok(details.includes(fact), `${fact} in ${details}`);
      }
      const posted = await panel.posted();
      assert.deepEqual(posted.at(-1), { type: 'revealLayer', modelId: 'lenet5', key: 'conv2d_Conv2D2' });
      for (const message of posted) fromDiagram.parse(message);
      await panel.screenshot('lenet5-details-high-contrast-1200');
    });

    it('has a table as its text alternative', async () => {
      panel = await openDiagram([lenet5()]);
      const rows = panel.page.locator('.layer-table tbody tr');
      assert.equal(await rows.count(), 8);
      assert.deepEqual(await rows.nth(2).locator('th, td').allTextContents(), [
        'conv2d_Conv2D2',
        'Conv2D',
        '10×10×16',
        '2,416',
        '240,000',
        '14×14',
      ]);
      await panel.page.getByRole('button', { name: 'Show as table' }).click();
      assert.ok((await panel.page.locator('.layer-table').boundingBox())!.height > 100);
      await panel.screenshot('lenet5-table-dark-1200');
    });
  });

  describe('VGG-16', () => {
    it('is drawn as volumes, every layer with exact numbers', async () => {
      panel = await openDiagram([vgg16()], { theme: 'light' });
      const drawn = await labels(panel.page);
      assert.equal(drawn.length, 25);
      assert.deepEqual(drawn[1], ['Conv2D 3×3', '224×224×64', '1,792 params']);
      assert.deepEqual(drawn.at(-5), ['Dense', '4096', '102,764,544 params']);
      const params = drawn.map((lines) =>
        Number(/^([\d,]+) params$/.exec(lines.at(-1)!)?.[1]?.replaceAll(',', '') ?? 0),
      );
      assert.equal(
        params.reduce((sum, count) => sum + count, 0),
        138_357_544,
      );
      await panel.screenshot('vgg16-light-1200');
    });

    it('has no two labels that overlap, in a wide panel and in a narrow one', async () => {
      for (const width of [1200, 500]) {
        panel = await openDiagram([vgg16()], { width });
        const overlaps = await panel.page.evaluate(() => {
          const boxes = [...document.querySelectorAll('.picture text.label')].map((text) => ({
            text: text.textContent,
            box: text.getBoundingClientRect(),
          }));
          return boxes.flatMap((a, index) =>
            boxes
              .slice(index + 1)
              .filter(
                (b) =>
                  a.box.left < b.box.right - 1 &&
                  b.box.left < a.box.right - 1 &&
                  a.box.top < b.box.bottom - 3 &&
                  b.box.top < a.box.bottom - 3,
              )
              .map((b) => `${a.text} and ${b.text}`),
          );
        });
        assert.deepEqual(overlaps, []);
        await panel.screenshot(`vgg16-dark-${width}`);
        if (width !== 500) await panel.close();
      }
    });

    it('keeps sizes in order: maps shrink, channels grow', async () => {
      panel = await openDiagram([vgg16()]);
      const heights = await panel.page.evaluate(() =>
        [...document.querySelectorAll('.picture .kind-pooling .face.front')].map(
          (face) => face.getBoundingClientRect().height,
        ),
      );
      const widths = await panel.page.evaluate(() =>
        [...document.querySelectorAll('.picture .kind-pooling .face.front')].map(
          (face) => face.getBoundingClientRect().width,
        ),
      );
      assert.deepEqual(
        heights,
        [...heights].sort((a, b) => b - a),
      );
      // 64, 128, 256, 512, 512 channels; half a pixel of tolerance for strokes.
      for (let index = 1; index < widths.length; index++)
        assert.ok(widths[index]! >= widths[index - 1]! - 0.5);
      assert.ok(widths.at(-1)! > 2 * widths[0]!);
    });
  });

  describe('a model with branches', () => {
    it('is drawn as a graph with shapes on its edges', async () => {
      panel = await openDiagram([resnet()], { theme: 'light' });
      await panel.page.locator('.node').first().waitFor();
      assert.deepEqual(
        await layerIds(panel.page),
        resnet().layers.map(({ id }) => id),
      );
      const shapes = await panel.page.locator('.edge-label').allTextContents();
      // 20 layers with one input, two sums with two, and the end.
      assert.equal(shapes.length, 18 + 2 * 2 + 1);
      assert.ok(
        shapes.every((shape) => /^(\d+×\d+×\d+|\d+)$/.test(shape)),
        shapes.join(),
      );
      assert.deepEqual(await panel.page.locator('.group text').allTextContents(), [
        'residualBlock(16)',
        'residualBlock(32)',
      ]);
      await panel.screenshot('resnet-light-1200');
      await panel.page.getByRole('button', { name: 'Fit to panel' }).click();
      await panel.screenshot('resnet-fit-light-1200');
    });

    it('has every layer as a volume, too, with its shortcuts as arcs', async () => {
      panel = await openDiagram([resnet()], { theme: 'dark' });
      await chooseView(panel.page, 'Volumes');
      assert.deepEqual(
        await layerIds(panel.page),
        resnet().layers.map(({ id }) => id),
      );
      assert.equal(await panel.page.locator('.connector.skip').count(), 2);
      await panel.screenshot('resnet-volumes-dark-1200');
    });
  });

  describe('following the editor', () => {
    it('keeps selection, zoom and pan while the model changes', async () => {
      panel = await openDiagram([lenet5()]);
      await panel.page.locator('[data-layer="dense_Dense1"]').click();
      await panel.page.getByRole('button', { name: 'Zoom in' }).click();
      const transform = () => place(panel.page);
      const before = await transform();
      await panel.page.evaluate(() => {
        (window as unknown as { kept: Element | null }).kept = document.querySelector(
          '[data-layer="dense_Dense1"]',
        );
      });
      const edited = lenet5();
      const dense = edited.layers.find(({ id }) => id === 'dense_Dense1')!;
      dense.calls[0]!.outputShapes = [[null, 96]];
      dense.params = 11_616;
      await showGraphs(panel, [edited]);
      assert.equal(await transform(), before);
      assert.deepEqual((await labels(panel.page))[7], ['Dense', '96', '11,616 params']);
      assert.equal(
        await panel.page.locator('[data-layer="dense_Dense1"]').getAttribute('aria-pressed'),
        'true',
      );
      assert.ok((await visibleText(panel.page.getByRole('complementary'))).includes('11,616'));
      // The same element, changed in place: nothing flashes.
      assert.ok(
        await panel.page.evaluate(
          () =>
            (window as unknown as { kept: Element }).kept ===
            document.querySelector('[data-layer="dense_Dense1"]'),
        ),
      );
    });

    it('marks the layers that the cursor stands in and brings them into sight', async () => {
      panel = await openDiagram([vgg16()], { width: 500, height: 500 });
      await panel.send({ type: 'highlight', modelId: 'vgg16', layerIds: ['dense_Dense3'] });
      assert.deepEqual(
        await panel.page.evaluate(() =>
          [...document.querySelectorAll('.highlighted')].map((layer) => layer.getAttribute('data-layer')),
        ),
        ['dense_Dense3'],
      );
      const seen = await panel.page.evaluate(() => {
        const canvas = document.querySelector('.canvas')!.getBoundingClientRect();
        const layer = document.querySelector('.highlighted')!.getBoundingClientRect();
        return (
          layer.left >= canvas.left &&
          layer.right <= canvas.right &&
          layer.top >= canvas.top &&
          layer.bottom <= canvas.bottom
        );
      });
      assert.ok(seen);
      await panel.screenshot('vgg16-highlight-dark-500');
      await panel.send({ type: 'highlight', layerIds: [] });
      assert.equal(await panel.page.locator('.highlighted').count(), 0);
    });

    it('moves nothing when the highlighted layer is in sight already', async () => {
      panel = await openDiagram([lenet5()]);
      const transform = () => place(panel.page);
      const before = await transform();
      await panel.send({
        type: 'highlight',
        modelId: 'lenet5',
        layerIds: ['conv2d_Conv2D1', 'conv2d_Conv2D2'],
      });
      assert.equal(await panel.page.locator('.highlighted').count(), 2);
      assert.equal(await transform(), before);
    });

    it('says what to do when there is no model', async () => {
      panel = await openDiagram([], { theme: 'light' });
      assert.match(await visibleText(panel.page.locator('main')), /No model in this file yet/);
      await panel.screenshot('empty-light-1200');
      await panel.checkAccessibility();
    });

    it('goes back and forth between no model and a model', async () => {
      panel = await openDiagram([lenet5()]);
      await showGraphs(panel, []);
      assert.equal(await panel.page.locator('.layer').count(), 0);
      await showGraphs(panel, [lenet5()]);
      assert.equal((await labels(panel.page)).length, 9);
    });

    it('lets one of several models be chosen', async () => {
      panel = await openDiagram([lenet5(), vgg16()], { theme: 'light' });
      await panel.page.getByRole('combobox', { name: 'Model' }).click();
      await panel.page.getByRole('option', { name: 'vgg16' }).click();
      assert.equal((await labels(panel.page)).length, 25);
      assert.deepEqual((await panel.posted()).at(-1), { type: 'showModel', modelId: 'vgg16' });
      await panel.screenshot('two-models-light-1200');
      // The extension names the model to show.
      await panel.send({
        type: 'graphs',
        origin: 'program',
        canClassify: true,
        title: 'models.ts',
        graphs: [lenet5(), vgg16()],
        modelId: 'lenet5',
        problems: [],
      });
      assert.equal((await labels(panel.page)).length, 9);
    });

    it('asks for training', async () => {
      panel = await openDiagram([lenet5()]);
      await panel.page.getByRole('button', { name: 'Train…' }).click();
      assert.deepEqual((await panel.posted()).at(-1), { type: 'train', modelId: 'lenet5' });
    });
  });

  describe('what is not known', () => {
    it('shows symbolic sizes as text with dashed outlines', async () => {
      panel = await openDiagram([symbolic()], { theme: 'light' });
      const drawn = await labels(panel.page);
      assert.deepEqual(drawn.at(-1), ['Dense', 'numClasses', '84·numClasses + numClas…']);
      assert.ok(await panel.page.locator('.layer.symbolic').count());
      await panel.page.locator('.layer').last().click();
      assert.ok(
        (await visibleText(panel.page.getByRole('complementary'))).includes('84·numClasses + numClasses'),
      );
      await panel.screenshot('symbolic-light-1200');
    });

    it('shows a lost layer as ? with its reason, never a number', async () => {
      panel = await openDiagram([lost()], { theme: 'dark' });
      // What follows from it is lost for the same reason, which is not written twice.
      const [first, second] = (await labels(panel.page)).slice(-2);
      assert.equal(first!.at(-1), '`loadUnits()` is not analysed');
      assert.deepEqual(second, ['Dense', '?', '? params']);
      assert.equal(await panel.page.locator('.layer.lost .unknown').count(), 2);
      await panel.page.locator('.layer').last().click();
      assert.match(
        await visibleText(panel.page.getByRole('complementary')),
        /Unknown: `loadUnits\(\)` is not analysed/,
      );
      await panel.screenshot('lost-dark-1200');
    });

    it('marks problems at their layer and lists them', async () => {
      const message = 'Conv2D needs an input with 4 dimensions, but gets 120.';
      panel = await openDiagram([lenet5()], {
        theme: 'light',
        problems: [
          { severity: 'error', message, layerId: 'conv2d_Conv2D3' },
          { severity: 'error', message: 'of another model', layerId: 'elsewhere' },
        ],
      });
      assert.equal(await panel.page.locator('.layer .problem-mark').count(), 1);
      const problems = panel.page.getByRole('list', { name: 'Problems' });
      assert.equal(await problems.getByRole('listitem').count(), 1);
      await problems.getByRole('button', { name: 'Show layer' }).click();
      assert.ok((await visibleText(panel.page.getByRole('complementary'))).includes(message));
      await panel.screenshot('problem-light-1200');
      await panel.checkAccessibility();
    });

    it('ignores a message of another shape', async () => {
      panel = await openPanel('diagram');
      const errors: string[] = [];
      panel.page.removeAllListeners('console');
      panel.page.on('console', (message) => errors.push(message.text()));
      await panel.send({ type: 'graphs', graphs: 'all of them' });
      assert.ok(errors.some((text) => text.includes('does not understand')));
      await showGraphs(panel, [lenet5()]);
      assert.equal((await labels(panel.page)).length, 9);
    });
  });

  describe('by keyboard', () => {
    it('walks the layers with arrow keys and reveals with Enter', async () => {
      panel = await openDiagram([lenet5()]);
      const { page } = panel;
      await page.locator('.layer').first().focus();
      const focused = () =>
        page.evaluate(() => document.activeElement?.closest('[data-key]')?.getAttribute('data-key'));
      await page.keyboard.press('ArrowRight');
      assert.equal(await focused(), 'conv2d_Conv2D1');
      await page.keyboard.press('ArrowDown');
      assert.equal(await focused(), 'average_pooling2d_AveragePooling2D1');
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Enter');
      assert.deepEqual((await panel.posted()).at(-1), {
        type: 'revealLayer',
        modelId: 'lenet5',
        key: 'conv2d_Conv2D1',
      });
      await page.keyboard.press('End');
      assert.equal(await focused(), 'dense_Dense2');
      await panel.screenshot('keyboard-dark-1200');
      await page.keyboard.press('Escape');
      assert.equal(await page.getByRole('complementary').count(), 0);
    });

    it('is one stop for the Tab key', async () => {
      panel = await openDiagram([lenet5()]);
      assert.equal(await panel.page.locator('.picture [tabindex="0"]').count(), 1);
    });

    it('zooms, fits and pans', async () => {
      panel = await openDiagram([lenet5()]);
      const { page } = panel;
      const zoom = async () => Number.parseInt((await page.locator('.zoom').textContent())!, 10);
      await page.locator('.layer').first().focus();
      const start = await zoom();
      await page.keyboard.press('+');
      assert.ok((await zoom()) > start);
      await page.keyboard.press('-');
      await page.keyboard.press('-');
      assert.ok((await zoom()) < start);
      await page.keyboard.press('0');
      assert.equal(await zoom(), start);
      const before = await place(page);
      await page.keyboard.press('Shift+ArrowRight');
      assert.notEqual(await place(page), before);
    });

    it('zooms at the pointer with the wheel and pans by dragging', async () => {
      panel = await openDiagram([lenet5()]);
      const { page } = panel;
      const layer = page.locator('[data-layer="conv2d_Conv2D2"] .ring');
      const middle = async () => {
        const box = (await layer.boundingBox())!;
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      };
      const at = await middle();
      await page.mouse.move(at.x, at.y);
      await page.mouse.wheel(0, -240);
      await page.waitForTimeout(100);
      const zoomed = await middle();
      assert.ok(Math.hypot(zoomed.x - at.x, zoomed.y - at.y) < 2, 'the point under the pointer stays');
      await page.mouse.down();
      await page.mouse.move(at.x - 120, at.y - 30, { steps: 5 });
      await page.mouse.up();
      const dragged = await middle();
      assert.ok(Math.abs(dragged.x - zoomed.x + 120) < 6, `${dragged.x} ${zoomed.x}`);
      // A drag is no click.
      assert.ok(!(await panel.posted()).some(({ type }) => type === 'revealLayer'));
    });
  });

  it('prints black on white, with the table beneath', async () => {
    panel = await openDiagram([lenet5()], { theme: 'dark' });
    await panel.page.emulateMedia({ media: 'print' });
    const printed = await panel.page.evaluate(() => ({
      background: getComputedStyle(document.body).backgroundColor,
      text: getComputedStyle(document.querySelector('.label')!).fill,
      table: document.querySelector('.layer-table')!.getBoundingClientRect().height > 100,
      toolbar: getComputedStyle(document.querySelector('.toolbar')!).display,
    }));
    assert.deepEqual(printed, {
      background: 'rgb(255, 255, 255)',
      text: 'rgb(0, 0, 0)',
      table: true,
      toolbar: 'none',
    });
    await panel.screenshot('lenet5-print');
  });

  it('comes back as it was after it was hidden', async () => {
    panel = await openDiagram([vgg16()]);
    await chooseView(panel.page, 'Graph');
    await panel.page.locator('[data-layer="conv2d_Conv2D2"]').click();
    await panel.page.getByRole('button', { name: 'Zoom in' }).click();
    const transform = await place(panel.page);
    const state = await panel.state();
    await panel.close();
    panel = await openDiagram([vgg16()], { state });
    assert.equal(await panel.page.locator('.layer.selected').getAttribute('data-layer'), 'conv2d_Conv2D2');
    assert.equal(await place(panel.page), transform);
  });

  describe('accessibility', () => {
    for (const theme of ['light', 'dark', 'high-contrast'] satisfies ThemeName[]) {
      it(`has no violation in ${theme}, wide and narrow`, async () => {
        panel = await openDiagram([lenet5(), resnet()], { theme });
        await panel.page.locator('[data-layer="conv2d_Conv2D2"]').click();
        await panel.page.getByRole('button', { name: 'Show as table' }).click();
        await panel.checkAccessibility();
        await chooseView(panel.page, 'Graph');
        await panel.checkAccessibility();
        await panel.screenshot(`graph-${theme}-1200`);
        await panel.close();
        panel = await openDiagram([lenet5()], { theme, width: 500 });
        await panel.checkAccessibility();
        await panel.screenshot(`lenet5-${theme}-500`);
        await panel.page.locator('[data-layer="conv2d_Conv2D2"]').click();
        await panel.screenshot(`lenet5-details-${theme}-500`);
        await panel.checkAccessibility();
      });
    }

    it('names every layer with all that its drawing says', async () => {
      panel = await openDiagram([lenet5()]);
      assert.equal(
        await panel.page.locator('[data-layer="conv2d_Conv2D1"]').getAttribute('aria-label'),
        'Conv2D 5×5 28×28×6 156 params, conv2d_Conv2D1',
      );
    });
  });
});

function symbolic(): WireModelGraph {
  const graph = lenet5();
  const last = graph.layers.at(-1)!;
  last.calls[0]!.outputShapes = [[null, 'numClasses']];
  last.calls[0]!.multiplyAccumulates = '84·numClasses';
  last.calls[0]!.activationBytes = '4·numClasses';
  last.config = { units: 'numClasses', activation: 'softmax' };
  last.weights = [
    { name: 'kernel', shape: [84, 'numClasses'], trainable: true },
    { name: 'bias', shape: ['numClasses'], trainable: true },
  ];
  last.params = '84·numClasses + numClasses';
  last.trainableParams = last.params;
  last.verdict = { kind: 'symbolic' };
  const first = graph.layers[0]!;
  first.calls[0]!.outputShapes = [[null, 'height', 'width', 6]];
  first.verdict = { kind: 'symbolic' };
  graph.outputShapes = [[null, 'numClasses']];
  graph.totals.params = '85·numClasses + 60856';
  graph.verdict = { kind: 'symbolic' };
  return graph;
}

function lost(): WireModelGraph {
  const graph = lenet5();
  for (const layer of graph.layers.slice(-2)) {
    layer.calls[0]!.outputShapes = [];
    layer.calls[0]!.multiplyAccumulates = null;
    layer.calls[0]!.activationBytes = null;
    layer.params = null;
    layer.trainableParams = null;
    layer.weights = [];
    layer.verdict = { kind: 'lost', reason: '`loadUnits()` is not analysed' };
  }
  graph.outputShapes = [];
  graph.totals = {
    ...graph.totals,
    params: null,
    trainableParams: null,
    multiplyAccumulates: null,
    activationBytes: null,
  };
  graph.verdict = { kind: 'lost', reason: '`loadUnits()` is not analysed' };
  return graph;
}
