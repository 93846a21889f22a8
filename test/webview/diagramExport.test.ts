/** Exports are compared with the screen, and read by those who will read them: an XML parser, LaTeX, Mermaid's grammar. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { WireModelGraph } from '../../protocol/modelGraph';
import type { ExportFormat, ExportTheme } from '../../protocol/webview';
import { toMermaid } from '../../webview/diagram/export/mermaid';
import { fold } from '../../webview/diagram/fold';
import { buildScene } from '../../webview/diagram/scene';
import { parsePath } from '../../webview/shared/export/path';
import { latex } from '../../webview/shared/export/tikz';
import { example, modelsIn, resnet20, unet } from './fixtures/sources';
import { exportOf, openPanel, type Panel, startHarness, stopHarness } from './harness';
import type { ThemeName } from './themes';

const exported = (panel: Panel, format: ExportFormat, theme: ExportTheme = 'screen', scale = 1) =>
  exportOf(panel, { format, theme, scale });

async function open(graph: WireModelGraph, theme: ThemeName = 'light', state?: object): Promise<Panel> {
  const panel = await openPanel('diagram', { theme, width: 1600, height: 1300, state });
  await panel.send({
    type: 'graphs',
    origin: 'program',
    canClassify: true,
    title: 'models.ts',
    graphs: [graph],
    problems: [],
  });
  await panel.page.locator('.picture .layer').first().waitFor();
  return panel;
}

/** The state of a panel that shows the drawing at its own size, its corner in the corner. */
function unscaled(graph: WireModelGraph, view: string, x: number, y: number): object {
  return {
    modelId: graph.id,
    view,
    selected: null,
    showTable: false,
    coloring: 'kind',
    folding: {},
    views: { [`${graph.id} ${view}`]: { transform: { zoom: 1, x: -x, y: -y }, following: false } },
  };
}

const models: [string, () => WireModelGraph, string][] = [
  ['lenet5', () => example('lenet5'), 'sheets'],
  ['alexnet-two-towers', () => example('alexnet-two-towers'), 'boxes'],
  ['vgg16', () => example('vgg16'), 'boxes'],
  ['resnet', () => modelsIn(resnet20).at(-1)!, 'graph'],
];

