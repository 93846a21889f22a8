/**
 * TensorFlow's library from the wheel that Python's package index has. tfjs-node's own download ends at TensorFlow 2.9.1
 * and CUDA 11; its unmodified addon, compiled against a newer library, works with that.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { SidecarError } from '../../errors';
import { ProgramFailed, type RunOptions, run } from './programs';

/** Only Linux's wheels have the library that the addon is linked with. */
export function wheelCanServe(): boolean {
  return process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
}

/** For graphics cards: with NVIDIA's libraries, about 3 GB. */
function requirement(device: 'cpu' | 'gpu'): string {
  if (device === 'gpu') return 'tensorflow[and-cuda]>=2.16,<3';
  // The package without CUDA is made for x86 only; for ARM there is no other anyway.
  return process.arch === 'x64' ? 'tensorflow-cpu>=2.16,<3' : 'tensorflow>=2.16,<3';
}

/** The library does not care for Python's version, but the index has none for very new or old ones. */
const commonPython = (architecture: string) => [
  '--python-version=3.12',
  '--implementation=cp',
  ...['manylinux_2_28', 'manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].map(
    (platform) => `--platform=${platform}_${architecture}`,
  ),
];

/**
 * Downloads the wheel, and with CUDA those that it needs, into a folder.
 * @throws SidecarError when it cannot be had.
 */
export async function downloadWheel(
  python: string,
  device: 'cpu' | 'gpu',
  folder: string,
  options: RunOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const download = (more: string[]) =>
    run(
      python,
      [
        ...['-m', 'pip', 'download', '--progress-bar=off', '--only-binary=:all:', '-d', folder],
        ...(device === 'cpu' ? ['--no-deps'] : []),
        ...more,
        requirement(device),
      ],
      options,
    );
  try {
    await download([]).catch((error: unknown) => {
      if (!(error instanceof ProgramFailed) || !/No matching distribution/i.test(error.output)) throw error;
      return download(commonPython(process.arch === 'x64' ? 'x86_64' : 'aarch64'));
    });
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    throw new SidecarError(`TensorFlow's wheel could not be downloaded: ${error.message}.`, {
      next: "Check the connection to Python's package index (pip's settings hold here, proxies and mirrors too).",
    });
  }
}

/** Which files of which wheels, as regular expressions of Python: the library, its headers, NVIDIA's libraries. */
const unpacked = [
  String.raw`tensorflow/libtensorflow_(cc|framework)\.so`,
  `tensorflow/include/(tensorflow|xla|tsl|absl)/`,
  String.raw`nvidia/[^/]+/lib/.*\.so`,
];
const unpackProgram = `
import re, sys, zipfile
folder, pattern, wheels = sys.argv[1], re.compile(sys.argv[2]), sys.argv[3:]
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if pattern.match(name): archive.extract(name, folder)
`;

/** Puts the library and its headers where the addon's build looks for them: \`deps/\` of the package. */
export async function unpackWheels(
  python: string,
  wheels: string,
  addon: string,
  options: RunOptions,
): Promise<void> {
  const deps = path.join(addon, 'deps');
  const files = (await readdir(wheels))
    .filter((name) => /^(tensorflow|nvidia)/.test(name))
    .map((name) => path.join(wheels, name));
  await rm(deps, { recursive: true, force: true });
  await mkdir(path.join(deps, 'lib'), { recursive: true });
  await run(python, ['-c', unpackProgram, deps, `(?:${unpacked.join('|')})`, ...files], {
    ...options,
    growing: deps,
  });
  await rm(wheels, { recursive: true });
  const tensorflow = path.join(deps, 'tensorflow');
  await rename(path.join(tensorflow, 'include'), path.join(deps, 'include'));
  const libraries = await readdir(tensorflow);
  const cc = libraries.find((name) => name.startsWith('libtensorflow_cc.so'));
  const framework = libraries.find((name) => name.startsWith('libtensorflow_framework.so'));
  if (!cc || !framework)
    throw new SidecarError("TensorFlow's wheel does not hold its library.", { where: files.join(', ') });
  for (const name of [cc, framework]) await rename(path.join(tensorflow, name), path.join(deps, 'lib', name));
  await rm(tensorflow, { recursive: true });
  // The names that the addon is linked with.
  await symlink(cc, path.join(deps, 'lib/libtensorflow.so'));
  await symlink(framework, path.join(deps, 'lib/libtensorflow_framework.so'));
}

/** Compiles the package's own addon against \`deps/\`, and removes what only that needed. */
export async function compileAddon(addon: string, options: RunOptions): Promise<void> {
  try {
    await run('npm', ['run', 'build-addon-from-source'], { ...options, cwd: addon, idleSeconds: 900 });
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    throw new SidecarError(`The addon could not be compiled: ${error.message}.`, {
      next: 'The log has all that the compiler said.',
    });
  }
  for (const name of ['deps/include', 'build-tmp-napi-v8', 'build'])
    await rm(path.join(addon, name), { recursive: true, force: true });
  if (!existsSync(path.join(addon, 'lib')))
    throw new SidecarError('Compiling gave no addon.', {
      where: addon,
      next: 'The log has all that the compiler said.',
    });
}
