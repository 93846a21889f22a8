// Packages the extension: node scripts/package.mjs [--target linux-x64] [--skip-build] [--quiet]
//
// A platform .vsix holds bundles, media and the few packages that cannot be bundled, with the binaries of its own
// platform only. npm installs more than that, so a clean folder is staged and vsce packages the stage; .vscodeignore,
// an allow list, decides file by file. Then the archive is read back and checked.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, flag, main, npm, option, removeAtExit, root, run, step } from './run.mjs';
import { zipEntries } from './zip.mjs';

/** Runtime dependencies that hold native code: `external` in build.mjs, and not left to the user's own project. */
const unbundled = ['sharp'];

/** vsce's names of the platforms, as npm names them. */
const targets = {
  'linux-x64': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-armhf': { os: 'linux', cpu: 'arm', libc: 'glibc' },
  'alpine-x64': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'alpine-arm64': { os: 'linux', cpu: 'arm64', libc: 'musl' },
  'darwin-x64': { os: 'darwin', cpu: 'x64' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'win32-x64': { os: 'win32', cpu: 'x64' },
  'win32-arm64': { os: 'win32', cpu: 'arm64' },
};

/** What the archive may hold, written a second time: a slip in .vscodeignore must not ship sources. */
const allowed = [
  /^(package\.json|readme\.md|changelog\.md|license(\.txt|\.md)?)$/i,
  /^dist\/[\w.-]+\.js$/,
  /^dist\/webview\/[\w./-]+\.(js|css|ttf|woff2)$/,
  /^dist\/wasm\/[\w-]+\.wasm$/,
  /^media\/[^/]+\.(png|svg|css|md)$/,
  /^media\/(mnist|models|walkthrough)\//,
  /^node_modules\/.+(\/package\.json|\/LICENSE[^/]*|\/README\.md|\.(js|cjs|json|node|dll|so|dylib)|\.so\.[\d.]+)$/,
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
  'dist/wasm/tfjs-backend-wasm-simd.wasm',
  'media/icon.png',
  'media/mnist/train-images-idx3-ubyte.gz',
  'media/models/lenet5-mnist/run.json',
  'media/models/lenet5-mnist/checkpoint/model.json',
  'node_modules/sharp/package.json',
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
    await run(process.execPath, ['scripts/build.mjs', '--production'], { quiet });
  }
  step(`Packaging for ${target}`);
  const stage = mkdtempSync(path.join(os.tmpdir(), 'layerwise-package-'));
  removeAtExit(stage);
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  stageFiles(stage, manifest);
  await stagePackages(stage, targets[target]);

  const vsix = path.join(root, `${manifest.name}-${manifest.version}-${target}.vsix`);
  rmSync(vsix, { force: true });
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  await run(process.execPath, [vsce, 'package', '--target', target, '--out', vsix], {
    cwd: stage,
    quiet: true,
  });

  const entries = zipEntries(vsix);
  try {
    check(entries, targets[target]);
  } catch (error) {
    rmSync(vsix);
    throw error;
  }
  if (target === currentTarget()) await tryNativeCode(stage, entries);
  if (!quiet) report(entries);
  console.log(
    `${path.relative(process.cwd(), vsix)}: ${formatted(statSync(vsix).size)}, ${entries.length} files`,
  );
  rmSync(stage, { recursive: true });
  return vsix;
}