describe('export of the diagram', function () {
  this.timeout(120_000);
  before(startHarness);
  after(stopHarness);
  let panel: Panel;
  afterEach(async () => {
    if (panel && !panel.page.isClosed()) await panel.close();
  });

  for (const [name, graphOf, view] of models) {
    for (const theme of ['light', 'dark', 'high-contrast'] as const) {
      if (theme !== 'light' && name !== 'lenet5' && name !== 'resnet') continue;
      it(`${name} as SVG looks as on screen, ${theme}`, async () => {
        const graph = graphOf();
        panel = await open(graph, theme);
        const first = await exported(panel, 'svg');
        const [, x, y, width, height] = /viewBox="(\S+) (\S+) (\S+) (\S+)"/.exec(first)!.map(Number);
        await panel.close();
        // Once more, at its own size, in a panel that has room for it.
        panel = await open(graph, theme, unscaled(graph, view, x!, y!));
        const svg = await exported(panel, 'svg');
        const [, x2, y2] = /viewBox="(\S+) (\S+)/.exec(svg)!.map(Number);
        assert.deepEqual([x2, y2], [x, y]);
        assert.ok(!/var\(|color-mix|color\(|url\(|NaN|undefined/.test(svg));
        const isXml = await panel.page.evaluate((text) => {
          const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
          return parsed.querySelector('parsererror') === null && parsed.documentElement.tagName === 'svg';
        }, svg);
        assert.ok(isXml);
        const box = (await panel.page.locator('.canvas').boundingBox())!;
        const clip = {
          x: box.x,
          y: box.y,
          width: Math.floor(Math.min(width!, box.width)),
          height: Math.floor(Math.min(height!, box.height)),
        };
        // What lies over the drawing is not of it.
        await panel.page.evaluate(() => document.querySelector('.minimap')?.remove());
        const screen = await panel.page.screenshot({ clip });
        const picture = await panel.page.context().newPage();
        await picture.setViewportSize({ width: 1600, height: 1300 });
        await picture.goto(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`);
        const drawn = await picture.screenshot({
          clip: { x: 0, y: 0, width: clip.width, height: clip.height },
        });
        await picture.close();
        const difference = await differingShare(screen, drawn);
        assert.ok(difference < 0.012, `${(100 * difference).toFixed(2)} % of the pixels differ`);
      });
    }
  }

  it('SVG keeps text as text, with every label of the screen', async () => {
    panel = await open(example('vgg16'));
    const svg = await exported(panel, 'svg', 'print');
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) =>
      text!.replaceAll('&lt;', '<').replaceAll('&amp;', '&'),
    );
    const shown = await panel.page.locator('.picture text').allTextContents();
    assert.deepEqual(texts.sort(), shown.map((text) => text.trim()).sort());
    assert.ok(svg.includes('fill="#ffffff"') && svg.includes('fill="#000000"'));
    assert.ok(svg.includes('<title>Architecture of vgg16</title>'));
  });

  it('light, dark and print differ from the screen, which is as before', async () => {
    panel = await open(example('lenet5'), 'high-contrast');
    const bodyClass = () => panel.page.evaluate(() => document.body.className);
    const before = await bodyClass();
    const pictures = new Set<string>();
    for (const theme of ['screen', 'light', 'dark', 'print'] as const)
      pictures.add(await exported(panel, 'svg', theme));
    assert.equal(pictures.size, 4);
    assert.equal(await bodyClass(), before);
    assert.equal(await panel.page.locator('.export-stage').count(), 0);
  });

  it('PNG has the chosen scale', async () => {
    panel = await open(example('lenet5'));
    const svg = await exported(panel, 'svg');
    const [, width, height] = /width="(\S+)" height="(\S+)"/.exec(svg)!.map(Number);
    for (const scale of [1, 3]) {
      const png = Buffer.from(await exported(panel, 'png', 'light', scale), 'base64');
      const { format, width: columns, height: rows } = await sharp(png).metadata();
      assert.deepEqual(
        [format, columns, rows],
        ['png', Math.ceil(width! * scale), Math.ceil(height! * scale)],
      );
      // Something is drawn on it.
      const { channels } = await sharp(png).stats();
      assert.ok(channels.some(({ stdev }) => stdev > 10));
    }
  });

  it('says what to do when a PNG would be too large', async () => {
    panel = await open(modelsIn(resnet20).at(-1)!);
    await panel.send({ type: 'export', format: 'png', theme: 'screen', scale: 400 });
    await panel.page.waitForTimeout(200);
    const last = (await panel.posted()).at(-1)!;
    assert.equal(last.type, 'exportFailed');
    assert.match(String(last['message']), /too large\. Choose a smaller scale/);
  });

  it('TikZ is a document that LaTeX compiles', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'layerwise-tikz-'));
    try {
      for (const [name, graphOf] of models) {
        panel = await open(graphOf());
        const tex = await exported(panel, 'tikz', 'print');
        await panel.close();
        assertTikz(tex);
        if (spawnSync('pdflatex', ['--version']).status !== 0) continue;
        writeFileSync(path.join(folder, `${name}.tex`), tex);
        const { status, stdout } = spawnSync(
          'pdflatex',
          ['-halt-on-error', '-interaction=batchmode', `${name}.tex`],
          {
            cwd: folder,
            encoding: 'utf8',
          },
        );
        const log = readFileSync(path.join(folder, `${name}.log`), 'latin1');
        assert.equal(status, 0, `${name}: ${stdout} ${log.slice(-1500)}`);
        assert.match(log, /\(1 page,/);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('Mermaid has every node and edge, quoted', async () => {
    for (const graph of [example('alexnet-two-towers'), modelsIn(unet).at(-1)!, modelsIn(resnet20).at(-1)!]) {
      const whole = buildScene(graph, []);
      const scene = fold(whole, { folded: false, exceptions: new Set() });
      const text = toMermaid(scene);
      assertMermaid(text);
      assert.equal(text.match(/^\s*n\d+\[/gm)?.length, scene.items.length);
      assert.equal(text.match(/-->/g)?.length, scene.edges.length);
    }
  });

  it('the menu copies and saves, by keyboard, and is accessible', async () => {
    panel = await open(example('lenet5'));
    const { page } = panel;
    await page.getByRole('button', { name: 'Export the diagram' }).click();
    const menu = page.getByRole('dialog', { name: 'Export the diagram' });
    await menu.getByRole('button', { name: 'Mermaid' }).click();
    await menu.getByRole('button', { name: 'Copy' }).click();
    await menu.getByText('Copied').waitFor();
    const copied = (await panel.posted()).at(-1)!;
    assert.equal(copied.type, 'copy');
    assertMermaid(String(copied['text']));
    await menu.getByRole('button', { name: 'SVG' }).click();
    await menu.getByRole('button', { name: 'Save…' }).click();
    await page.waitForTimeout(100);
    const saved = (await panel.posted()).at(-1)!;
    assert.deepEqual([saved.type, saved['format'], saved['modelName']], ['exported', 'svg', 'lenet5']);
    await panel.screenshot('export-menu-light');
    await panel.checkAccessibility();
    await page.keyboard.press('Escape');
    assert.equal(await menu.count(), 0);
  });
});

describe('path data', () => {
  it('becomes absolute lines and curves', () => {
    assert.deepEqual(parsePath('M1,2h3v-4H0z'), [
      { op: 'M', to: { x: 1, y: 2 } },
      { op: 'L', to: { x: 4, y: 2 } },
      { op: 'L', to: { x: 4, y: -2 } },
      { op: 'L', to: { x: 0, y: -2 } },
      { op: 'Z' },
    ]);
  });

  it('draws arcs as curves that keep their distance from the centre', () => {
    const [, curve] = parsePath('M1,0A1,1 0 0 1 0,1');
    assert.ok(curve?.op === 'C');
    assert.ok(Math.abs(curve.control1.x - 1) < 1e-9 && Math.abs(curve.control1.y - 0.5523) < 1e-3);
    assert.ok(Math.abs(curve.to.x) < 1e-9 && Math.abs(curve.to.y - 1) < 1e-9);
  });

  it('escapes what LaTeX would take for commands', () => {
    assert.equal(
      latex('a_b 3×3 50% {x} \\ ≥ 語'),
      'a\\_b 3$\\times$3 50\\% \\{x\\} \\textbackslash{} $\\geq$ ?',
    );
  });
});

/** The share of pixels that differ clearly: antialiasing at edges does not count. */
async function differingShare(a: Buffer, b: Buffer): Promise<number> {
  const read = (buffer: Buffer) =>
    sharp(buffer).removeAlpha().blur(1).raw().toBuffer({ resolveWithObject: true });
  const [one, other] = [await read(a), await read(b)];
  assert.deepEqual([one.info.width, one.info.height], [other.info.width, other.info.height]);
  let differing = 0;
  for (let at = 0; at < one.data.length; at += 3) {
    const most = Math.max(
      ...[0, 1, 2].map((channel) => Math.abs(one.data[at + channel]! - other.data[at + channel]!)),
    );
    if (most > 40) differing++;
  }
  return differing / (one.data.length / 3);
}

function assertTikz(tex: string): void {
  const lines = tex.split('\n').filter((line) => line.startsWith('  ') && !line.startsWith('  %'));
  for (const line of lines) {
    assert.match(line, /^ {2}\\(path|node|fill)\[?.*;$/);
    const braces = line.replaceAll('\\{', '').replaceAll('\\}', '');
    assert.equal(braces.split('{').length, braces.split('}').length, line);
    assert.ok(!line.includes('NaN'), line);
  }
  assert.ok(lines.length > 20);
}

/** Mermaid's flowchart grammar, as far as it is used. */
function assertMermaid(text: string): void {
  const quoted = '"[^"`<>]*(?:<(?:b|/b|br/)>[^"`<>]*)*"';
  const forms = [
    /^flowchart TD$/,
    new RegExp(`^n\\d+\\[${quoted}\\]:::[a-z]+$`),
    /^n\d+ -->\|"[^"|<>]*"\| n\d+$/,
    /^subgraph g\d+ \["[^"]*"\]$/,
    /^end$/,
    /^classDef [a-z]+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}$/,
  ];
  let depth = 0;
  for (const line of text
    .trimEnd()
    .split('\n')
    .map((one) => one.trim())) {
    assert.ok(
      forms.some((form) => form.test(line)),
      line,
    );
    if (line.startsWith('subgraph')) depth++;
    if (line === 'end') depth--;
    assert.ok(depth >= 0);
  }
  assert.equal(depth, 0);
}
