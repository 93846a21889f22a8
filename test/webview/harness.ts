/**
 * A webview's bundle alone in a real Chromium: the page that `webviewHtml` makes, with its content security policy,
 * VS Code's theme variables, and an `acquireVsCodeApi` that records what is posted.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { build } from 'esbuild';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import type { ExportOptions } from '../../protocol/webview';
import { chromiumArguments } from '../../scripts/chromium.mjs';
import { createNonce, webviewHtml } from '../../webview/shell';
import { type ThemeName, themes } from './themes';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const bundles = path.join(root, 'test-results/webview-bundles');
const screenshots = path.join(root, 'test-results/webview');

export type PanelName = 'diagram' | 'training' | 'classify' | 'comparison';

export interface Panel {
  page: Page;
  send(message: unknown): Promise<void>;
  /** Everything posted so far, oldest first. */
  posted(): Promise<{ type: string; [key: string]: unknown }[]>;
  state(): Promise<unknown>;
  screenshot(name: string): Promise<void>;
  /** @param within A selector; absent: the whole page. */
  checkAccessibility(within?: string): Promise<void>;
  /** Asserts that nothing broke the policy and nothing was thrown, then closes the page. */
  close(): Promise<void>;
}

export interface PanelOptions {
  theme?: ThemeName;
  width?: number;
  height?: number;
  /** What `getState` returns, as after the panel was hidden. */
  state?: unknown;
  reducedMotion?: boolean;
}

let browser: Browser;
let server: Server;
let origin: string;

let built: Promise<unknown> | undefined;

/** `before(startHarness)`, `after(stopHarness)`. */
export async function startHarness(): Promise<void> {
  // Built here, so that the tests never see a stale bundle and never disturb dist/.
  built ??= build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      ['diagram', 'training', 'classify', 'comparison'].map((name) => [
        `webview/${name}`,
        `webview/${name}/main.tsx`,
      ]),
    ),
    outdir: bundles,
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'browser',
    target: 'es2022',
    chunkNames: 'webview/chunk-[hash]',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'error',
  });
  await built;
  mkdirSync(screenshots, { recursive: true });
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const panel = /^\/page\/(\w+)$/.exec(url.pathname)?.[1];
    if (panel) {
      const html = webviewHtml({
        cspSource: origin,
        nonce: createNonce(),
        scriptUri: `${origin}/webview/${panel}.js`,
        styleUri: `${origin}/webview/${panel}.css`,
        title: 'Layerwise',
      });
      const theme = themes[(url.searchParams.get('theme') ?? 'dark') as ThemeName];
      response.setHeader('content-type', 'text/html; charset=utf-8');
      // VS Code itself puts the class there before any script runs.
      response.end(html.replace('<body>', `<body class="${theme.bodyClass}">`));
      return;
    }
    if (url.pathname === '/favicon.ico') {
      response.statusCode = 204;
      response.end();
      return;
    }
    const file = path.join(bundles, path.normalize(url.pathname));
    readFile(file).then(
      (content) => {
        response.setHeader('content-type', file.endsWith('.css') ? 'text/css' : 'text/javascript');
        response.end(content);
      },
      () => {
        response.statusCode = 404;
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: chromiumArguments,
  });
}

export async function stopHarness(): Promise<void> {
  await browser?.close();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
}

