/** A program and what it imports → one script, with every way to import TensorFlow.js leading to the sidecar's own. */
import { readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { BuildFailure, Loader, Message, Plugin } from 'esbuild';
import { messageOf, SidecarError, systemErrorCode } from '../errors';

export interface Bundle {
  /** The body of a function of `scriptParameters`. */
  code: string;
  /** JSON of the source map. */
  sourceMap: string;
  /** The entry file, links followed. */
  file: string;
}

/** What a bundled program may refer to freely. */
export const scriptParameters = ['require', 'module', 'exports', 'tf', 'takeBuilder', 'moduleUrl'] as const;

/** What the program asks for is handed over by `require` under this name. */
export const tfjsModule = '@tensorflow/tfjs';

const loaders: Record<string, Loader> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
};
/** Pages import such files; a model does not depend on them. */
const ignored = [
  '.css',
  '.scss',
  '.less',
  '.png',
  '.jpg',
  '.jpeg',
  '.gif',
  '.svg',
  '.webp',
  '.woff',
  '.woff2',
];

/**
 * @param builder An expression of the file's own top level that holds what gives the model; empty for none.
 * @throws SidecarError for what cannot be read, parsed or found, with its place.
 */
export async function bundleUserModule(givenFile: string, builder: string): Promise<Bundle> {
  const file = await entryFile(givenFile);
  const esbuild = loadEsbuild();
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [file],
      absWorkingDir: path.dirname(file),
      bundle: true,
      write: false,
      outdir: path.dirname(file),
      entryNames: 'layerwise-bundle',
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      keepNames: true,
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'silent',
      define: { 'import.meta.url': 'moduleUrl' },
      external: ['*.node'],
      loader: Object.fromEntries(ignored.map((ending) => [ending, 'empty'])),
      plugins: [ownTfjs, handOver(file, builder)],
    });
    const text = (ending: string) => outputFiles.find(({ path: name }) => name.endsWith(ending))?.text ?? '';
    return { code: text('.js'), sourceMap: text('.map'), file };
  } catch (error) {
    throw bundleError(error, file);
  } finally {
    // Its helper process has nothing more to do.
    await esbuild.stop();
  }
}

/** By whatever name or address it is imported. */
const ownTfjs: Plugin = {
  name: 'layerwise-tfjs',
  setup(build) {
    const own = { path: tfjsModule, external: true };
    build.onResolve(
      { filter: /^@tensorflow\/tfjs(-(core|layers|node|node-gpu|data|converter|backend-[a-z]+))?(\/|$)/ },
      () => own,
    );
    build.onResolve({ filter: /^https?:.*\btfjs\b/ }, () => own);
    build.onResolve({ filter: /^https?:/ }, ({ path: address }) => ({
      errors: [{ text: `\`${address}\` is not loaded: Layerwise fetches no code` }],
    }));
    // Through an alias of the user's tsconfig or package.json.
    build.onLoad(
      { filter: /[\\/]node_modules[\\/]@tensorflow[\\/]tfjs(-core|-layers|-node|-node-gpu)?[\\/]/ },
      () => ({
        contents: `module.exports = require('${tfjsModule}');`,
        loader: 'js',
      }),
    );
  },
};

/** Adds to the entry, in memory, the line that hands the builder over: it need not be exported. */
function handOver(file: string, builder: string): Plugin {
  return {
    name: 'layerwise-builder',
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path: loaded }) => {
        if (loaded !== file) return undefined;
        const contents = await readFile(file, 'utf8');
        const [name = ''] = builder.split('.');
        const take =
          name === '' || name === 'default'
            ? ''
            : `\n;takeBuilder(() => typeof ${name} === 'undefined' ? undefined : ${name});\n`;
        return { contents: contents + take, loader: loaders[path.extname(file).toLowerCase()] ?? 'js' };
      });
    },
  };
}

async function entryFile(given: string): Promise<string> {
  if (!(path.extname(given).toLowerCase() in loaders)) {
    throw new SidecarError('Only TypeScript and JavaScript files can be run to build a model.', {
      where: given,
      next: 'Move the model into a file of its own.',
    });
  }
  try {
    return await realpath(given);
  } catch (error) {
    const missing = systemErrorCode(error) === 'ENOENT';
    throw new SidecarError(
      missing
        ? 'The program that builds the model is not there.'
        : `The file cannot be read (${messageOf(error)}).`,
      { where: given },
    );
  }
}

function bundleError(error: unknown, file: string): SidecarError {
  const [first] = (error as Partial<BuildFailure>).errors ?? [];
  if (!first) {
    return new SidecarError(`The program cannot be bundled (${messageOf(error).split('\n')[0]}).`, {
      where: file,
      cause: error,
    });
  }
  const awaits = /top-level await/i.test(first.text);
  return new SidecarError(`The program cannot be bundled: ${first.text}.`, {
    where: placeOf(first, file),
    next: awaits
      ? 'Move the model into a function, which Layerwise can call without the rest of the file.'
      : undefined,
    cause: error,
  });
}

function placeOf({ location }: Message, file: string): string {
  if (!location) return file;
  return `${path.resolve(path.dirname(file), location.file)}:${location.line}:${location.column + 1}`;
}

function loadEsbuild(): typeof import('esbuild') {
  try {
    // Only what was installed with Layerwise: never what happens to lie in the folder that is open.
    return createRequire(process.argv[1] ?? '')('esbuild') as typeof import('esbuild');
  } catch (error) {
    throw new SidecarError(`esbuild does not load here (${messageOf(error).split('\n')[0]}).`, {
      next: 'Install Layerwise for this platform again.',
    });
  }
}
