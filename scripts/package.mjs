// Packages the extension: node scripts/package.mjs [--target linux-x64] [--skip-build] [--quiet]
//
// A platform .vsix holds bundles, media and the few packages that cannot be bundled, with the binaries of its own
// platform only. npm installs more than that, so a clean folder is staged and vsce packages the stage; .vscodeignore,
// an allow list, decides file by file. Then the archive is read back and checked.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNativeCode, stageNativePackages, targets, tryNativeCode } from './nativePackages.mjs';
import { Failure, flag, main, option, removeAtExit, root, run, step } from './run.mjs';
import { zipEntries } from './zip.mjs';

/** What the archive may hold, written a second time: a slip in .vscodeignore must not ship sources. */
const allowed = [
  /^(package\.json|readme\.md|changelog\.md|license(\.txt|\.md)?)$/i,
  /^dist\/[\w.-]+\.js$/,
  /^dist\/webview\/[\w./-]+\.(js|css|ttf|woff2)$/,
  /^dist\/wasm\/[\w-]+\.wasm$/,
  /^media\/[^/]+\.(png|svg|css|md|json)$/,
  /^examples\/[\w-]+\.ts$/,
  /^media\/(mnist|models|walkthrough)\//,
  /^node_modules\/.+(\/package\.json|\/[\w-]*LICENSE[^/]*|\/README\.md|\.(js|cjs|json|node|dll|so|dylib)|\.so\.[\d.]+)$/,
  /^node_modules\/@esbuild\/[\w-]+\/(bin\/esbuild|esbuild\.exe)$/,
];
const required = [
  'package.json',
  'dist/extension.js',
  'dist/extension.browser.js',
  'dist/server.js',
  'dist/server.browser.js',
  'dist/sidecar.js',
  'dist/cli.js',
  'dist/webview/diagram.js',
  'dist/webview/training.js',
  'dist/webview/classify.js',
  'dist/webview/comparison.js',
  'dist/wasm/tfjs-backend-wasm-simd.wasm',
  'examples/lenet5.ts',
  'media/icon.png',
  'media/mnist/train-images-idx3-ubyte.gz',
  'media/models/lenet5-mnist/run.json',
  'media/models/lenet5-mnist/checkpoint/model.json',
  'node_modules/sharp/package.json',
  'node_modules/esbuild/lib/main.js',
];

export function currentTarget() {
  const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  const name = `${musl ? 'alpine' : process.platform}-${process.arch === 'arm' ? 'armhf' : process.arch}`;
  if (!targets[name])
    throw new Failure(
      `No .vsix can be made for ${name}; there is --target ${Object.keys(targets).join('|')}`,
    );
  return name;
}

/** @returns {Promise<string>} the path of the .vsix */
export async function packageExtension({ target = currentTarget(), build = true, quiet = false } = {}) {
  if (!targets[target])
    throw new Failure(`Unknown target ${target}; there is ${Object.keys(targets).join(', ')}`);
  if (build) {
    step('Building for production');
    await run(process.execPath, ['scripts/build.mjs', '--production', '--clean'], { quiet });
  }
  step(`Packaging for ${target}`);
  const stage = mkdtempSync(path.join(os.tmpdir(), 'layerwise-package-'));
  removeAtExit(stage);
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const nativePackages = await stageNativePackages(stage, targets[target]);
  stageFiles(stage, manifest, nativePackages);

  const vsix = path.join(root, `${manifest.name}-${manifest.version}-${target}.vsix`);
  rmSync(vsix, { force: true });
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  await run(process.execPath, [vsce, 'package', '--target', target, '--out', vsix], {
    cwd: stage,
    quiet: true,
  });

  const entries = zipEntries(vsix);
  try {
    check(entries);
    checkNativeCode(stage, shipped(entries), targets[target]);
    if (target === currentTarget()) await tryNativeCode(stage, nativePackages, shipped(entries));
  } catch (error) {
    rmSync(vsix);
    throw error;
  }
  if (!quiet) report(entries);
  console.log(
    `${path.relative(process.cwd(), vsix)}: ${formatted(statSync(vsix).size)}, ${entries.length} files`,
  );
  rmSync(stage, { recursive: true });
  return vsix;
}

function stageFiles(stage, manifest, nativePackages) {
  for (const name of ['dist', 'media', 'examples', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore']) {
    if (existsSync(path.join(root, name)))
      cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
    else console.log(`  (no ${name})`);
  }
  // vsce asks npm what the manifest's dependencies are and takes those folders: leave it only what must come along.
  const dependencies = Object.fromEntries(nativePackages.map((name) => [name, manifest.dependencies[name]]));
  const {
    devDependencies,
    optionalDependencies,
    allowScripts,
    scripts,
    private: unpublished,
    ...rest
  } = manifest;
  writeFileSync(path.join(stage, 'package.json'), JSON.stringify({ ...rest, dependencies }, null, 2));
}

// --- checks --------------------------------------------------------------------------------------------------------

/** Paths as they are in the extension's folder; the archive keeps them under `extension/`. */
function shipped(entries) {
  return entries
    .filter(({ path: name }) => name.startsWith('extension/'))
    .map(({ path: name }) => name.slice(10));
}

function check(entries) {
  const files = shipped(entries);
  const strangers = files.filter((file) => !allowed.some((pattern) => pattern.test(file)));
  if (strangers.length > 0)
    throw new Failure(`These files must not be packaged:\n  ${strangers.join('\n  ')}`);
  const missing = required.filter((file) => !files.includes(file));
  if (missing.length > 0)
    throw new Failure(`These files are missing in the package:\n  ${missing.join('\n  ')}`);
  const notExecutable = entries.filter(({ path: name, mode }) => /\/esbuild$/.test(name) && !(mode & 0o100));
  if (notExecutable.length > 0)
    throw new Failure(`${notExecutable[0].path} lost its permission to run; package on Linux or macOS`);
}

function formatted(bytes) {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** The files by top folder; packages as a whole. */
function report(entries) {
  const groups = new Map();
  for (const { path: name, size, compressedSize } of entries) {
    const file = name.replace(/^extension\//, '');
    const top = file.includes('/') ? file.slice(0, file.indexOf('/')) : '(root)';
    const line = /^node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? file;
    if (!groups.has(top)) groups.set(top, new Map());
    const sum = groups.get(top).get(line) ?? { size: 0, compressedSize: 0 };
    groups.get(top).set(line, { size: sum.size + size, compressedSize: sum.compressedSize + compressedSize });
  }
  const row = (name, { size, compressedSize }) =>
    console.log(
      `  ${name.padEnd(58)} ${formatted(size).padStart(10)} ${formatted(compressedSize).padStart(10)}`,
    );
  console.log(`  ${''.padEnd(58)} ${'size'.padStart(10)} ${'packed'.padStart(10)}`);
  for (const [top, lines] of [...groups].sort(([a], [b]) => a.localeCompare(b))) {
    const total = { size: 0, compressedSize: 0 };
    for (const sum of lines.values()) {
      total.size += sum.size;
      total.compressedSize += sum.compressedSize;
    }
    row(top, total);
    for (const [line, sum] of [...lines].sort(([a], [b]) => a.localeCompare(b))) row(`  ${line}`, sum);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Not awaited: tests load this file through a loader that knows no top-level await.
  void main(async () => {
    await packageExtension({ target: option('target'), build: !flag('skip-build'), quiet: flag('quiet') });
  });
}
