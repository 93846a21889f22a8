/** The comparison panel's bundle alone: what it draws is what the analysis says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import type { WireModelGraph } from '../../protocol/modelGraph';
import {
  type ComparedModel,
  type ExportFormat,
  type ExportTheme,
  fromComparison,
} from '../../protocol/webview';
import { example, modelsIn, resnet20, unet } from './fixtures/sources';
import {
  exportOf,
  openPanel,
  type Panel,
  type PanelOptions,
  startHarness,
  stopHarness,
  visibleText,
} from './harness';
import type { ThemeName } from './themes';

const article = ['lenet5', 'alexnet', 'vgg16', 'vgg19'];

function compared(graph: WireModelGraph, origin = `${graph.name}.ts`): ComparedModel {
  return {
    key: `${origin} ${graph.name}`,
    name: graph.name,
    origin,
    detail: `models/${origin}`,
    hasRevisions: true,
    content: { state: 'known', graph },
  };
}

const net = (lines: string[]) =>
  modelsIn(
    `import * as tf from '@tensorflow/tfjs';\nconst L = tf.layers;\nconst net = tf.sequential({ layers: [\n${lines.join(',\n')}\n] });`,
  )[0]!;
const earlier = () =>
  net([
    'L.conv2d({ inputShape: [64, 64, 3], filters: 32, kernelSize: 3, padding: "same" })',
    'L.conv2d({ filters: 32, kernelSize: 3, padding: "same" })',
    'L.maxPooling2d({ poolSize: 2 })',
    'L.flatten()',
    'L.dense({ units: 64 })',
    'L.dense({ units: 10 })',
  ]);
const later = () =>
  net([
    'L.conv2d({ inputShape: [64, 64, 3], filters: 48, kernelSize: 3, padding: "same" })',
    'L.batchNormalization()',
    'L.maxPooling2d({ poolSize: 2 })',
    'L.flatten()',
    'L.dense({ units: 64, name: "features" })',
    'L.dense({ units: 10 })',
  ]);

async function open(models: ComparedModel[], options: PanelOptions = {}): Promise<Panel> {
  const panel = await openPanel('comparison', { width: 1200, height: 1000, ...options });
  await panel.send({ type: 'models', models });
  return panel;
}

const labels = (page: Page, model: number): Promise<string[]> =>
  page
    .locator(`.layer[data-item^="${model} "]`)
    .evaluateAll((all) => all.map((layer) => layer.getAttribute('aria-label') ?? ''));

/** Layers of one model that are marked, by the mark. */
const marked = (page: Page, mark: string): Promise<string[]> =>
  page
    .locator(`.layer.${mark} text.label`)
    .evaluateAll((all) => all.map(({ textContent }) => textContent ?? ''));

const chooseTable = (page: Page) => page.getByRole('button', { name: 'Show as table' }).click();
const align = (page: Page, name: 'Layers' | 'Sizes' | 'Stages') =>
  page.getByRole('button', { name, exact: true }).click();

