// Runs test/host/suite/*.test.ts with mocha inside the extension host of a real VS Code.
//
//   node test/host/run.mjs [--suite folder] [--extension folder] [--limit seconds] [--verbose]
//
// The real VS Code server runs with its smoke test driver, headless Chromium opens its workbench with the address
// parameters of extension tests, and the extension host loads the bundled tests. The exit code is 0 only if the
// extension host says so AND the tests' own results say that tests ran and none failed: a throw at load, a hang, a
// crash of the page and a suite without tests are failures.
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import * as esbuild from 'esbuild';
import { chromium } from 'playwright-core';
import { chromiumArguments, ensureChromium } from '../../scripts/chromium.mjs';
import { Failure, flag, main, option, removeAtExit, root } from '../../scripts/run.mjs';
import { startServer } from '../../scripts/vscodeServer.mjs';

const suite = path.resolve(option('suite') ?? path.join(root, 'test/host/suite'));
const extension = path.resolve(option('extension') ?? root);
const limit = Number(option('limit') ?? 420) * 1000;
const bundle = path.join(root, 'dist/test-host');

await main(async () => {
  const results =
    process.env.LAYERWISE_TEST_RESULTS ?? path.join(temporaryFolder('results'), 'results.jsonl');
  rmSync(results, { force: true });
  await bundleTests();
  const workspace = prepareWorkspace();
  const code = await runInExtensionHost(workspace, results);
  const trouble = judge(code, results);
  if (trouble) throw new Failure(`host tests: ${trouble}`);
});

function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(os.tmpdir(), `layerwise-host-${name}-`));
  removeAtExit(folder);
  return folder;
}

/** One file with mocha's start and all tests: index.ts imports nothing by name, so that the suite can be another. */
async function bundleTests() {
  const files = readdirSync(suite)
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
  rmSync(bundle, { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    // Mocha must be one instance, and knows itself by its files.
    external: ['vscode', 'mocha'],
    entryPoints: {
      index: path.join(root, 'test/host/index.ts'),
      ...Object.fromEntries(
        files.map((file) => [`suite/${file.replace(/\.ts$/, '')}`, path.join(suite, file)]),
      ),
    },
    outdir: bundle,
  });
}

/** A copy of examples/: the tests edit and train. It knows tfjs's types, as a real project would. */
function prepareWorkspace() {
  const workspace = temporaryFolder('workspace');
  cpSync(path.join(root, 'examples'), workspace, {
    recursive: true,
    filter: (file) => path.basename(file) !== '.layerwise',
  });
  writeFileSync(path.join(workspace, 'plain.ts'), 'export const answer: number = 6 * 7;\n');
  symlinkSync(path.join(root, 'node_modules'), path.join(workspace, 'node_modules'), 'junction');
  return workspace;
}

/** @returns {Promise<number | string>} the extension host's exit code, or what went wrong */
async function runInExtensionHost(workspace, results) {
  const executablePath = await ensureChromium();
  const server = await startServer({
    smokeTestDriver: true,
    env: { LAYERWISE_TEST_RESULTS: results },
    // In the browser, VS Code saves by itself: an edit of one test would reach the next.
    settings: { 'layerwise.training.epochs': 1, 'files.autoSave': 'off', 'git.enabled': false },
    logFile: path.join(root, 'test-results/host-server.log'),
  });
  const browser = await chromium.launch({ executablePath, headless: true, args: chromiumArguments });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const outcome = new Promise((resolve) => {
      page.on('crash', () => resolve('the page crashed'));
      void server.exited.then(() => resolve('the VS Code server ended'));
      setTimeout(() => resolve(`no result within ${limit / 1000} seconds`), limit).unref();
      void page.exposeFunction('codeAutomationExit', resolve);
    });
    await page.exposeFunction('codeAutomationLog', (type, args) => {
      const text = format(...args);
      // index.ts marks the lines of mocha's reporter; the rest is VS Code's own log.
      if (text.startsWith('@@ ')) console.log(text.slice(3));
      else if (flag('verbose')) console.error(`[${type}] ${text}`);
    });
    const payload = [
      ['extensionDevelopmentPath', server.remoteUri(extension)],
      ['extensionTestsPath', server.remoteUri(path.join(bundle, 'index.js'))],
      ['skipWelcome', 'true'],
    ];
    await page.goto(server.address(workspace, payload), { timeout: 120_000 });
    const code = await outcome;
    if (code !== 0)
      await page.screenshot({ path: path.join(root, 'test-results/host-failed.png') }).catch(() => {});
    return code;
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** @returns {string | undefined} why this run is no success */
function judge(code, results) {
  const lines = existsSync(results) ? readFileSync(results, 'utf8').trim().split('\n') : [];
  const kinds = lines.filter(Boolean).map((line) => JSON.parse(line).kind);
  const count = (kind) => kinds.filter((each) => each === kind).length;
  if (typeof code === 'string') return code;
  if (count('failed') > 0) return `${count('failed')} failed`;
  if (!kinds.includes('end'))
    return `the tests did not run to their end (exit code ${code}; see test-results/host-server.log)`;
  if (code !== 0) return `the extension host ended with ${code}`;
  if (count('passed') === 0) return 'no test ran';
  return undefined;
}
