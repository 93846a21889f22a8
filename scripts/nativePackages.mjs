// The runtime dependencies that hold native code: `external` in build.mjs, and shipped as packages. npm installs every
// platform's binaries and what install scripts need; this says what of that runs on one platform.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure, npm, removeAtExit, root, run, step } from './run.mjs';

/** vsce's names of the platforms, as npm names them. */
export const targets = {
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

/** y = Identity(x), two numbers: the smallest ONNX model that computes. */
const identityModel = 'CAc6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggCYg8KAXkSCgoICAESBAoCCAJCAhAN';

/**
 * The packages. Those that keep every platform's binaries in one package say
 * - `binaries`: the folder with one platform's, by what `targets` holds; where there is none, the package stays out and
 *   the feature says so;
 * - `dependencies`: what of its dependencies runs (the rest serves its install script).
 * `trial` is a program that must end well with exactly the packaged files.
 */
export const nativePackages = {
  sharp: {
    trial:
      "require('sharp')('media/icon.png').raw().toBuffer().then((b) => { if (!b.length) process.exit(1); })",
  },
  esbuild: {
    trial:
      "require('esbuild').transform('let n: number = 1', { loader: 'ts' }).then(({ code }) => { if (code !== 'let n = 1;\\n') process.exit(1); })",
  },
  'onnxruntime-node': {
    binaries: ({ os, cpu, libc }) => libc !== 'musl' && `bin/napi-v6/${os}/${cpu}`,
    dependencies: ['onnxruntime-common'],
    trial: `const { InferenceSession, Tensor } = require('onnxruntime-node');
      InferenceSession.create(Buffer.from('${identityModel}', 'base64'))
        .then((session) => session.run({ x: new Tensor('float32', [1, 2], [2]) }))
        .then(({ y }) => process.exit(y.data[1] === 2 ? 0 : 1));`,
  },
  webgpu: {
    binaries: ({ os, cpu, libc }) => libc !== 'musl' && `dist/${os}-${os === 'darwin' ? 'universal' : cpu}`,
    dependencies: [],
    // Whether there is an adapter is the machine's business.
    trial: "import('webgpu').then(({ create }) => create([]).requestAdapter()).then(() => process.exit(0))",
  },
};

/**
 * Copies what runs on the platform to the stage, in the versions of package-lock.json.
 * @returns {Promise<string[]>} names of the packages that the platform gets
 */
export async function stageNativePackages(stage, platform) {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const names = [];
  for (const [name, { binaries }] of Object.entries(nativePackages)) {
    const folder = binaries?.(platform);
    if (!binaries || (folder && existsSync(path.join(root, 'node_modules', name, folder)))) names.push(name);
    else console.log(`  (${name} has no binaries for this platform)`);
  }
  for (const folder of closure(lock, names, platform)) {
    const source = path.join(root, folder);
    const destination = path.join(stage, folder);
    const { binaries, dependencies } = nativePackages[packageName(folder)] ?? {};
    if (!existsSync(source)) await fetchPackage(folder, lock[folder], destination);
    else {
      // A nested node_modules that is needed is a folder of the closure itself.
      const nested = path.join(source, 'node_modules');
      cpSync(source, destination, { recursive: true, filter: (file) => file !== nested });
    }
    if (binaries) keepOnly(destination, binaries(platform));
    if (dependencies) keepDependencies(destination, dependencies);
  }
  return names;
}

/** Removes the other platforms' folders beside the one given, and second copies of a library in it. */
function keepOnly(packageFolder, kept) {
  const ancestors = kept.split('/');
  for (let depth = 1; depth < ancestors.length; depth++) {
    const folder = path.join(packageFolder, ...ancestors.slice(0, depth));
    for (const entry of readdirSync(folder))
      if (entry !== ancestors[depth]) rmSync(path.join(folder, entry), { recursive: true });
  }
  // onnxruntime ships libonnxruntime.1.dylib, which its binding loads, once more under its full version.
  const folder = path.join(packageFolder, kept);
  const libraries = readdirSync(folder);
  for (const file of libraries) {
    const major = file.replace(/^(lib[\w-]+\.\d+)\.[\d.]+\.dylib$/, '$1.dylib');
    if (major !== file && libraries.includes(major)) rmSync(path.join(folder, file));
  }
}

/** Leaves of the manifest's dependencies those named: vsce takes and checks what the manifest says. */
function keepDependencies(packageFolder, names) {
  const file = path.join(packageFolder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  manifest.dependencies = Object.fromEntries(names.map((name) => [name, manifest.dependencies[name]]));
  writeFileSync(file, JSON.stringify(manifest, null, 2));
}

function packageName(folder) {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Folders (`node_modules/…`) of the packages named and of all they need on the platform. */
function closure(lock, names, platform) {
  const found = new Set();
  const visit = (name, from) => {
    const folder = resolveIn(lock, name, from);
    if (!folder || found.has(folder) || !fits(lock[folder], platform)) return;
    found.add(folder);
    const { dependencies, optionalDependencies } = lock[folder];
    const needed =
      nativePackages[name]?.dependencies ?? Object.keys({ ...dependencies, ...optionalDependencies });
    for (const next of needed) visit(next, folder);
  };
  for (const name of names) visit(name, '');
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
  const name = packageName(folder);
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

/**
 * The platform that a file is compiled for, by its header: ELF, Mach-O or PE.
 * @returns {{os: string, cpu: string} | null} `cpu` is `universal` for a Mach-O of several; null: not native code
 */
export function compiledFor(file) {
  const header = Buffer.alloc(1024);
  const descriptor = openSync(file, 'r');
  const length = readSync(descriptor, header, 0, header.length, 0);
  closeSync(descriptor);
  if (length < 64) return null;
  const magic = header.readUInt32BE(0);
  if (magic === 0x7f454c46) {
    return { os: 'linux', cpu: { 62: 'x64', 183: 'arm64', 40: 'arm' }[header.readUInt16LE(18)] ?? 'unknown' };
  }
  if (magic === 0xcffaedfe) {
    return { os: 'darwin', cpu: { 7: 'x64', 12: 'arm64' }[header.readUInt32LE(4) & 0xffffff] ?? 'unknown' };
  }
  if (magic === 0xcafebabe) return { os: 'darwin', cpu: 'universal' };
  const peHeader = header.readUInt32LE(60);
  if (magic >>> 16 === 0x4d5a && peHeader < 1000) {
    return {
      os: 'win32',
      cpu: { 34404: 'x64', 43620: 'arm64' }[header.readUInt16LE(peHeader + 4)] ?? 'unknown',
    };
  }
  return null;
}

/**
 * Fails unless every native file among those given runs on the platform.
 * @param {string[]} files relative to `folder`
 */
export function checkNativeCode(folder, files, platform) {
  const packaged = files.filter((file) => file.startsWith('node_modules/'));
  const native = packaged.flatMap((file) => {
    const compiled = compiledFor(path.join(folder, file));
    return compiled ? [{ file, ...compiled }] : [];
  });
  if (native.length === 0) throw new Failure('The package holds no native code, so no image could be read');
  const foreign = native.filter(
    ({ os, cpu }) => os !== platform.os || (cpu !== platform.cpu && cpu !== 'universal'),
  );
  if (foreign.length > 0)
    throw new Failure(`Another platform's binaries:\n  ${foreign.map(({ file }) => file).join('\n  ')}`);
}

/**
 * Runs each package's trial with exactly the files given.
 * @param {string[]} names the packages
 * @param {string[]} files what is shipped, relative to the stage
 */
export async function tryNativeCode(stage, names, files) {
  const shipped = new Set(files);
  for (const file of readdirSync(path.join(stage, 'node_modules'), { recursive: true })) {
    const full = path.join(stage, 'node_modules', file);
    const name = `node_modules/${String(file).split(path.sep).join('/')}`;
    if (!shipped.has(name) && existsSync(full) && statSync(full).isFile()) rmSync(full);
  }
  for (const name of names) {
    const { status, signal, stderr, error } = spawnSync(
      process.execPath,
      ['-e', nativePackages[name].trial],
      {
        cwd: stage,
        encoding: 'utf8',
        timeout: 120_000,
        // Else a package of the project itself, further up, could stand in for a missing one.
        env: { ...process.env, NODE_PATH: '' },
      },
    );
    if (status !== 0)
      throw new Failure(
        `${name} does not work as it is packaged (${error?.message ?? signal ?? `exit ${status}`}):\n${stderr}`,
      );
  }
}