describe('comparison', function () {
  this.timeout(90_000);
  before(startHarness);
  after(stopHarness);

  let panel: Panel;
  afterEach(async () => {
    await panel?.close();
  });

  describe('of LeNet-5, AlexNet, VGG-16 and VGG-19', () => {
    const models = () => article.map((name) => compared(example(name)));

    // What is left beside an editor: of a window 1,600 pixels wide with the side bar, and without it.
    const narrow: [width: number, theme: ThemeName][] = [
      [620, 'light'],
      [620, 'dark'],
      [620, 'high-contrast'],
      [700, 'light'],
    ];
    for (const [width, theme] of narrow) {
      it(`can be read at ${width} pixels, in ${theme}`, async () => {
        panel = await open(models(), { width, height: 1000, theme });
        await panel.page.locator('.layers-table tbody tr').first().waitFor({ state: 'attached' });
        const sideways = await panel.page.locator('.scroller').evaluate((scroller) => ({
          content: scroller.scrollWidth,
          room: scroller.clientWidth,
        }));
        assert.ok(sideways.content <= sideways.room, `${sideways.content} px in ${sideways.room}`);
        // Nothing reaches into another column, and no number loses its end.
        const { overlong, cut } = await panel.page.locator('.comparison-picture').evaluate((picture) => {
          const texts = [...picture.querySelectorAll<SVGTextElement>('text')];
          const columns = [...document.querySelectorAll('.head')].map((head) => head.getBoundingClientRect());
          const right = columns.at(-1)!.right;
          const own = (left: number) =>
            columns.find((column) => left >= column.left - 1 && left < column.right);
          return {
            overlong: texts
              .filter(
                (text) => !text.matches('.legend-text, .chart-title, .tick-text, .end, .row-name, .measure'),
              )
              .filter((text) => {
                const box = text.getBoundingClientRect();
                return box.right > (own(box.left)?.right ?? right) + 1;
              })
              .map(({ textContent }) => textContent),
            cut: texts
              .filter(
                (text) =>
                  text.matches('.value, .bar-value, .ratio, .label') && /…/.test(text.textContent ?? ''),
              )
              .map(({ textContent }) => textContent),
          };
        });
        assert.deepEqual(overlong, []);
        assert.deepEqual(cut, []);
        await panel.screenshot(`comparison-narrow-${width}-${theme}`);
        await panel.page.locator('.scroller').evaluate((scroller) => scroller.scrollTo(0, 640));
        await panel.screenshot(`comparison-narrow-${width}-lower-${theme}`);
        await panel.page.locator('.scroller').evaluate((scroller) => scroller.scrollTo(0, 100_000));
        await panel.screenshot(`comparison-narrow-${width}-end-${theme}`);
      });
    }

    it('shows the numbers of `layerwise inspect`, at every layer and in the totals', async () => {
      const files = article.map((name) => `examples/${name}.ts`);
      const { stdout } = spawnSync(
        process.execPath,
        ['--import=tsx', 'cli/main.ts', 'inspect', ...files, '--format', 'json'],
        { encoding: 'utf8', cwd: path.resolve(__dirname, '../..') },
      );
      const inspected = JSON.parse(stdout).files.map(
        (file: { models: { layers: InspectedLayer[]; totals: { params: number; macs: number } }[] }) =>
          file.models[0]!,
      );
      panel = await open(models(), { height: 1800 });
      const number = (value: number) => value.toLocaleString('en-US');
      for (const [model, { layers, totals }] of inspected.entries()) {
        const drawn = await labels(panel.page, model);
        assert.equal(drawn.length, layers.length + 1, 'every layer and the input');
        layers.forEach((layer: InspectedLayer, index: number) => {
          const label = drawn[index + 1]!;
          assert.ok(label.includes(layer.name), `${layer.name} in ${label}`);
          assert.ok(label.includes(layer.outputShape.slice(1).join('×')), label);
          if (layer.params > 0) assert.ok(label.includes(`${number(layer.params)} parameters`), label);
          if (layer.macs > 0) assert.ok(label.includes(`${number(layer.macs)} multiply-accumulates`), label);
        });
        const values = await panel.page.locator('.totals-picture .value').allTextContents();
        for (const total of [totals.params, totals.macs])
          assert.ok(values.includes(number(total)), `${total}`);
      }
      // The text alternative has them, too, receptive fields included.
      const rows = panel.page.locator('.layers-table tbody tr');
      const cells = await rows.evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('td')].map(({ textContent }) => textContent ?? '')),
      );
      for (const [model, { layers }] of inspected.entries()) {
        const own = cells.map((row) => row[model]!).filter((text) => text.includes('→'));
        layers.forEach(({ params, macs, receptiveField }: InspectedLayer, index: number) => {
          const fact = `${number(params)} · ${number(macs)} · ${receptiveField}`;
          assert.ok(own[index + 1]!.includes(fact), `${fact} in ${own[index + 1]}`);
        });
      }
    });

    it('puts stages of one size side by side, and marks what VGG-19 has more than VGG-16', async () => {
      panel = await open(models(), { theme: 'light', height: 1800 });
      const sizes = await panel.page
        .locator('.size')
        .evaluateAll((all) => all.map((text) => [Number(text.getAttribute('y')), text.textContent]));
      const rows = new Map<number, string[]>();
      for (const [y, text] of sizes as [number, string][]) rows.set(y, [...(rows.get(y) ?? []), text]);
      assert.deepEqual(
        [...rows.values()],
        [
          ['224×224', '224×224'],
          ['112×112', '112×112'],
          ['55×55', '56×56', '56×56'],
          ['28×28', '27×27', '28×28', '28×28'],
          ['10×10', '13×13', '14×14', '14×14'],
          ['vectors', 'vectors', 'vectors', 'vectors'],
        ],
      );
      assert.deepEqual(await marked(panel.page, 'added'), [
        'Conv2D 3×3, 256',
        'Conv2D 3×3, 512',
        'Conv2D 3×3, 512',
      ]);
      const summaries = await panel.page.locator('.head .summary').allTextContents();
      assert.match(summaries[1]!, /another architecture/);
      assert.match(summaries[3]!, /Against vgg16: 3 added; 25 alike/);
      await panel.screenshot('comparison-four-light');
    });

    it('says where the parameters sit and where the work is done', async () => {
      panel = await open(models(), { height: 1800 });
      const texts = await panel.page.locator('.stage-bars .bar-share.most').allTextContents();
      // Parameters: nearly all in the vectors of every model; multiply-accumulates and memory before them.
      assert.deepEqual(texts.slice(0, 4), ['96 %', '94 %', '89 %', '86 %']);
      const drawn = await panel.page.locator('.stage-bars .tick').count();
      assert.equal(drawn, 0);
      await panel.page.getByRole('button', { name: 'Log', exact: true }).click();
      assert.ok((await panel.page.locator('.stage-bars .tick').count()) > 0);
      await panel.screenshot('comparison-four-log-dark');
    });

    it('has charts of how the models grow', async () => {
      panel = await open(models(), { height: 1800 });
      assert.deepEqual(await panel.page.locator('.chart-title').allTextContents(), [
        'Receptive field, pixels',
        'Size of the maps',
        'Channels, units',
        'Depth, layers with weights',
      ]);
      const points = await panel.page
        .locator('.growth .small-chart')
        .first()
        .locator('.line')
        .evaluateAll((all) => all.map((line) => (line.getAttribute('points') ?? '').split(' ').length));
      // The input and every convolution.
      assert.deepEqual(points, [4, 6, 14, 17]);
    });
  });

  describe('of two versions', () => {
    const models = () => [compared(earlier(), 'net.ts at 3f2a1bc'), compared(later(), 'net.ts')];

    it('stands layer by layer, with every kind of mark', async () => {
      panel = await open(models(), { theme: 'light', width: 900 });
      assert.deepEqual(await marked(panel.page, 'added'), ['BatchNorm']);
      assert.deepEqual(await marked(panel.page, 'changed'), ['Conv2D 3×3, 48']);
      assert.deepEqual(await marked(panel.page, 'resized'), ['MaxPool 2×2', 'Flatten 49152', 'Dense 64']);
      assert.deepEqual(await panel.page.locator('.gap text').allTextContents(), ['Conv2D 3×3, 32']);
      // A colour is not all: each mark has a sign.
      assert.equal(await panel.page.locator('.comparison-picture .sign').count(), 6);
      await panel.screenshot('comparison-versions-light');
    });

    it('tells what became of a layer, with both configurations, and asks for its source', async () => {
      panel = await open(models(), { width: 1000 });
      await panel.page.locator('.layer.changed').click();
      const details = await visibleText(panel.page.getByRole('complementary'));
      for (const fact of [
        'filters 32 → 48',
        'output 64×64×32 → 64×64×48',
        'parameters 896 → 1,344',
        'kernelSize',
      ])
        assert.ok(details.includes(fact), `${fact} in ${details}`);
      const posted = await panel.posted();
      assert.deepEqual(posted.at(-1), {
        type: 'revealLayer',
        key: 'net.ts net',
        path: ['conv2d_Conv2D1'],
      });
      for (const message of posted) fromComparison.parse(message);
      await panel.page.getByRole('button', { name: /source of net \(net\.ts at/ }).click();
      assert.equal((await panel.posted()).at(-1)?.['key'], 'net.ts at 3f2a1bc net');
    });

    it('follows a model that changes, and keeps what was chosen', async () => {
      panel = await open(models());
      await align(panel.page, 'Stages');
      await panel.send({ type: 'models', models: [models()[1]!, compared(later(), 'net2.ts')] });
      assert.match(await visibleText(panel.page.locator('.head').last()), /the same 7 layers/);
      const state = (await panel.state()) as { alignment: string };
      assert.equal(state.alignment, 'number');
    });

    it('the pointer tells what a layer is and what changed', async () => {
      panel = await open(models());
      await panel.page.locator('.layer.changed').hover();
      const text = await visibleText(panel.page.locator('.pointed-facts'));
      for (const fact of ['64×64×48', '1,344', 'filters 32 → 48']) assert.ok(text.includes(fact), text);
    });
  });

  it('is walked with the keyboard, across the columns', async () => {
    panel = await open([compared(example('vgg16')), compared(example('vgg19'))], { height: 1200 });
    const focused = () =>
      panel.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['item']);
    await panel.page.locator('.layer[tabindex="0"]').focus();
    assert.equal(await focused(), '0 model-input');
    for (const [key, expected] of [
      ['ArrowDown', '0 block1_conv1'],
      ['ArrowRight', '1 block1_conv1'],
      ['End', '1 dense_Dense3'],
      ['ArrowUp', '1 dropout_Dropout2'],
      ['ArrowLeft', '0 dropout_Dropout2'],
      ['Home', '0 model-input'],
      ['ArrowDown', '0 block1_conv1'],
    ] as const) {
      await panel.page.keyboard.press(key);
      assert.equal(await focused(), expected, key);
    }
    await panel.page.keyboard.press('Enter');
    assert.equal((await panel.posted()).at(-1)?.type, 'revealLayer');
    assert.match(await visibleText(panel.page.getByRole('complementary')), /block1_conv1/);
    await panel.page.keyboard.press('Escape');
    assert.equal(await panel.page.getByRole('complementary').count(), 0);
  });

  it('moves, removes and adds models, and says what cannot be read', async () => {
    const failed: ComparedModel = {
      ...compared(example('lenet5'), 'gone.ts'),
      content: { state: 'failed', message: 'gone.ts cannot be read: it was moved or removed.' },
    };
    panel = await open([compared(example('alexnet')), compared(example('vgg16')), failed]);
    assert.match(await visibleText(panel.page.getByRole('alert')), /gone\.ts cannot be read/);
    for (const [name, message] of [
      ['Move vgg16 to the left', { type: 'moveModel', key: 'vgg16.ts vgg16', to: 0 }],
      ['Compare vgg16 with an earlier revision', { type: 'addRevision', key: 'vgg16.ts vgg16' }],
      ['Take alexnet out of the comparison', { type: 'removeModel', key: 'alexnet.ts alexnet' }],
    ] as const) {
      await panel.page.getByRole('button', { name }).click();
      assert.deepEqual((await panel.posted()).at(-1), message);
    }
    await panel.page.getByRole('button', { name: 'Add models…' }).click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'addModels' });
  });

  describe('of huge models', () => {
    const deep = (blocks: number, extra = '') => `import * as tf from '@tensorflow/tfjs';
      function block(x, filters, strides) {
        let y = tf.layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same', useBias: false }).apply(x);
        y = tf.layers.reLU().apply(tf.layers.batchNormalization().apply(y));
        y = tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', useBias: false }).apply(y);
        y = tf.layers.batchNormalization().apply(y);
        const shortcut = strides > 1 ? tf.layers.conv2d({ filters, kernelSize: 1, strides }).apply(x) : x;
        return tf.layers.reLU().apply(tf.layers.add().apply([y, shortcut]));
      }
      const input = tf.input({ shape: [32, 32, 3] });
      let x = tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same' }).apply(input);
      for (const filters of [16, 32, 64]) {
        for (let i = 0; i < ${blocks}; i++) { x = block(x, filters, filters > 16 && i === 0 ? 2 : 1); ${extra} }
      }
      x = tf.layers.globalAveragePooling2d({}).apply(x);
      const deep = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 10 }).apply(x) });`;
    const model = (blocks: number, extra?: string) => modelsIn(deep(blocks, extra)).at(-1)!;

    it('folds what repeats, and opens it', async () => {
      const [small, large] = [model(20), model(60)];
      assert.ok(large.layers.length > 1000, `${large.layers.length} layers`);
      panel = await open([compared(small, 'a.ts'), compared(large, 'b.ts')], { theme: 'light' });
      await align(panel.page, 'Stages');
      const count = await panel.page.locator('.layer').count();
      assert.ok(count < 100, `${count} items`);
      const folded = panel.page.locator('.layer.folded').first();
      assert.match((await folded.getAttribute('aria-label')) ?? '', /×\d+, \d+ layers, closed/);
      await panel.screenshot('comparison-huge-light');
      await folded.dblclick();
      assert.ok((await panel.page.locator('.layer').count()) > count);
    });

    it('folds what is alike around what differs', async () => {
      const changed = `if (i === 30 && filters === 32) x = tf.layers.dropout({ rate: 0.1 }).apply(x);`;
      panel = await open([compared(model(50), 'a.ts'), compared(model(50, changed), 'b.ts')]);
      assert.match(await visibleText(panel.page.locator('.head').last()), /1 added/);
      assert.equal(await panel.page.locator('.layer.added').count(), 1);
      const folded = await labels(panel.page, 1);
      assert.ok(folded.length < 20, `${folded.length} items`);
      assert.match(folded.join('\n'), /… \d+ layers alike/);
    });
  });

  describe('exports', () => {
    const exported = (format: ExportFormat, theme: ExportTheme = 'light', scale = 1) =>
      exportOf(panel, { format, theme, scale });

    it('SVG has every text of the screen, and the names of the models', async () => {
      panel = await open(article.map((name) => compared(example(name))));
      const screen = await panel.page
        .locator('.comparison-picture text')
        .evaluateAll((all) => all.map(({ textContent }) => (textContent ?? '').trim()).filter(Boolean));
      const svg = await exported('svg');
      const { texts, failure } = await panel.page.evaluate((source) => {
        const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
        return {
          texts: [...parsed.querySelectorAll('text')].map(({ textContent }) => textContent ?? ''),
          failure: parsed.querySelector('parsererror')?.textContent ?? null,
        };
      }, svg);
      assert.equal(failure, null);
      const missing = screen.filter((text) => !texts.includes(text));
      assert.deepEqual(missing, []);
      for (const name of article) assert.ok(texts.includes(name), name);
    });

    it('PNG has the chosen scale, TikZ is a document', async () => {
      panel = await open([compared(earlier(), 'a.ts'), compared(later(), 'b.ts')]);
      const [one, two] = [await exported('png'), await exported('png', 'print', 2)];
      const sizes = await Promise.all(
        [one, two].map(async (content) => sharp(Buffer.from(content, 'base64')).metadata()),
      );
      assert.ok(Math.abs(sizes[1]!.width! - 2 * sizes[0]!.width!) <= 2);
      assert.match(await exported('tikz'), /\\begin\{tikzpicture\}[\s\S]*\\end\{document\}/);
    });
  });

  describe('is accessible', () => {
    const sets: [string, () => ComparedModel[]][] = [
      ['four networks', () => article.map((name) => compared(example(name)))],
      ['two versions', () => [compared(earlier(), 'net.ts at 3f2a1bc'), compared(later(), 'net.ts')]],
      [
        'six models with branches',
        () => [
          ...['alexnet', 'alexnet-two-towers', 'vgg16'].map((name) => compared(example(name))),
          compared(modelsIn(resnet20).at(-1)!),
          compared(modelsIn(unet)[0]!),
          compared(example('lenet5')),
        ],
      ],
    ];
    const themes: ThemeName[] = ['light', 'dark', 'high-contrast'];
    // Every set in one theme, and the first in all.
    const pairs = themes.flatMap((theme, index) => [
      { theme, set: sets[0]! },
      ...(index > 0 ? [{ theme, set: sets[index]! }] : []),
    ]);
    for (const { theme, set } of pairs) {
      const [what, models] = set;
      it(`${what}, ${theme}, wide and narrow`, async () => {
        panel = await open(models(), { theme });
        await panel.page.locator('.layer').nth(3).click();
        await panel.checkAccessibility();
        await panel.screenshot(`comparison-${what.replaceAll(' ', '-')}-${theme}`);
        await panel.page.keyboard.press('Escape');
        await chooseTable(panel.page);
        await panel.page.setViewportSize({ width: 420, height: 900 });
        await panel.checkAccessibility();
      });
    }
  });
});

interface InspectedLayer {
  name: string;
  outputShape: (number | null)[];
  params: number;
  macs: number;
  receptiveField: number | null;
}
