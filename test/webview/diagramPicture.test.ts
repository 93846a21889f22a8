/** The drawing filled with what each layer saw of a picture, and saved models that cannot be drawn. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { layerUses, modelInputKey } from '../../model-graph/layerUses';
import type { WireModelGraph } from '../../protocol/modelGraph';
import { fromDiagram } from '../../protocol/webview';
import { drawnForm, valuesOf as drawnValues } from '../../webview/diagram/picture/drawnMaps';
import { colorMaps } from '../../webview/shared/colorMaps';
import { activationOf, type Form, geometryOf, isDead, shrunkMap, valueAt } from '../../webview/shared/maps';
import { paintMap } from '../../webview/shared/paint';
import { example, modelsIn, resnet20 } from './fixtures/sources';
import { exportOf, openPanel, type Panel, startHarness, stopHarness } from './harness';
import type { ThemeName } from './themes';

type Layer = { key: string; name: string; shape: number[] };

const layersOf = (graph: WireModelGraph): Layer[] =>
  layerUses(graph).map(({ key, name, shape }) => ({ key, name, shape: shape!.slice(1) as number[] }));

/** Channel k is k everywhere but for its upper left value; channel 0 is zero. */
const valuesOf = ({ shape }: Layer): Float32Array =>
  Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => {
    const channel = index % shape.at(-1)!;
    return channel > 0 && index < shape.at(-1)! ? -channel : channel;
  });

async function openWith(
  graph: WireModelGraph,
  layers: Layer[],
  options: { theme?: ThemeName; difference?: string } = {},
): Promise<Panel> {
  const panel = await openPanel('diagram', options.theme ? { theme: options.theme } : {});
  const file = { title: 'model.ts', origin: 'program', canClassify: true, problems: [] };
  await panel.send({ type: 'graphs', ...file, graphs: [graph] });
  const [height, width, channels] = graph.inputShapes[0]!.slice(1) as number[];
  const pixels = Buffer.alloc(height! * width! * channels!, 200).toString('base64');
  const picture = {
    state: 'seen',
    session: 's1',
    imageName: 'seven.png',
    modelName: 'lenet5 of Monday',
    input: { width, height, channels, pixels },
    classes: [{ label: 'seven', index: 7, probability: 0.987 }],
    layers: layers.map((layer) => ({ ...layer, min: 0, max: 1, mean: 0.5, zeros: 0.25 })),
    inputKeys: graph.kind === 'sequential' ? [modelInputKey] : layers.slice(0, 1).map(({ key }) => key),
    difference: options.difference,
  };
  await panel.send({ type: 'picture', modelId: graph.id, picture });
  return panel;
}

async function asked(panel: Panel): Promise<string[]> {
  const posted = await panel.posted();
  for (const message of posted) fromDiagram.parse(message);
  return posted.filter(({ type }) => type === 'fetchActivation').map(({ layer }) => String(layer));
}

/** Answers every question for values until none comes any more. */
async function answerAll(panel: Panel, layers: readonly Layer[]): Promise<string[]> {
  const answered: string[] = [];
  for (let quiet = 0; quiet < 8; quiet++) {
    await panel.page.waitForTimeout(50);
    for (const name of (await asked(panel)).slice(answered.length)) {
      const layer = layers.find((one) => one.name === name)!;
      const { shape } = layer;
      await panel.send({ type: 'activation', session: 's1', layer: name, shape, data: valuesOf(layer) });
      answered.push(name);
      quiet = 0;
    }
  }
  return answered;
}

/** Red, green and blue of every pixel of every map, in hexadecimal. */
function mapsInTikz(tex: string): string[] {
  const commands = tex.matchAll(/\\lwmap\{[^%]*%\n([^}]*)\}\{%\n([0-9a-f\s]*)\}/g);
  return [...commands].map(([, dictionary, digits]) => {
    const data = digits!.replace(/\s/g, '');
    const [, colors] = /<([^>]*)>/.exec(dictionary!) ?? [];
    if (colors === undefined) return data;
    const palette = colors.replace(/\s/g, '').match(/.{6}/g)!;
    return data
      .match(/../g)!
      .map((index) => palette[Number.parseInt(index, 16)])
      .join('');
  });
}

