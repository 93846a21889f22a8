// `npm test`: installs what is missing, builds and packages once, then runs every suite and sums up.
//
//   npm test                                everything
//   npm test -- --only unit,server          some suites
//   npm test -- --skip-package              with the .vsix and the dist/ that are there
//   npm test -- --also-failed "npm run check"    counts something that failed before
//
// The last line is `N passed, N failed`. A suite that crashes, hangs, leaves something running or has no tests
// counts as a failure, whatever its tests said.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureDependencies, Failure, flag, killGroup, main, option, root, spawnGroup } from './run.mjs';

const minute = 60_000;
/** In the order of their cost, so that the cheap ones speak first. The limits are for a slow, shared machine. */
const suites = [
  { name: 'unit', limit: 5 * minute, wishes: ['onnxModels'] },
  { name: 'differential', limit: 6 * minute },
  { name: 'server', limit: 4 * minute, needs: ['package'] },
  { name: 'sidecar', limit: 10 * minute, needs: ['package'] },
  { name: 'webview', limit: 8 * minute, needs: ['package', 'chromium'] },
  {
    name: 'host',
    limit: 8 * minute,
    needs: ['package', 'chromium', 'vscode'],
    program: ['test/host/run.mjs'],
  },
  { name: 'browser', limit: 18 * minute, needs: ['package', 'chromium', 'vscode'] },
];
/** How long a suite whose tests are all done may take to end by itself. */
const patienceAtTheEnd = 20_000;

const resultsFolder = path.join(root, 'test-results');

await main(async () => {
  try {
    await testEverything();
  } catch (error) {
    // Whoever reads only the closing line must not miss it.
    console.error(error instanceof Failure ? `✗ ${error.message}` : error);
    console.log('\n0 passed, 1 failed');
    process.exitCode = 1;
  }
});

async function testEverything() {
  const chosen = chooseSuites(option('only'));
  await ensureDependencies();
  // A native backend that the developer has installed for every sidecar is none of the tests'.
  const userData = mkdtempSync(path.join(tmpdir(), 'layerwise-user-'));
  process.on('exit', () => rmSync(userData, { recursive: true, force: true }));
  const environment = { ...process.env, XDG_DATA_HOME: userData, LOCALAPPDATA: userData };
  const unready = await prepare(chosen, environment);

  mkdirSync(resultsFolder, { recursive: true });
  const outcomes = [];
  const before = option('also-failed');
  if (before) outcomes.push(outcome(before, [], [`${before} failed; see above`], 0));
  for (const suite of chosen) {
    const obstacle = suite.needs?.map((need) => unready.get(need)).find((message) => message);
    if (obstacle) outcomes.push(outcome(suite.name, [], [obstacle], 0));
    else outcomes.push(await runSuite(suite, environment));
  }
  const failed = summarize(outcomes);
  if (failed > 0) process.exitCode = 1;
}

function chooseSuites(only) {
  if (only === undefined) return suites;
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new Failure(
      `Unknown suite ${unknown.join(', ')}; there is ${suites.map(({ name }) => name).join(', ')}`,
    );
  }
  return suites.filter(({ name }) => names.includes(name));
}

/**
 * Gets ready what the chosen suites need. What cannot be had fails the suites that need it, not the others.
 * @returns {Promise<Map<string, string>>} the needs that could not be met, each with the reason
 */
async function prepare(chosen, environment) {
  const wanted = new Set(chosen.flatMap(({ needs }) => needs ?? []));
  const unready = new Map();
  const attempt = async (need, body) => {
    if (!wanted.has(need)) return;
    try {
      await body();
    } catch (error) {
      const message = error instanceof Failure ? error.message : String(error?.stack ?? error);
      console.error(`✗ ${message}`);
      unready.set(need, `not run: ${message.split('\n')[0]}`);
    }
  };
  if (chosen.some(({ wishes }) => wishes?.includes('onnxModels'))) await installOnnxModels();
  // Imported only now: they need what `npm ci` installs.
  await attempt('package', async () => {
    const { packageExtension } = await import('./package.mjs');
    if (flag('skip-package')) environment.LAYERWISE_VSIX = newestVsix();
    else environment.LAYERWISE_VSIX = await packageExtension({ quiet: true });
  });
  await attempt('chromium', async () => {
    const { ensureChromium } = await import('./chromium.mjs');
    environment.CHROMIUM_PATH = await ensureChromium();
  });
  await attempt('vscode', async () => {
    const { installVsCode } = await import('./installVsCode.mjs');
    await installVsCode();
  });
  return unready;
}

/** The ONNX project's own models, 6 MB. Without them the tests that want them say so and are pending. */
async function installOnnxModels() {
  if (existsSync('/usr/share/libonnx-testdata')) return;
  const { installDebianPackages } = await import('./debianPackages.mjs');
  await installDebianPackages(['libonnx-testdata']).catch((error) => console.error(error.message));
}

function newestVsix() {
  const name = readdirSync(root).find((file) => file.endsWith('.vsix'));
  if (!name) throw new Failure('There is no .vsix; run npm run package');
  return path.join(root, name);
}

