// `npm start`: builds Layerwise and opens it on examples/, from nothing but Node and npm.
//
//   npm start                    in VS Code where `code` is on the PATH, else in a browser
//   npm start -- --browser       in a browser, with a VS Code server that is installed in .vscode-test/
//   npm start -- --port 8080     that server's port; otherwise a free one
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureDependencies, Failure, flag, main, option, root, run, step } from './run.mjs';

const examples = path.join(root, 'examples');
const firstFile = path.join(examples, 'lenet5.ts');

/** On Windows `code` is a script, which only a shell can start. */
const needsShell = process.platform === 'win32';

await main(async () => {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new Failure(`Layerwise needs Node 20 or newer; this is ${process.version}`);
  const port = option('port');
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    throw new Failure(`--port takes a number, not "${port}"`);

  await ensureDependencies();
  // Imported only now: it needs what was just installed.
  const { packageExtension } = await import('./package.mjs');
  const vsix = await packageExtension({ quiet: true });

  const inBrowser = flag('browser') || port !== undefined || !codeIsThere();
  if (!inBrowser && (await openInVsCode(vsix))) return;
  await openInBrowser(vsix, port === undefined ? undefined : Number(port));
});

// --- in the VS Code of this machine ----------------------------------------------------------------------------------

function codeIsThere() {
  return spawnSync('code', ['--version'], { shell: needsShell, stdio: 'ignore' }).status === 0;
}

async function openInVsCode(vsix) {
  const quote = (file) => (needsShell ? `"${file}"` : file);
  try {
    step('Installing Layerwise in VS Code');
    await run('code', ['--install-extension', quote(vsix), '--force'], { shell: needsShell });
    step('Opening examples/ in VS Code');
    await run('code', [quote(examples), quote(firstFile)], { shell: needsShell });
    return true;
  } catch (error) {
    console.error(`${error.message}\nSo a VS Code server is used instead.`);
    return false;
  }
}

// --- in a browser ------------------------------------------------------------------------------------------------------

async function openInBrowser(vsix, port) {
  const { defaultFolder } = await import('./installVsCode.mjs');
  const { installExtension, startServer } = await import('./vscodeServer.mjs');
  const dataFolder = path.join(defaultFolder, 'start');
  const extensionsFolder = path.join(dataFolder, 'extensions');
  step('Installing Layerwise in the VS Code server');
  await installExtension(vsix, extensionsFolder);
  step('Starting the VS Code server');
  const server = await startServer({ dataFolder, extensionsFolder, port });

  let stopping = false;
  const stop = async (code) => {
    if (stopping) return;
    stopping = true;
    step('Stopping');
    await server.stop();
    process.exit(code);
  };
  // Added to the listeners of run.mjs, which then leave the ending to this one.
  process.on('SIGINT', () => stop(0));
  process.on('SIGTERM', () => stop(0));
  process.on('SIGHUP', () => stop(0));

  const payload = [['openFile', server.remoteUri(firstFile)]];
  console.log(`\nLayerwise is open at ${server.address(examples, payload)}\n\nCtrl-C ends it.`);
  await server.exited;
  if (!stopping) throw new Failure(`The VS Code server ended by itself. See ${server.logFile}`);
}