function stageFiles(stage, manifest) {
  for (const name of ['dist', 'media', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore']) {
    if (existsSync(path.join(root, name)))
      cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
    else console.log(`  (no ${name})`);
  }
  // vsce asks npm what the manifest's dependencies are and takes those folders: leave it only what must come along.
  const dependencies = Object.fromEntries(unbundled.map((name) => [name, manifest.dependencies[name]]));
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

// --- packages ------------------------------------------------------------------------------------------------------

/** Copies the closure of `unbundled`, as package-lock.json has it, for one platform. */
async function stagePackages(stage, platform) {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  for (const folder of closure(lock, platform)) {
    const source = path.join(root, folder);
    const destination = path.join(stage, folder);
    if (existsSync(source)) cpSync(source, destination, { recursive: true });
    else await fetchPackage(folder, lock[folder], destination);
  }
}

/** Folders (`node_modules/…`) of the unbundled packages and of all they need on the platform. */
function closure(lock, platform) {
  const found = new Set();
  const visit = (name, from) => {
    const folder = resolveIn(lock, name, from);
    if (!folder || found.has(folder) || !fits(lock[folder], platform)) return;
    found.add(folder);
    const { dependencies, optionalDependencies } = lock[folder];
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, folder);
  };
  for (const name of unbundled) visit(name, '');
  return [...found];
}

/** Node's own rule: the nearest node_modules upwards. */
function resolveIn(lock, name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const candidate = folder ? `${folder}/node_modules/${name}` : `node_modules/${name}`;
    if (lock[candidate]) return candidate;
    if (!folder) return undefined;
  }
}

function fits(entry, platform) {
  const matches = (list, value) => !list || !value || list.includes(value);
  return (
    matches(entry.os, platform.os) && matches(entry.cpu, platform.cpu) && matches(entry.libc, platform.libc)
  );
}

/** Another platform's binaries are not installed here: fetched in the version, and checked against the hash, of the lock. */
async function fetchPackage(folder, entry, destination) {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  step(`  fetching ${name} ${entry.version}`);
  const download = mkdtempSync(path.join(os.tmpdir(), 'layerwise-fetch-'));
  removeAtExit(download);
  await npm(['pack', '--silent', '--pack-destination', download, `${name}@${entry.version}`], {
    cwd: download,
    quiet: true,
  });
  const archive = readdirSync(download).find((file) => file.endsWith('.tgz'));
  const hash = createHash('sha512')
    .update(readFileSync(path.join(download, archive)))
    .digest('base64');
  if (entry.integrity !== `sha512-${hash}`)
    throw new Failure(`${name}: the download is not what package-lock.json has`);
  mkdirSync(destination, { recursive: true });
  await run('tar', ['-xzf', path.join(download, archive), '--strip-components=1'], {
    cwd: destination,
    quiet: true,
  });
}

// --- checks --------------------------------------------------------------------------------------------------------

/** Paths as they are in the extension's folder; the archive keeps them under `extension/`. */
function shipped(entries) {
  return entries
    .filter(({ path: name }) => name.startsWith('extension/'))
    .map(({ path: name }) => name.slice(10));
}

function check(entries, platform) {
  const files = shipped(entries);
  const strangers = files.filter((file) => !allowed.some((pattern) => pattern.test(file)));
  if (strangers.length > 0)
    throw new Failure(`These files must not be packaged:\n  ${strangers.join('\n  ')}`);
  const missing = required.filter((file) => !files.includes(file));
  if (missing.length > 0)
    throw new Failure(`These files are missing in the package:\n  ${missing.join('\n  ')}`);
  const binaries = files.filter((file) => file.endsWith('.node'));
  const foreign = binaries.filter(
    (file) => !file.includes(`${platform.os}${platform.libc === 'musl' ? 'musl' : ''}-${platform.cpu}`),
  );
  if (binaries.length === 0) throw new Failure('The package holds no native code, so no image could be read');
  if (foreign.length > 0) throw new Failure(`Another platform's binaries:\n  ${foreign.join('\n  ')}`);
}

/** Decodes a picture with exactly the files that are in the archive. */
async function tryNativeCode(stage, entries) {
  const files = new Set(shipped(entries));
  for (const file of readdirSync(path.join(stage, 'node_modules'), { recursive: true })) {
    const full = path.join(stage, 'node_modules', file);
    const name = `node_modules/${String(file).split(path.sep).join('/')}`;
    if (!files.has(name) && existsSync(full) && statSync(full).isFile()) rmSync(full);
  }
  const program =
    "require('sharp')('media/icon.png').raw().toBuffer().then((b) => { if (!b.length) process.exit(1); })";
  await run(process.execPath, ['-e', program], { cwd: stage, quiet: true });
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