// --- one suite -------------------------------------------------------------------------------------------------------

function outcome(name, results, troubles, seconds) {
  const of = (kind) => results.filter((result) => result.kind === kind);
  return { name, passed: of('passed'), failed: of('failed'), pending: of('pending'), troubles, seconds };
}

/** Runs one suite in a process of its own, its output streamed, and reads what its tests reported. */
async function runSuite(suite, environment) {
  console.log(`\n━━━ ${suite.name} ${'━'.repeat(Math.max(0, 100 - suite.name.length))}`);
  const resultsFile = path.join(resultsFolder, `${suite.name}.jsonl`);
  rmSync(resultsFile, { force: true });
  const started = Date.now();
  const troubles = [];
  if (!suite.program && !hasTests(suite.name)) {
    troubles.push(`test/${suite.name} holds no tests`);
    console.log(`✗ ${troubles[0]}`);
    return outcome(suite.name, [], troubles, 0);
  }

  const mocha = [
    ...['--import', 'tsx', path.join(root, 'node_modules/mocha/bin/mocha.js')],
    ...['--reporter', path.join(root, 'scripts/testReporter.mjs'), `test/${suite.name}/**/*.test.ts`],
  ];
  const child = spawnGroup(process.execPath, suite.program ?? mocha, {
    cwd: root,
    env: { ...environment, LAYERWISE_TEST_RESULTS: resultsFile },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const timer = setTimeout(() => {
    troubles.push(`killed: it took more than ${suite.limit / minute} minutes`);
    killGroup(child.pid, 'SIGKILL');
  }, suite.limit);
  // Mocha ends by itself when nothing is left running. What stays is a leak, and would stay for the user, too.
  let doneSince;
  const watch = setInterval(() => {
    if (!testsAreDone(resultsFile)) return;
    doneSince ??= Date.now();
    if (Date.now() - doneSince < patienceAtTheEnd) return;
    troubles.push('killed: its tests were done, but something they started was still running');
    killGroup(child.pid, 'SIGKILL');
    clearInterval(watch);
  }, 2000);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  clearTimeout(timer);
  clearInterval(watch);

  const results = readResults(resultsFile);
  const sum = outcome(suite.name, results, troubles, (Date.now() - started) / 1000);
  if (troubles.length === 0) {
    const ended = results.some(({ kind }) => kind === 'end');
    if (!ended) troubles.push(`crashed: ended with ${code} before its tests were done`);
    else if (code !== 0 && sum.failed.length === 0)
      troubles.push(`ended with ${code} although no test failed`);
    else if (sum.passed.length + sum.failed.length === 0) troubles.push('ran no test');
  }
  for (const trouble of troubles) console.log(`✗ ${suite.name}: ${trouble}`);
  return sum;
}

function hasTests(name) {
  const folder = path.join(root, 'test', name);
  return (
    existsSync(folder) && readdirSync(folder, { recursive: true }).some((file) => file.endsWith('.test.ts'))
  );
}

function testsAreDone(resultsFile) {
  return existsSync(resultsFile) && readFileSync(resultsFile, 'utf8').endsWith('{"kind":"end"}\n');
}

function readResults(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line ? [JSON.parse(line)] : [];
      } catch {
        // The last line of a process that was killed while writing it.
        return [];
      }
    });
}

// --- the end -----------------------------------------------------------------------------------------------------------

/** Prints every failure again, the table, what is pending, and the closing line. @returns the number of failures */
function summarize(outcomes) {
  const everyFailure = outcomes.flatMap(({ name, failed, troubles }) => [
    ...failed.map(({ title, message }) => `${name}: ${title}\n      ${String(message).split('\n')[0]}`),
    ...troubles.map((trouble) => `${name}: ${trouble}`),
  ]);
  if (everyFailure.length > 0) console.log(`\nFailed:\n  ${everyFailure.join('\n  ')}`);

  const rows = outcomes.map(({ name, passed, failed, pending, troubles, seconds }) => [
    name,
    passed.length,
    failed.length + troubles.length,
    pending.length,
    `${seconds.toFixed(0)} s`,
  ]);
  const widths = [Math.max(16, ...rows.map(([name]) => name.length)), 8, 8, 8, 8];
  const print = (cells) => console.log(cells.map((cell, i) => pad(String(cell), widths[i], i)).join(' '));
  console.log();
  print(['suite', 'passed', 'failed', 'pending', 'time']);
  for (const row of rows) print(row);

  const pending = outcomes.flatMap(({ name, pending: list }) =>
    list.map((test) => ({ suite: name, ...test })),
  );
  if (pending.length > 0) console.log();
  for (const { suite, title, reason } of pending) {
    console.log(`pending: ${suite}: ${title} (${reason ?? 'no reason given'})`);
  }
  const passed = outcomes.reduce((sum, each) => sum + each.passed.length, 0);
  const failed = everyFailure.length;
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed;
}

function pad(text, width, column) {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