/** Where there is a LaTeX. */
function assertCompiles(tex: string): void {
  if (spawnSync('pdflatex', ['--version']).status !== 0) return;
  const folder = mkdtempSync(path.join(tmpdir(), 'layerwise-tikz-'));
  try {
    writeFileSync(path.join(folder, 'picture.tex'), tex);
    const options = ['-halt-on-error', '-interaction=batchmode', 'picture.tex'];
    const { status, stdout } = spawnSync('pdflatex', options, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    assert.match(readFileSync(path.join(folder, 'picture.log'), 'latin1'), /\(1 page,/);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('maps of an activation', () => {
  const counting = (length: number) => Float32Array.from({ length }, (_, index) => index);
  const drawn = (form: Form, length: number) => activationOf(drawnForm(form), counting(length));

  it('lie where the layout says', () => {
    const place = { map: 1, row: 1, column: 2 };
    assert.equal(valueAt(drawn({ shape: [2, 3, 4] }, 24), place), 12 + 2 * 4 + 1);
    assert.equal(valueAt(drawn({ shape: [4, 2, 3], layout: 'channelsFirst' }, 24), place), 6 + 3 + 2);
    // Vectors stand upright; of sequences, time runs from left to right.
    for (const shape of [[84], [1, 1, 84], [84, 1], [1, 84, 1]]) {
      const { maps, rows, columns } = geometryOf(drawn({ shape }, 84));
      assert.deepEqual([maps, rows, columns], [1, 84, 1]);
    }
    const sequence = drawn({ shape: [5, 3] }, 15);
    assert.deepEqual(valueAt(sequence, { map: 0, row: 1, column: 4 }), 4 * 3 + 1);
  });

  it('are ranked by strength, dead ones last', () => {
    const values = Float32Array.from([0, -3, 1, 0, 3, 1, 0, -3, 1, 0, 3, 1]);
    const { maps, range } = drawnValues(activationOf({ shape: [2, 2, 3] }, values));
    assert.deepEqual(
      maps.map(({ map, statistics }) => [map, isDead(statistics)]),
      [
        [1, false],
        [2, false],
        [0, true],
      ],
    );
    assert.deepEqual(range, { min: -3, max: 3 });
  });

  it('become smaller by their means, and values that are no numbers are seen', () => {
    const values = Float32Array.from([0, 1, 0, 1, Number.NaN, 0, 0, 0]);
    const small = shrunkMap({ shape: [2, 4, 1], planes: values }, 0, 2);
    assert.deepEqual(small, { shape: [2, 2, 1], planes: Float32Array.of(0.5, 0.5, Number.NaN, 0) });
    const pixels = { data: new Uint8ClampedArray(16) } as ImageData;
    paintMap(small, 0, { min: 0, max: 1 }, colorMaps.viridis, pixels);
    const pixel = (index: number) => [...pixels.data.slice(4 * index, 4 * index + 3)];
    assert.deepEqual(pixel(0), [...colorMaps.viridis.bytes.slice(4 * 128, 4 * 128 + 3)]);
    assert.deepEqual(pixel(1), pixel(0));
    assert.deepEqual(pixel(2), [255, 0, 255]);
    // Of several maps, the one that is asked for.
    const two = activationOf({ shape: [1, 3, 2] }, Float32Array.of(0, 5, 1, 6, 2, 7));
    assert.deepEqual(shrunkMap(two, 1, 9), { shape: [1, 3, 1], planes: Float32Array.of(5, 6, 7) });
  });
});

describe('a picture in the diagram', function () {
  this.timeout(60_000);
  before(startHarness);
  after(stopHarness);
  let panel: Panel;
  afterEach(() => panel?.close());

  it('asks for one', async () => {
    panel = await openWith(example('lenet5'), []);
    await panel.page.getByRole('button', { name: 'Picture…' }).click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'choosePicture', modelId: example('lenet5').id });
  });

  for (const theme of ['light', 'dark', 'high-contrast'] as const) {
    it(`fills every layer that can be seen, in ${theme}`, async () => {
      const graph = example('lenet5');
      const layers = layersOf(graph);
      panel = await openWith(graph, layers, { theme });
      const answered = await answerAll(panel, layers);
      assert.deepEqual([...answered].sort(), layers.map(({ name }) => name).sort());
      const maps = await panel.page
        .locator('.picture .layer')
        .evaluateAll((all) => all.map((layer) => layer.querySelectorAll('image').length));
      // The picture, then 6, 6, 16 and 16 maps, then vectors.
      assert.deepEqual(maps, [1, 6, 6, 16, 16, 1, 1, 1, 1]);
      await panel.page.locator('.picture .layer').nth(1).click();
      await answerAll(panel, layers);
      const channels = panel.page.locator('.channels li');
      assert.deepEqual(await channels.locator('span').allTextContents(), ['5', '4', '3', '2', '1', '0']);
      assert.equal(
        await channels.locator('img').last().getAttribute('alt'),
        'Channel 0: dead, zero everywhere',
      );
      await panel.checkAccessibility();
      await panel.screenshot(`diagram-picture-${theme}`);
    });
  }

  it('is in SVG and TikZ as it is on the screen', async () => {
    const graph = example('lenet5');
    const layers = layersOf(graph);
    panel = await openWith(graph, layers);
    await answerAll(panel, layers);
    const exported = (format: 'svg' | 'tikz') => exportOf(panel, { format, theme: 'screen', scale: 1 });
    const svg = await exported('svg');
    assert.equal(svg.match(/<image href="data:image\/png;base64,[^"]+"/g)?.length, 49);
    const drawn = await panel.page.evaluate((text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      return parsed.querySelectorAll('parsererror').length === 0 && parsed.querySelectorAll('image').length;
    }, svg);
    assert.equal(drawn, 49);
    const tikz = await exported('tikz');
    assertCompiles(tikz);
    const maps = mapsInTikz(tikz);
    assert.equal(maps.length, 49);
    const urls = [...svg.matchAll(/<image href="data:image\/png;base64,([^"]+)"/g)].map(([, data]) => data!);
    for (const [index, map] of maps.entries()) {
      const pixels = await sharp(Buffer.from(urls[index]!, 'base64')).removeAlpha().raw().toBuffer();
      assert.equal(map, pixels.toString('hex'), `map ${index}`);
    }
  });

  it('fetches nothing for layers that cannot be seen', async () => {
    const graph = modelsIn(resnet20).at(-1)!;
    const layers = layersOf(graph);
    panel = await openWith(graph, layers);
    await panel.page.getByRole('button', { name: 'Fold blocks and repetitions' }).click();
    await panel.page.waitForTimeout(1500);
    const answered = await answerAll(panel, layers);
    assert.ok(answered.length > 3 && answered.length < 40, `${answered.length} of ${layers.length}`);
    assert.ok(!answered.includes(layers.at(-1)!.name));
  });

  it('says where the drawn model is not the one that ran, and fills nothing there', async () => {
    const graph = example('lenet5');
    const layers = layersOf(graph).slice(0, 2);
    const difference = '`conv2d_Conv2D2` (Conv2D 10×10×16) is `other` (Conv2D 8×8×16) in it';
    panel = await openWith(graph, layers, { difference });
    await answerAll(panel, layers);
    const notice = await panel.page.locator('.picture-bar .notice').innerText();
    assert.ok(notice.includes(difference), notice);
    assert.ok(notice.includes('Only the 2 layers before that are filled'), notice);
    const filled = await panel.page
      .locator('.picture .layer')
      .evaluateAll((all) => all.filter((layer) => layer.querySelector('image')).length);
    assert.equal(filled, 3);
    await panel.page.locator('.picture .layer').nth(3).click();
    await panel.page.getByText('The picture did not pass through this layer').waitFor();
  });

  it('tells why values could not be had', async () => {
    const graph = example('lenet5');
    const layers = layersOf(graph);
    panel = await openWith(graph, layers);
    await panel.page.waitForTimeout(300);
    const [layer] = await asked(panel);
    await panel.send({ type: 'activationFailed', session: 's1', layer, message: 'The process ended.' });
    await panel.page.locator('.picture .layer').nth(1).click();
    await panel.page.getByText('The process ended.').waitFor();
  });

  it('is removed', async () => {
    const graph = example('lenet5');
    panel = await openWith(graph, layersOf(graph));
    await panel.page.getByRole('button', { name: 'Remove the picture' }).click();
    assert.ok((await panel.posted()).some(({ type }) => type === 'forgetPicture'));
    await panel.send({ type: 'picture', modelId: graph.id, picture: null });
    assert.equal(await panel.page.locator('.picture image').count(), 0);
  });

  it('selects what is selected elsewhere, and tells what is selected here', async () => {
    const graph = example('lenet5');
    panel = await openWith(graph, layersOf(graph));
    const key = layersOf(graph)[2]!.key;
    await panel.send({ type: 'selectLayer', modelId: graph.id, key });
    assert.equal(await panel.page.locator('.layer.selected').getAttribute('data-key'), key);
    await panel.page.locator('.picture .layer').nth(1).click();
    const selections = (await panel.posted()).filter(({ type }) => type === 'layerSelected');
    assert.deepEqual(selections.at(-1), {
      type: 'layerSelected',
      modelId: graph.id,
      key: layersOf(graph)[0]!.key,
    });
  });
});

describe('a saved model', function () {
  this.timeout(60_000);
  before(startHarness);
  after(stopHarness);

  for (const theme of ['light', 'dark', 'high-contrast'] as const) {
    it(`that cannot be read says why, in ${theme}`, async () => {
      const panel = await openPanel('diagram', { theme });
      const failure = 'The file is not complete JSON; it may be cut short.';
      const file = { title: 'model.json', origin: 'file', canClassify: true, failure };
      await panel.send({ type: 'graphs', ...file, graphs: [], problems: [] });
      await panel.page.getByText(failure).waitFor();
      await panel.checkAccessibility();
      await panel.close();
    });
  }

  it('has nothing to train', async () => {
    const panel = await openPanel('diagram');
    const file = { title: 'model.json', origin: 'file', canClassify: false };
    await panel.send({ type: 'graphs', ...file, graphs: [example('lenet5')], problems: [] });
    assert.equal(await panel.page.getByRole('button', { name: 'Train…' }).count(), 0);
    assert.equal(await panel.page.getByRole('button', { name: 'Picture…' }).count(), 0);
    await panel.close();
  });
});
