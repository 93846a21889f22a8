/**
 * TensorFlow's own library, installed here for real: fetched, compiled against TensorFlow's wheel, proven, put in place,
 * found by the ladder, trained with. Skipped, saying so, where npm or pip cannot fetch.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { InstallProgress } from '../../protocol/sidecar';
import { SidecarRequestError } from '../../sidecar/connect';
import { lenet5 } from './support/graphs';
import {
  buildSidecar,
  cleanUp,
  eventsOf,
  launchSidecar,
  script,
  shortTraining,
  temporaryFolder,
} from './support/process';

/** What is left in the folder, apart from logs. */
const remains = (folder: string) => readdirSync(folder).filter((name) => !name.endsWith('.log'));

/** Processes that run in or on a folder. */
function processesIn(folder: string): string[] {
  const commands = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return commands.filter((command) => command.includes(folder));
}

/** A process's children that lead groups of their own: the programs that it runs. */
function groupsOf(parent: number): number[] {
  return processes()
    .filter(({ ppid, pid, pgid }) => ppid === parent && pid === pgid)
    .map(({ pid }) => pid);
}

function membersOf(group: number): number[] {
  return processes()
    .filter(({ pgid, state }) => pgid === group && !state.startsWith('Z'))
    .map(({ pid }) => pid);
}

function processes(): { pid: number; ppid: number; pgid: number; state: string }[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state='], { encoding: 'utf8' });
  return list
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, ppid, pgid, state = '']) => ({
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      state,
    }));
}

async function eventually(what: string, isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 80 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(isSo(), what);
}

