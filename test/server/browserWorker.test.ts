import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { chromiumArguments, ensureChromium } from '../../scripts/chromium.mjs';
import { lenet5Hints } from '../harness/lenet5';

/** The server's other form: a worker of a browser, as VS Code for the Web starts it. */
describe('language server in a browser worker', function () {
  this.timeout(120_000);
  let web: Server;
  let browser: Browser;
  before(async () => {
    web = createServer((request, response) => {
      const isScript = request.url === '/server.browser.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
      response.end(
        isScript ? readFileSync('dist/server.browser.js') : '<!doctype html><title>worker</title>',
      );
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArguments });
  });
  after(async () => {
    await browser?.close();
    web?.close();
  });

  it('gives LeNet-5’s hints, with an imported file read through the client', async () => {
    const page = await browser.newPage();
    // The loader of these tests names functions through a helper that the page lacks.
    await page.addInitScript('globalThis.__name = (fn) => fn');
    await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`);
    const labels = await page.evaluate(
      async (text) => {
        const worker = new Worker('/server.browser.js');
        const waiting = new Map<number, (result: unknown) => void>();
        worker.onerror = (event) => console.error(event.message);
        worker.onmessage = ({ data }) => {
          if (data.method === 'layerwise/readFile') {
            const found = data.params.uri === 'vscode-vfs://github/someone/net/sizes.ts';
            worker.postMessage({
              jsonrpc: '2.0',
              id: data.id,
              result: { text: found ? 'export const classes = 10;' : null },
            });
          } else if (data.method && data.id !== undefined) {
            worker.postMessage({ jsonrpc: '2.0', id: data.id, result: null });
          } else if (data.id !== undefined) waiting.get(data.id)?.(data.result);
        };
        let next = 0;
        const request = (method: string, params: unknown) =>
          new Promise<unknown>((resolve) => {
            next += 1;
            waiting.set(next, resolve);
            worker.postMessage({ jsonrpc: '2.0', id: next, method, params });
          });
        const notify = (method: string, params: unknown) =>
          worker.postMessage({ jsonrpc: '2.0', method, params });
        await request('initialize', { processId: null, rootUri: null, capabilities: {} });
        notify('initialized', {});
        const uri = 'vscode-vfs://github/someone/net/model.ts';
        notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } });
        const hints = (await request('textDocument/inlayHint', {
          textDocument: { uri },
          range: { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } },
        })) as { label: { value: string }[] }[];
        return hints.map((hint) => hint.label.map(({ value }) => value).join(''));
      },
      `import { classes } from './sizes';\n${readFileSync('examples/lenet5.ts', 'utf8').replace('units: 10', 'units: classes')}`,
    );
    assert.deepEqual(labels, lenet5Hints);
  });
});