export async function openPanel(name: PanelName, options: PanelOptions = {}): Promise<Panel> {
  const { theme = 'dark', width = 1200, height = 800, state, reducedMotion = true } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    reducedMotion: reducedMotion ? 'reduce' : 'no-preference',
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') failures.push(`console: ${message.text()}`);
  });
  // tsx wraps named functions in a helper that the page does not have.
  await page.addInitScript('globalThis.__name = (named) => named');
  await page.addInitScript(
    ({ variables, saved }) => {
      const recorded = { posted: [] as unknown[], state: saved as unknown, violations: [] as string[] };
      Object.assign(window, { recorded });
      document.addEventListener('securitypolicyviolation', (event) =>
        recorded.violations.push(
          `${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
        ),
      );
      Object.assign(window, {
        acquireVsCodeApi: () => ({
          postMessage: (message: unknown) => recorded.posted.push(structuredClone(message)),
          getState: () => recorded.state,
          setState: (next: unknown) => {
            recorded.state = structuredClone(next);
          },
        }),
      });
      const apply = () => {
        if (!document.documentElement) return false;
        for (const [variable, value] of Object.entries(variables)) {
          document.documentElement.style.setProperty(`--vscode-${variable}`, value);
        }
        return true;
      };
      if (!apply())
        new MutationObserver((_, observer) => apply() && observer.disconnect()).observe(document, {
          childList: true,
        });
    },
    { variables: themes[theme].variables, saved: state },
  );
  await page.goto(`${origin}/page/${name}?theme=${theme}`);
  const recorded = <Result>(pick: string) =>
    page.evaluate(
      (key) => (window as unknown as { recorded: Record<string, unknown> }).recorded[key],
      pick,
    ) as Promise<Result>;
  // Not `waitForFunction`: it evaluates text later, which the policy under test forbids.
  const deadline = Date.now() + 20_000;
  while (!(await recorded<{ type: string }[]>('posted')).some(({ type }) => type === 'ready')) {
    assert.ok(Date.now() < deadline, `${name} never said ready: ${failures.join('; ')}`);
    await page.waitForTimeout(25);
  }
  return {
    page,
    async send(message) {
      // ArrayBuffers do not survive Playwright's own serialization; they travel as plain numbers and are made whole there.
      await page.evaluate((plain) => {
        const whole = (value: unknown): unknown => {
          if (typeof value !== 'object' || value === null) return value;
          if (Array.isArray(value)) return value.map(whole);
          if ('floats' in value) return new Float32Array(value.floats as number[]).buffer;
          if ('bytes' in value) return new Uint8Array(value.bytes as number[]).buffer;
          return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, whole(part)]));
        };
        window.postMessage(whole(plain), '*');
      }, withoutBuffers(message));
      await settle(page);
    },
    posted: () => recorded('posted'),
    state: () => recorded('state'),
    async screenshot(label) {
      await settle(page);
      await page.screenshot({ path: path.join(screenshots, `${label}.png`) });
    },
    async checkAccessibility(within) {
      await settle(page);
      // As a function's text, because the page's policy allows no script of ours.
      await page.evaluate(axe.source);
      const violations = await page.evaluate(async (selector) => {
        const result = await (window as unknown as { axe: typeof axe }).axe.run(selector ?? document, {
          // Landmarks and titles of the page around a webview are VS Code's.
          rules: { 'document-title': { enabled: false } },
        });
        return result.violations.map(({ id, help, nodes }) => ({
          id,
          help,
          nodes: nodes
            .slice(0, 5)
            .map(({ html, failureSummary }) => `${html.slice(0, 200)}\n${failureSummary}`),
        }));
      }, within);
      assert.deepEqual(violations, []);
    },
    async close() {
      const violations = await recorded<string[]>('violations');
      await context.close();
      assert.deepEqual({ violations, failures }, { violations: [], failures: [] });
    },
  };
}

/** Two frames: one for the message and Preact, one for what its effects change. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 30))),
      ),
  );
}

function withoutBuffers(value: unknown): unknown {
  if (value instanceof Float32Array) return { floats: [...value] };
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(withoutBuffers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutBuffers(part)]));
}

/** What a person sees of it, unlike its text content. */
export function visibleText(locator: Locator): Promise<string> {
  return locator.innerText();
}

/** Asks the panel for its drawing as a file, as the extension does. */
export async function exportOf(panel: Panel, options: ExportOptions): Promise<string> {
  const before = (await panel.posted()).length;
  await panel.send({ type: 'export', ...options });
  for (let waits = 0; waits < 200; waits++) {
    const answers = (await panel.posted()).slice(before);
    const made = answers.find(({ type }) => type === 'exported');
    if (made) return made['content'] as string;
    const failed = answers.find(({ type }) => type === 'exportFailed');
    assert.equal(failed, undefined, String(failed?.['message']));
    await panel.page.waitForTimeout(50);
  }
  throw new Error('No export came.');
}
