/**
 * (i) and (j): large models in the diagram, against elkjs's plain use in the same Chromium, and edits of VGG-19. Netron
 * would be the better measure; its browser build is in no package registry, so it cannot be had in a run like this.
 */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import type { CDPSession, Page } from 'playwright-core';
import { analyze } from '../language-server/analysis/analyze';
import { toWire, type WireModelGraph } from '../protocol/modelGraph';
import { openPanel, startHarness, stopHarness } from '../test/webview/harness';
import { buildScene } from '../webview/diagram/scene';
import type { PlainGraph } from './elkPlain';
import { compare, quantile, type Row, summarize } from './measure';

const noFiles = { readFile: () => undefined };
/** A layout that takes longer is ended, and counts as this long. */
const patience = 150_000;
const pannedFrames = 120;
const mostMegabytes = 300;

/** Residual blocks: four layers each, with a shortcut. */
function residual(blocks: number): WireModelGraph {
  const { models } = analyze(
    '/deep.ts',
    `import * as tf from '@tensorflow/tfjs';
const input = tf.input({ shape: [32, 32, 16] });
let x = input;
for (let i = 0; i < ${blocks}; i++) {
  let y = tf.layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', useBias: false }).apply(x);
  y = tf.layers.batchNormalization().apply(y);
  y = tf.layers.reLU().apply(y);
  x = tf.layers.add().apply([x, y]);
}
const deep = tf.model({ inputs: input, outputs: x });`,
    noFiles,
  );
  const graph = toWire(models[0]!);
  if (graph.layers.length !== 4 * blocks + 1) throw new Error(`${graph.layers.length} layers were seen`);
  return graph;
}

function plain(graph: WireModelGraph): PlainGraph {
  const { items, edges } = buildScene(graph, []);
  return {
    nodes: items.map(({ key, title, paramsText }) => ({ id: key, title, text: paramsText })),
    edges: edges.map(({ from, to, shape }) => ({ from, to, text: shape?.slice(1).join('×') ?? '?' })),
  };
}

const message = (graph: WireModelGraph) => ({
  type: 'graphs',
  title: 'deep.ts',
  origin: 'program',
  canClassify: false,
  graphs: [graph],
  problems: [],
});

async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 2 ** 20;
}

/** What the page measures of our panel. The functions run there. */
async function openOurs(page: Page, graph: WireModelGraph): Promise<{ first: number; full: number }> {
  await page.evaluate((sent) => Object.assign(window, { sent }), message(graph));
  const first = await page.evaluate(async () => {
    const begun = performance.now();
    window.postMessage((window as unknown as { sent: unknown }).sent, '*');
    while (!document.querySelector('.picture .layer')) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
  });
  await page.getByRole('button', { name: 'Graph', exact: true }).click();
  await page.waitForTimeout(500);
  const full = await page.evaluate(async (count) => {
    const begun = performance.now();
    document.querySelector<HTMLElement>('[aria-label="Fold blocks and repetitions"]')!.click();
    // Laid out: the minimap, or at least the canvas or the elements, show far more than the folded drawing did.
    const shown = () =>
      [...document.querySelectorAll('.minimap path')].reduce(
        (sum, path) => sum + (path.getAttribute('d')?.split('M').length ?? 1) - 1,
        0,
      );
    while (shown() < count) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
  }, graph.layers.length);
  return { first, full };
}

/** Milliseconds between frames while the drawing is dragged. */
function panOurs(page: Page, frames: number): Promise<number[]> {
  return page.evaluate(async (count) => {
    const canvas = document.querySelector('.canvas')!;
    const box = canvas.getBoundingClientRect();
    const send = (type: string, y: number) =>
      canvas.dispatchEvent(
        new PointerEvent(type, {
          bubbles: true,
          button: type === 'pointermove' ? -1 : 0,
          buttons: 1,
          clientX: box.left + 40,
          clientY: box.bottom - 20 - y,
          pointerId: 1,
        }),
      );
    // A pointer that no hand holds cannot be captured.
    Element.prototype.setPointerCapture = () => undefined;
    send('pointerdown', 0);
    const times: number[] = [];
    let before = await new Promise<number>(requestAnimationFrame);
    for (let frame = 1; frame <= count; frame++) {
      send('pointermove', frame * 12);
      const now = await new Promise<number>(requestAnimationFrame);
      times.push(now - before);
      before = now;
    }
    send('pointerup', count * 12);
    return times;
  }, frames);
}

async function plainPage(page: Page, bundle: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.setContent('<body></body>');
  await other.addScriptTag({ content: bundle });
  return other;
}

/** Milliseconds; or why there is no picture: it takes longer than anyone waits, or the library gives up. */
async function openPlain(page: Page, graph: PlainGraph): Promise<number | string> {
  type Opened = { elkPlain: { open(graph: PlainGraph): Promise<number> } };
  const opened = page
    .evaluate((given) => (window as unknown as Opened).elkPlain.open(given), graph)
    .catch((error: Error) => `fails: ${/\w+Error: [^\n]*/.exec(error.message)?.[0] ?? error.message}`);
  const limit = new Promise<string>((resolve) =>
    setTimeout(() => resolve(`not within ${patience / 1000} s`), patience).unref(),
  );
  return Promise.race([opened, limit]);
}

