/** The process itself: how it begins, how it ends, and that nothing but the protocol leaves it on stdout. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import {
  connectSidecar,
  type SidecarExit,
  SidecarExitError,
  SidecarRequestError,
} from '../../sidecar/connect';
import { lenet5 } from './support/graphs';
import {
  buildSidecar,
  cleanUp,
  launchSidecar,
  nextEvent,
  script,
  shortTraining,
  startSidecar,
  temporaryFolder,
} from './support/process';

describe('the sidecar process', function () {
  this.timeout(120_000);
  before(buildSidecar);
  afterEach(cleanUp);

  const longTraining = (runsFolder: string) =>
    ({
      run: 'long',
      model: lenet5(),
      data: { kind: 'bundled-mnist' },
      options: { ...shortTraining, epochs: 1000 },
      runsFolder,
    }) as const;

  it('tells of its violent end during training; a new process works', async () => {
    const sidecar = await startSidecar();
    const exits: SidecarExit[] = [];
    sidecar.onExit((exit) => exits.push(exit));
    const begun = nextEvent(sidecar, 'batch');
    const training = sidecar.request('train', longTraining(temporaryFolder()));
    const rejected = assert.rejects(training, (error: unknown) => {
      assert.ok(error instanceof SidecarExitError);
      assert.equal(error.exit.signal, 'SIGKILL');
      assert.match(error.message, /ended by SIGKILL/);
      return true;
    });
    await begun;
    process.kill(sidecar.pid!, 'SIGKILL');
    await rejected;
    assert.equal(exits.length, 1);
    assert.equal(exits[0]?.expected, false);
    assert.match(await sidecar.exited, /ended by SIGKILL/);
    assert.equal(sidecar.hasExited, true);
    await assert.rejects(
      sidecar.request('describeData', { data: { kind: 'bundled-mnist' } }),
      SidecarExitError,
    );

    const next = await startSidecar();
    const source = new CancellationTokenSource();
    const learning = nextEvent(next, 'batch');
    const second = next.request('train', longTraining(temporaryFolder()), source.token);
    await learning;
    source.cancel();
    assert.equal((await second).cancelled, true);
  });

  it('ends when its stdin closes, also while it trains', async () => {
    const runsFolder = temporaryFolder();
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const request = (id: number, method: string, params: object) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
      child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    };
    request(1, 'train', longTraining(runsFolder));
    await new Promise<void>((resolve) => {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('"kind":"batch"')) resolve();
      });
    });
    const closed = Date.now();
    child.stdin.end();
    assert.equal(await ended, 0);
    assert.ok(Date.now() - closed < 2000, `${Date.now() - closed} ms`);
  });

  it('ends when its parent is killed, even in the midst of a long computation', async () => {
    const run = longTraining(temporaryFolder());
    // One step of this size takes plain JavaScript minutes, in which the event loop stands still.
    const training = { ...run, options: { ...run.options, batchSize: 4096 } };
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('child_process').spawn(process.execPath, [${JSON.stringify(script)}], { stdio: ['pipe', 'pipe', 'ignore'] });
         const request = (id, method, params) => {
           const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
           child.stdin.write('Content-Length: ' + Buffer.byteLength(body) + '\\r\\n\\r\\n' + body);
         };
         request(1, 'initialize', { backend: 'cpu', searchFolders: [] });
         request(2, 'train', ${JSON.stringify(training)});
         let output = '';
         child.stdout.on('data', (data) => {
           output += data;
           if (output.includes('"kind":"started"')) setTimeout(() => console.log(child.pid), 1000);
         });`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = Number(
      await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data)))),
    );
    assert.ok(isAlive(pid));
    parent.kill('SIGKILL');
    for (let i = 0; i < 100 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    const survived = isAlive(pid);
    if (survived) process.kill(pid, 'SIGKILL');
    assert.ok(!survived);
  });

  it('ends on dispose, and says that this was expected', async () => {
    const sidecar = await startSidecar();
    const pid = sidecar.pid!;
    await sidecar.shutdown();
    assert.ok(!isAlive(pid));
    const exits: SidecarExit[] = [];
    sidecar.onExit((exit) => exits.push(exit));
    assert.deepEqual([exits[0]?.expected, exits[0]?.code], [true, 0]);
    sidecar.dispose();
  });

  it('tells why when it cannot be started', async () => {
    const missing = connectSidecar({ command: '/nowhere/node', args: [script] });
    await assert.rejects(
      missing.request('describeData', { data: { kind: 'bundled-mnist' } }),
      /did not start .*ENOENT/,
    );
    const wrong = connectSidecar({ command: process.execPath, args: ['/nowhere/sidecar.js'] });
    await assert.rejects(
      wrong.request('describeData', { data: { kind: 'bundled-mnist' } }),
      /exited with code 1/,
    );
  });

  it('answers garbage with an error and goes on', async () => {
    const sidecar = launchSidecar();
    await assert.rejects(
      sidecar.request('classify', { picture: { kind: 'file', path: '\0' }, modelPath: '', top: 1 }),
      (error: unknown) => error instanceof SidecarRequestError,
    );
    await assert.rejects(
      sidecar.request('activation', { session: '99', layer: 'x' }),
      /no longer kept\. Classify the picture again/,
    );
    await sidecar.request('describeData', { data: { kind: 'bundled-mnist' } });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