describe('installing the native backend', function () {
  this.timeout(400_000);
  before(buildSidecar);
  afterEach(cleanUp);

  it('gives a TensorFlow that the ladder takes and that trains', async function () {
    const storage = temporaryFolder();
    const folder = path.join(storage, 'native-backend');
    const installer = launchSidecar();
    const steps: InstallProgress[] = [];
    installer.onInstallProgress((progress) => steps.push(progress));
    let verdict = '';
    try {
      const result = await installer.request('installNativeBackend', {
        folder,
        device: 'cpu',
        source: 'wheel',
      });
      assert.equal(result.cancelled, false);
      verdict = result.verdict;
      const { native, wasm } = result.stepMilliseconds ?? assert.fail('nothing was measured');
      assert.ok(native > 0 && wasm > 0);
      assert.match(
        readFileSync(result.logFile, 'utf8'),
        /npm run build-addon-from-source[\s\S]*TensorFlow .* works/,
      );
    } catch (error) {
      if (!(error instanceof SidecarRequestError)) throw error;
      if (!/could not fetch|could not be downloaded|this machine lacks|on Linux .* only/.test(error.message))
        throw error;
      console.log(`      skipped: ${error.message}`);
      this.skip();
    }
    console.log(`      ${verdict}`);
    assert.match(verdict, /^TensorFlow \d+\.\d+\.\d+ \(@tensorflow\/tfjs-node 4\.22\.0\) works/);
    assert.deepEqual(
      [...new Set(steps.map(({ step }) => step))],
      Array.from({ length: steps.at(-1)?.steps ?? 0 }, (_, i) => i + 1),
    );
    assert.deepEqual(remains(storage), ['native-backend']);

    const sidecar = launchSidecar();
    const chosen = await sidecar.request('initialize', { backend: 'auto', searchFolders: [folder] });
    // A graphics card of the developer's own would be taken before it.
    if (chosen.backend !== 'tensorflow-gpu') assert.equal(chosen.backend, 'tensorflow');
    const events = eventsOf(sidecar);
    const enough = new CancellationTokenSource();
    sidecar.onTrainingEvent((event) => {
      if (event.kind === 'batch' && event.batch >= 80) enough.cancel();
    });
    const training = {
      run: 'native',
      model: lenet5(),
      data: { kind: 'bundled-mnist' as const },
      options: shortTraining,
      runsFolder: storage,
    };
    await sidecar.request('train', training, enough.token);
    const losses = events.flatMap((event) => (event.kind === 'batch' ? [event.loss] : []));
    assert.ok(losses.length >= 5, `${losses.length} steps`);
    assert.ok((losses.at(-1) ?? 9) < (losses[0] ?? 0), losses.join(' '));
  });

  it('leaves nothing behind when it is cancelled', async function () {
    if (process.platform === 'win32') this.skip();
    const storage = temporaryFolder();
    const folder = path.join(storage, 'native-backend');
    // Steps that take long enough to be cancelled in their midst.
    for (const title of [/^Looking/, /^Fetching/]) {
      const installer = launchSidecar();
      const cancellation = new CancellationTokenSource();
      installer.onInstallProgress((progress) => {
        if (title.test(progress.title)) setTimeout(() => cancellation.cancel(), 300);
      });
      const params = { folder, device: 'cpu', source: 'wheel' } as const;
      const result = await installer.request('installNativeBackend', params, cancellation.token);
      assert.equal(result.cancelled, true);
      assert.deepEqual(remains(storage), []);
      assert.deepEqual(processesIn(storage), []);
    }
  });

  it('leaves neither processes nor folders behind when its client goes', async function () {
    if (process.platform === 'win32') this.skip();
    const storage = temporaryFolder();
    const folder = path.join(storage, 'native-backend');
    const installer = launchSidecar();
    const fetching = new Promise<void>((resolve) => {
      installer.onInstallProgress(({ title }) => {
        if (title.startsWith('Fetching')) setTimeout(resolve, 500);
      });
    });
    const request = installer.request('installNativeBackend', { folder, device: 'cpu', source: 'wheel' });
    const ended = assert.rejects(request);
    await fetching;
    assert.notDeepEqual(processesIn(storage).concat(remains(storage)), []);
    await installer.shutdown();
    await ended;
    assert.deepEqual(remains(storage), []);
    assert.deepEqual(processesIn(storage), []);
  });

  it('leaves no process behind when it is killed, or its client is', async function () {
    if (process.platform === 'win32') this.skip();
    for (const whom of ['itself', 'its client'] as const) {
      const storage = temporaryFolder();
      const params = { folder: path.join(storage, 'native-backend'), device: 'cpu', source: 'wheel' };
      // What a window is to it: a process that asks, and says which process it has asked.
      const client = spawn(
        process.execPath,
        [
          '-e',
          `const child = require('child_process').spawn(process.execPath, [${JSON.stringify(script)}], { stdio: ['pipe', 'pipe', 'ignore'] });
           const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'installNativeBackend', params: ${JSON.stringify(params)} });
           child.stdin.write('Content-Length: ' + Buffer.byteLength(body) + '\\r\\n\\r\\n' + body);
           let output = '';
           child.stdout.on('data', (data) => {
             output += data;
             if (output.includes('"title":"Fetching')) setTimeout(() => console.log(child.pid), 500);
           });
           child.on('exit', () => process.exit());`,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const installer = Number(
        await new Promise((resolve) => client.stdout.once('data', (data) => resolve(String(data)))),
      );
      const running = groupsOf(installer);
      assert.ok(running.length > 0, 'programs run for it');
      if (whom === 'itself') process.kill(installer, 'SIGKILL');
      else client.kill('SIGKILL');
      await eventually(`nothing runs after ${whom} was killed`, () =>
        running.every((leader) => membersOf(leader).length === 0),
      );
      assert.deepEqual(processesIn(storage), [], whom);
    }
  });

  it('says what is missing and how to get it', async () => {
    const storage = temporaryFolder();
    // A machine with nothing but Node.js on its PATH has no npm.
    const bin = path.join(storage, 'bin');
    const installer = launchSidecar({
      env: {
        HOME: temporaryFolder(),
        PATH: bin,
        npm_config_registry: 'http://127.0.0.1:9',
        npm_config_fetch_retries: '0',
      },
    });
    await assert.rejects(
      installer.request('installNativeBackend', {
        folder: path.join(storage, 'native-backend'),
        device: 'cpu',
      }),
      /npm cannot be run.*Install Node\.js|npm could not fetch @tensorflow\/tfjs-node.*Check the connection to npm's registry/,
    );
    assert.deepEqual(remains(storage), []);
    const gpu = launchSidecar({ env: { ...process.env, PATH: `${path.dirname(process.execPath)}` } });
    if (existsSync('/usr/bin/nvidia-smi')) return;
    await assert.rejects(
      gpu.request('installNativeBackend', { folder: path.join(storage, 'native-backend'), device: 'gpu' }),
      /No NVIDIA graphics card was found|npm cannot be run/,
    );
  });

  it('replaces what an earlier installation left half-made', async () => {
    const storage = temporaryFolder();
    const folder = path.join(storage, 'native-backend');
    // No process has this id: Linux ends at 4194304.
    const leftOver = `${folder}.partial-99999999`;
    writeFileSync(leftOver, '');
    const installer = launchSidecar();
    const cancellation = new CancellationTokenSource();
    installer.onInstallProgress(() => cancellation.cancel());
    await installer.request('installNativeBackend', { folder, device: 'cpu' }, cancellation.token);
    assert.deepEqual(remains(storage), []);
  });
});
