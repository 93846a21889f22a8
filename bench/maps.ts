/** (h) All maps of a layer drawn, against the browser decoding a PNG of the same pixels: both in one Chromium. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { compare, type Row, summarize } from './measure';

interface Times {
  ours: number[];
  png: number[];
}

export async function mapsBench(): Promise<Row[]> {
  const { outputFiles } = await build({
    entryPoints: ['bench/maps/page.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    minify: true,
  });
  const script = outputFiles[0]!.text;
  // From a server, because pages without an origin may not read their canvases.
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : '<!doctype html><title>maps</title><script src="page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const measure = (side: number, maps: number, layout: string): Promise<Times> =>
      page.evaluate(
        (layer) => (window as unknown as { measure(layer: object): Promise<Times> }).measure(layer),
        { side, maps, layout },
      );
    const rows: Row[] = [];
    for (const [side, maps, layout] of [
      [224, 64, 'channelsLast'],
      [224, 64, 'channelsFirst'],
      [28, 512, 'channelsLast'],
    ] as const) {
      const { ours, png } = await measure(side, maps, layout);
      rows.push(
        compare(
          `(h) ${maps} maps of ${side}×${side} drawn, ${layout === 'channelsLast' ? 'channels last' : 'channels first'} / a PNG of the same pixels decoded`,
          summarize(ours),
          summarize(png),
          1,
          'ms',
        ),
      );
    }
    return rows;
  } finally {
    await browser.close();
    server.close();
  }
}
