// Starts the VS Code server that installVsCode.mjs installed. For `npm start` and for the tests.
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installVsCode } from './installVsCode.mjs';
import { endGroup, Failure, removeAtExit, run, spawnGroup } from './run.mjs';

/** No telemetry, no updates, no first-run pages: nothing that would reach out or get in the way. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.openRepositoryInParentFolders': 'never',
  'typescript.disableAutomaticTypeAcquisition': true,
  'typescript.surveys.enabled': false,
};

/** What a terminal inside VS Code would leak into the server. */
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name)),
  );
}

/** Installs a .vsix in the given extensions folder, replacing an older version. */
export async function installExtension(vsix, extensionsFolder) {
  const { node, entry } = await installVsCode();
  const serverData = mkdtempSync(path.join(os.tmpdir(), 'layerwise-install-'));
  removeAtExit(serverData);
  const common = [
    '--accept-server-license-terms',
    '--server-data-dir',
    serverData,
    '--extensions-dir',
    extensionsFolder,
  ];
  const env = cleanEnvironment();
  await run(node, [entry, ...common, '--install-extension', vsix, '--force'], { env, quiet: true });
  rmSync(serverData, { recursive: true, force: true });
}

/**
 * Starts a server on 127.0.0.1 and resolves when it answers. See vscodeServer.d.mts for the options.
 * Without a connection token: it listens on the loopback interface only.
 */
export async function startServer(options = {}) {
  const { node, entry } = await installVsCode();
  const temporary = options.dataFolder === undefined;
  const dataFolder = options.dataFolder ?? mkdtempSync(path.join(os.tmpdir(), 'layerwise-vscode-'));
  if (temporary) removeAtExit(dataFolder);
  const extensionsFolder = options.extensionsFolder ?? path.join(dataFolder, 'extensions');
  const userFolder = path.join(dataFolder, 'data/User');
  mkdirSync(userFolder, { recursive: true });
  mkdirSync(extensionsFolder, { recursive: true });
  writeSettings(path.join(userFolder, 'settings.json'), options);

  const logFile = options.logFile ?? path.join(dataFolder, 'server.log');
  mkdirSync(path.dirname(logFile), { recursive: true });
  const child = spawnGroup(
    node,
    [
      entry,
      ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'],
      ...['--accept-server-license-terms', '--telemetry-level', 'off'],
      ...['--server-data-dir', dataFolder, '--user-data-dir', path.join(dataFolder, 'data')],
      ...['--extensions-dir', extensionsFolder],
      ...(options.workspaceTrust ? [] : ['--disable-workspace-trust']),
      // Without it a built workbench ignores extensionDevelopmentPath and extensionTestsPath in its address;
      // with it, notifications and dialogs stay hidden.
      ...(options.smokeTestDriver ? ['--enable-smoke-test-driver'] : []),
    ],
    { env: { ...cleanEnvironment(), ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });

  const port = await listeningPort(child, logFile);
  const authority = `127.0.0.1:${port}`;
  const base = `http://${authority}`;
  await answering(base, child, logFile);
  return {
    base,
    authority,
    extensionsFolder,
    logFile,
    exited: new Promise((resolve) => child.once('exit', resolve)),
    /** The address that opens `folder`; `payload` as VS Code's web workbench takes it, e.g. [['openFile', uri]]. */
    address(folder, payload = []) {
      const query = new URLSearchParams({ folder });
      if (payload.length > 0) query.set('payload', JSON.stringify(payload));
      return `${base}/?${query}`;
    },
    /** A file of this machine as the workbench names it in its address. */
    remoteUri(file) {
      return `vscode-remote://${authority}${file.split(path.sep).join('/')}`;
    },
    async stop() {
      await endGroup(child);
      log.end();
      if (temporary) rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

function writeSettings(file, { settings = {}, workspaceTrust = false }) {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const trust = { 'security.workspace.trust.enabled': workspaceTrust };
  writeFileSync(file, JSON.stringify({ ...quietSettings, ...before, ...trust, ...settings }, null, 2));
}

/** The server chooses a free port itself and says which: choosing one here could lose a race. */
function listeningPort(child, logFile) {
  return new Promise((resolve, reject) => {
    let output = '';
    const onData = (data) => {
      output += data;
      const found = /Extension host agent listening on (\d+)/.exec(output);
      if (!found) return;
      child.stdout.off('data', onData);
      resolve(Number(found[1]));
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      const taken = /EADDRINUSE/.test(output) ? 'the port is taken. ' : '';
      reject(
        new Failure(
          `The VS Code server ended with ${code}: ${taken}See ${logFile}\n${output.slice(0, 2000)}`,
        ),
      );
    });
    setTimeout(
      () => reject(new Failure(`The VS Code server did not start. See ${logFile}`)),
      120_000,
    ).unref();
  });
}

async function answering(base, child, logFile) {
  for (let attempt = 0; attempt < 300; attempt++) {
    const ok = await fetch(`${base}/version`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Failure(`The VS Code server does not answer at ${base}. See ${logFile}`);
}
