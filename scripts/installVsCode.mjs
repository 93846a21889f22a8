// Installs the VS Code that `npm start` and the tests use, from npm alone. Usage: node scripts/installVsCode.mjs [folder]
//
// The npm package of code-server contains VS Code's own server with the web workbench: the real editor and the real
// extension host. Only that part (lib/vscode) is kept, and its entry point is started directly. It needs the version
// of Node that it was built for, which npm has as a package, too. Nothing is compiled.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, main, npm, removeAtExit, root, run, step } from './run.mjs';

const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';
const platform = process.platform === 'win32' ? 'win' : process.platform;

/** Git-ignored. Kept apart from node_modules, which `npm ci` empties. */
export const defaultFolder = path.join(root, '.vscode-test');

/** Parts of VS Code that no part of Layerwise needs: the AI agent's host, sign-in. 300 MB. */
const unused = [
  'node_modules/@github',
  'node_modules/@microsoft/mxc-sdk',
  'extensions/copilot',
  'extensions/mermaid-markdown-features',
  'extensions/microsoft-authentication',
];

function locate(folder) {
  const installation = path.join(folder, `vscode-server-${codeServerVersion}`);
  const nodePackage = path.join(installation, `node/node_modules/node-${platform}-${process.arch}`);
  return {
    installation,
    vscode: path.join(installation, 'vscode'),
    node: path.join(nodePackage, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'),
    entry: path.join(installation, 'vscode/out/server-main.js'),
  };
}

/**
 * Installs where it is not installed yet.
 * @returns {Promise<{node: string, entry: string, version: string}>} the Node to run it with, and its entry point
 */
export async function installVsCode(folder = defaultFolder) {
  const { installation, vscode, node, entry } = locate(folder);
  if (!existsSync(path.join(vscode, 'package.json'))) {
    step(`Installing a VS Code server in ${path.relative(process.cwd(), installation)} (once, about 500 MB)`);
    mkdirSync(folder, { recursive: true });
    // Built beside its place and then renamed: an interrupted installation is never taken for a finished one.
    const staging = mkdtempSync(path.join(folder, 'installing-'));
    removeAtExit(staging);
    await fetchNode(path.join(staging, 'node'));
    await fetchServer(staging);
    try {
      renameSync(staging, installation);
    } catch (error) {
      // Someone else was faster.
      if (!existsSync(installation)) throw error;
    }
  }
  const { version } = JSON.parse(readFileSync(path.join(vscode, 'package.json'), 'utf8'));
  return { node, entry, version };
}

async function fetchNode(folder) {
  step(`  Node ${nodeVersion}, which this VS Code is built for`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const name = `node-${platform}-${process.arch}@${nodeVersion}`;
  await npm(['install', '--silent', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', name], {
    cwd: folder,
    quiet: true,
  }).catch((error) => {
    throw new Failure(`There is no VS Code server for ${process.platform} ${process.arch}: ${error.message}`);
  });
}

async function fetchServer(staging) {
  step(`  code-server ${codeServerVersion}: its lib/vscode`);
  await npm(['pack', '--silent', '--pack-destination', staging, `code-server@${codeServerVersion}`], {
    cwd: staging,
    quiet: true,
  });
  const archive = `code-server-${codeServerVersion}.tgz`;
  await run('tar', ['-xzf', archive, 'package/lib/vscode'], { cwd: staging, quiet: true });
  const vscode = path.join(staging, 'vscode');
  renameSync(path.join(staging, 'package/lib/vscode'), vscode);
  rmSync(path.join(staging, 'package'), { recursive: true });
  rmSync(path.join(staging, archive));

  // `npm ci` refuses, because the shrinkwrap lacks an entry; `install` still honours all that it holds.
  const install = ['install', '--silent', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  step("  the server's dependencies");
  await npm(install, { cwd: vscode, quiet: true });
  step("  the built-in extensions' dependencies (TypeScript)");
  await npm(install, { cwd: path.join(vscode, 'extensions'), quiet: true });

  for (const part of unused) rmSync(path.join(vscode, part), { recursive: true, force: true });
  const ripgrep = path.join(vscode, 'node_modules/@vscode/ripgrep-universal/bin');
  for (const binary of existsSync(ripgrep) ? readdirSync(ripgrep) : []) {
    if (binary !== `${process.platform}-${process.arch}`)
      rmSync(path.join(ripgrep, binary), { recursive: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Not awaited: tests load this file through a loader that knows no top-level await.
  void main(async () => {
    const { entry, version } = await installVsCode(process.argv[2] && path.resolve(process.argv[2]));
    console.log(`VS Code ${version}: ${entry}`);
  });
}