const once = (value: number) => summarize([value]);

async function largeModel(blocks: number, bundle: string): Promise<Row[]> {
  const graph = residual(blocks);
  const name = `(i) ${graph.layers.length.toLocaleString('en')} layers`;
  const panel = await openPanel('diagram', { theme: 'light' });
  const session = await panel.page.context().newCDPSession(panel.page);
  const empty = await heap(session);
  const ours = await openOurs(panel.page, graph);
  const ourFrames = (await panOurs(panel.page, pannedFrames)).sort((a, b) => a - b);
  const ourHeap = (await heap(session)) - empty;

  const other = await plainPage(panel.page, bundle);
  const otherSession = await panel.page.context().newCDPSession(other);
  const otherEmpty = await heap(otherSession);
  const theirs = await openPlain(other, plain(graph));
  const rows = [
    againstPlain(
      `${name}, folded first / elkjs and SVG for all of it: first picture`,
      ours.first,
      theirs,
      'ms',
    ),
    againstPlain(`${name}, all unfolded / the same: laid out`, ours.full, theirs, 'ms'),
  ];
  type Panned = { elkPlain: { pan(frames: number): Promise<number[]> } };
  const theirFrames =
    typeof theirs === 'number'
      ? (
          await other.evaluate((frames) => (window as unknown as Panned).elkPlain.pan(frames), pannedFrames)
        ).sort((a, b) => a - b)
      : undefined;
  for (const [what, share, most] of [
    ['median', 0.5, 17],
    ['95th percentile', 0.95, 34],
  ] as const) {
    const [our, their] = [quantile(ourFrames, share), theirFrames && quantile(theirFrames, share)];
    rows.push({
      what: `${name}: a frame while panning, ${what} of ${pannedFrames}`,
      ours: `${our.toFixed(1)} ms`,
      theirs: their === undefined ? 'never drawn' : `${their.toFixed(1)} ms`,
      ratio: their === undefined ? '' : `${(their / our).toFixed(1)}×`,
      goal: `≤ ${most} ms`,
      reached: our <= most,
    });
  }
  const theirHeap = typeof theirs === 'number' ? (await heap(otherSession)) - otherEmpty : 'never drawn';
  rows.push({
    ...againstPlain(`${name}: memory of scripts`, ourHeap, theirHeap, 'MB'),
    goal: `≤ ${mostMegabytes} MB`,
    reached: ourHeap <= mostMegabytes,
  });
  await other.close();
  await panel.close();
  return rows;
}

/** Where the other side has no figure, ours is better. */
function againstPlain(what: string, ours: number, theirs: number | string, unit: string): Row {
  if (typeof theirs === 'number') return compare(what, once(ours), once(theirs), 1, unit);
  const row = compare(what, once(ours), once(ours), 1, unit);
  return { ...row, theirs, ratio: '' };
}

/** An edit in the source of VGG-19 until its drawing shows it, the analysis included on both sides. */
async function edits(bundle: string): Promise<Row[]> {
  const source = readFileSync('examples/vgg19.ts', 'utf8');
  const panel = await openPanel('diagram', { theme: 'light' });
  const graphOf = (units: number) =>
    toWire(analyze('/vgg19.ts', source.replace('units: 4096', `units: ${units}`), noFiles).models[0]!);
  await panel.send(message(graphOf(4096)));
  await panel.page.getByRole('button', { name: 'Graph', exact: true }).click();
  const other = await plainPage(panel.page, bundle);
  await openPlain(other, plain(graphOf(4096)));
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let edit = 0; edit < 12; edit++) {
    const units = 3000 + edit;
    const begun = performance.now();
    const graph = graphOf(units);
    const analysed = performance.now() - begun;
    // A page behind another one draws one frame a second.
    await panel.page.bringToFront();
    await panel.page.evaluate((sent) => Object.assign(window, { sent }), message(graph));
    const drawn = await panel.page.evaluate(async (text) => {
      const start = performance.now();
      window.postMessage((window as unknown as { sent: unknown }).sent, '*');
      const isShown = () =>
        [...document.querySelectorAll('.picture .edge-label')].some(
          ({ textContent }) => textContent === text,
        );
      while (!isShown()) await new Promise(requestAnimationFrame);
      return performance.now() - start;
    }, String(units));
    await other.bringToFront();
    const full = await openPlain(other, plain(graph));
    // The first rounds warm both up.
    if (edit < 2) continue;
    ours.push(analysed + drawn);
    if (typeof full !== 'number') throw new Error(full);
    theirs.push(analysed + full);
  }
  await other.close();
  await panel.close();
  return [
    compare(
      '(j) an edit of vgg19.ts / the same with elkjs laying out all anew: until it is drawn',
      summarize(ours),
      summarize(theirs),
      1,
      'ms',
    ),
  ];
}

export async function diagramBench(): Promise<Row[]> {
  const { outputFiles } = await build({
    entryPoints: ['bench/elkPlain.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
    outdir: 'out',
  });
  const bundle = outputFiles[0]!.text;
  await startHarness();
  try {
    return [
      ...(await largeModel(250, bundle)),
      ...(await largeModel(2500, bundle)),
      ...(await edits(bundle)),
    ];
  } finally {
    await stopHarness();
  }
}
